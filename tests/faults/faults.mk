# Long tests that judge times; not part of `make check`.
fault_tests = tests/faults/database.py
EXTRA_DIST += $(fault_tests)

check-faults: all
	@for test in $(fault_tests); do \
		echo "== $$test"; \
		CASTGATE_BUILD=$(abs_top_builddir) $(PYTHON3) $(srcdir)/$$test || exit 1; \
	done
.PHONY: check-faults
