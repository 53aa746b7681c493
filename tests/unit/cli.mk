unit_programs += tests/unit/test_expectation
tests_unit_test_expectation_SOURCES = tests/unit/test_expectation.c
tests_unit_test_expectation_CPPFLAGS = $(unit_cppflags)
tests_unit_test_expectation_CFLAGS = $(unit_cflags)
tests_unit_test_expectation_LDADD = $(unit_libs)
