unit_programs += tests/unit/test_sandbox
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c
tests_unit_test_sandbox_CPPFLAGS = $(unit_cppflags)
tests_unit_test_sandbox_CFLAGS = $(unit_cflags)
tests_unit_test_sandbox_LDADD = $(unit_libs)

unit_programs += tests/unit/test_audit
tests_unit_test_audit_SOURCES = tests/unit/test_audit.c
tests_unit_test_audit_CPPFLAGS = $(unit_cppflags)
tests_unit_test_audit_CFLAGS = $(unit_cflags)
tests_unit_test_audit_LDADD = $(unit_libs)
unit_programs += tests/unit/test_throttle
tests_unit_test_throttle_SOURCES = tests/unit/test_throttle.c
tests_unit_test_throttle_CPPFLAGS = $(unit_cppflags)
tests_unit_test_throttle_CFLAGS = $(unit_cflags)
tests_unit_test_throttle_LDADD = $(unit_libs)
