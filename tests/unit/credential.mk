unit_programs += tests/unit/test_source
tests_unit_test_source_SOURCES = tests/unit/test_source.c
tests_unit_test_source_CPPFLAGS = $(unit_cppflags)
tests_unit_test_source_CFLAGS = $(unit_cflags)
tests_unit_test_source_LDADD = $(unit_libs)

unit_programs += tests/unit/test_better_auth_sql
tests_unit_test_better_auth_sql_SOURCES = tests/unit/test_better_auth_sql.c
tests_unit_test_better_auth_sql_CPPFLAGS = $(unit_cppflags)
tests_unit_test_better_auth_sql_CFLAGS = $(unit_cflags)
tests_unit_test_better_auth_sql_LDADD = $(unit_libs)

unit_programs += tests/unit/test_sanctum_sql
tests_unit_test_sanctum_sql_SOURCES = tests/unit/test_sanctum_sql.c
tests_unit_test_sanctum_sql_CPPFLAGS = $(unit_cppflags)
tests_unit_test_sanctum_sql_CFLAGS = $(unit_cflags)
tests_unit_test_sanctum_sql_LDADD = $(unit_libs)

unit_programs += tests/unit/test_identity
tests_unit_test_identity_SOURCES = tests/unit/test_identity.c
tests_unit_test_identity_CPPFLAGS = $(unit_cppflags)
tests_unit_test_identity_CFLAGS = $(unit_cflags)
tests_unit_test_identity_LDADD = $(unit_libs)
