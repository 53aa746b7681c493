unit_programs += tests/unit/test_request
tests_unit_test_request_SOURCES = tests/unit/test_request.c
tests_unit_test_request_CPPFLAGS = $(unit_cppflags)
tests_unit_test_request_CFLAGS = $(unit_cflags)
tests_unit_test_request_LDADD = $(unit_libs)
