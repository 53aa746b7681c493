unit_programs += tests/unit/test_statement
tests_unit_test_statement_SOURCES = tests/unit/test_statement.c
tests_unit_test_statement_CPPFLAGS = $(unit_cppflags)
tests_unit_test_statement_CFLAGS = $(unit_cflags)
tests_unit_test_statement_LDADD = $(unit_libs)
