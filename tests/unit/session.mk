unit_programs += tests/unit/test_session_key
tests_unit_test_session_key_SOURCES = tests/unit/test_session_key.c
tests_unit_test_session_key_CPPFLAGS = $(unit_cppflags)
tests_unit_test_session_key_CFLAGS = $(unit_cflags)
tests_unit_test_session_key_LDADD = $(unit_libs)
