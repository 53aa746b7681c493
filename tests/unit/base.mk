unit_programs += tests/unit/test_base
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CPPFLAGS = $(unit_cppflags)
tests_unit_test_base_CFLAGS = $(unit_cflags)
tests_unit_test_base_LDADD = $(unit_libs)

unit_programs += tests/unit/test_environment
tests_unit_test_environment_SOURCES = tests/unit/test_environment.c
tests_unit_test_environment_CPPFLAGS = $(unit_cppflags)
tests_unit_test_environment_CFLAGS = $(unit_cflags)
tests_unit_test_environment_LDADD = $(unit_libs)
