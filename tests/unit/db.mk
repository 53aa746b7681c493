unit_programs += tests/unit/test_statement
tests_unit_test_statement_SOURCES = tests/unit/test_statement.c
tests_unit_test_statement_CPPFLAGS = $(unit_cppflags)
tests_unit_test_statement_CFLAGS = $(unit_cflags)
tests_unit_test_statement_LDADD = $(unit_libs)

unit_programs += tests/unit/test_outage
tests_unit_test_outage_SOURCES = tests/unit/test_outage.c
tests_unit_test_outage_CPPFLAGS = $(unit_cppflags)
tests_unit_test_outage_CFLAGS = $(unit_cflags)
tests_unit_test_outage_LDADD = $(unit_libs)

unit_programs += tests/unit/test_slots
tests_unit_test_slots_SOURCES = tests/unit/test_slots.c
tests_unit_test_slots_CPPFLAGS = $(unit_cppflags)
tests_unit_test_slots_CFLAGS = $(unit_cflags)
tests_unit_test_slots_LDADD = $(unit_libs)

unit_programs += tests/unit/test_plain_select
tests_unit_test_plain_select_SOURCES = tests/unit/test_plain_select.c
tests_unit_test_plain_select_CPPFLAGS = $(unit_cppflags)
tests_unit_test_plain_select_CFLAGS = $(unit_cflags)
tests_unit_test_plain_select_LDADD = $(unit_libs)

unit_programs += tests/unit/test_script
tests_unit_test_script_SOURCES = tests/unit/test_script.c
tests_unit_test_script_CPPFLAGS = $(unit_cppflags)
tests_unit_test_script_CFLAGS = $(unit_cflags)
tests_unit_test_script_LDADD = $(unit_libs)
unit_programs += tests/unit/test_purpose
tests_unit_test_purpose_SOURCES = tests/unit/test_purpose.c
tests_unit_test_purpose_CPPFLAGS = $(unit_cppflags)
tests_unit_test_purpose_CFLAGS = $(unit_cflags)
tests_unit_test_purpose_LDADD = $(unit_libs)
