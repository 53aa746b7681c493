unit_programs += tests/unit/test_digest
tests_unit_test_digest_SOURCES = tests/unit/test_digest.c
tests_unit_test_digest_CPPFLAGS = $(unit_cppflags)
tests_unit_test_digest_CFLAGS = $(unit_cflags)
tests_unit_test_digest_LDADD = $(unit_libs)
