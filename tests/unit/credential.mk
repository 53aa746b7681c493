unit_programs += tests/unit/test_source
tests_unit_test_source_SOURCES = tests/unit/test_source.c
tests_unit_test_source_CPPFLAGS = $(unit_cppflags)
tests_unit_test_source_CFLAGS = $(unit_cflags)
tests_unit_test_source_LDADD = $(unit_libs)
