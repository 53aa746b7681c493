# The benchmark: `make bench`. Its programs are also built for `make check`, where test_bench.py tries
# each of them for a second and judges no time.
bench_programs = \
	tests/bench/null_responder \
	tests/bench/floor_responder \
	tests/bench/null_cgi \
	tests/bench/storm \
	tests/bench/throttle_cost \
	tests/bench/token_cost
check_PROGRAMS += $(bench_programs)

tests_bench_null_responder_SOURCES = tests/bench/null_responder.c tests/bench/workers.c tests/bench/workers.h
tests_bench_null_responder_LDADD = $(FCGI_LIBS)
tests_bench_floor_responder_SOURCES = tests/bench/floor_responder.c tests/bench/workers.c tests/bench/workers.h
tests_bench_floor_responder_LDADD = $(FCGI_LIBS) $(MYSQL_LIBS) $(CRYPTO_LIBS)
# linked to all that castgate.fcgi is linked to, in that order, although it needs none of it
tests_bench_null_cgi_SOURCES = tests/bench/null_cgi.c
tests_bench_null_cgi_LDFLAGS = $(AM_LDFLAGS) -Wl,--no-as-needed
tests_bench_null_cgi_LDADD = $(castgate_libs)
tests_bench_storm_SOURCES = tests/bench/storm.c
# tests/bench/throttle_cost FOLDER: what the throttle adds to a request; FOLDER as state_dir
tests_bench_throttle_cost_SOURCES = tests/bench/throttle_cost.c
tests_bench_throttle_cost_LDADD = $(castgate_libs)
# tests/bench/token_cost: what verifying a signed token costs
tests_bench_token_cost_SOURCES = tests/bench/token_cost.c
tests_bench_token_cost_LDADD = $(castgate_libs)

# sanitizers replace what is measured
if !SANITIZERS
TESTS += tests/bench/test_bench.py
endif
EXTRA_DIST += \
	tests/bench/README.md \
	tests/bench/bench.conf \
	tests/bench/bench.py \
	tests/bench/data.py \
	tests/bench/fronts.py \
	tests/bench/load.lua \
	tests/bench/measure.py \
	tests/bench/network.py \
	tests/bench/prune.py \
	tests/bench/recipes.py \
	tests/bench/rows.py \
	tests/bench/test_bench.py

# BENCH_OPTIONS: see tests/bench/bench.py --help
bench: all
	$(MAKE) $(AM_MAKEFLAGS) $(bench_programs)
	CASTGATE_BUILD=$(abs_top_builddir) $(PYTHON3) -B $(srcdir)/tests/bench/bench.py $(BENCH_OPTIONS)
# what a request of each recipe costs, as a ratio to system 1
bench-recipes: all
	CASTGATE_BUILD=$(abs_top_builddir) $(PYTHON3) -B $(srcdir)/tests/bench/recipes.py
# lookups among 10^4 to 10^7 rows; ROWS_OPTIONS: see tests/bench/rows.py --help
bench-rows: all
	$(MAKE) $(AM_MAKEFLAGS) tests/memory_transport
	CASTGATE_BUILD=$(abs_top_builddir) $(PYTHON3) -B $(srcdir)/tests/bench/rows.py $(ROWS_OPTIONS)
# what is over, deleted under load; PRUNE_OPTIONS: see tests/bench/prune.py --help
bench-prune: all
	CASTGATE_BUILD=$(abs_top_builddir) $(PYTHON3) -B $(srcdir)/tests/bench/prune.py $(PRUNE_OPTIONS)
.PHONY: bench bench-prune bench-recipes bench-rows
