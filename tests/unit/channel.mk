unit_programs += tests/unit/test_pattern
tests_unit_test_pattern_SOURCES = tests/unit/test_pattern.c
tests_unit_test_pattern_CPPFLAGS = $(unit_cppflags)
tests_unit_test_pattern_CFLAGS = $(unit_cflags)
tests_unit_test_pattern_LDADD = $(unit_libs)
EXTRA_DIST += tests/rules/patterns.txt
