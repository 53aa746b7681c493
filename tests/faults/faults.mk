# Long tests that judge times; not part of `make check`.
fault_tests = \
	tests/faults/cluster.py \
	tests/faults/database.py \
	tests/faults/migrate.py \
	tests/faults/peers.py \
	tests/faults/process.py \
	tests/faults/session.py \
	tests/faults/units.py
EXTRA_DIST += $(fault_tests)

# All of them, also after one has failed; one that could not run at all ends with 77.
check-faults: all
	@failed=; \
	for test in $(fault_tests); do \
		echo "== $$test"; \
		CASTGATE_BUILD=$(abs_top_builddir) $(PYTHON3) -B $(srcdir)/$$test; \
		case $$? in 0 | 77) ;; *) failed="$$failed $$test" ;; esac; \
	done; \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }
.PHONY: check-faults
