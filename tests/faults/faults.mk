# Long tests that judge times; not part of `make check`.
fault_tests = \
	tests/faults/cluster.py \
	tests/faults/database.py \
	tests/faults/migrate.py \
	tests/faults/peers.py \
	tests/faults/process.py \
	tests/faults/session.py \
	tests/faults/units.py
EXTRA_DIST += $(fault_tests) tests/faults/README.md tests/faults/run.py

# All of them, or FAULT_OPTIONS="WORD..." those with a word in their name; see tests/faults/README.md
check-faults: all
	CASTGATE_BUILD=$(abs_top_builddir) $(PYTHON3) -B $(srcdir)/tests/faults/run.py $(FAULT_OPTIONS)
.PHONY: check-faults
