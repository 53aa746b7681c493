config_fixture = tests/unit/config_fixture.c tests/unit/config_fixture.h

unit_programs += tests/unit/test_config_prescan
tests_unit_test_config_prescan_SOURCES = tests/unit/test_config_prescan.c $(config_fixture)
tests_unit_test_config_prescan_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_prescan_CFLAGS = $(unit_cflags)
tests_unit_test_config_prescan_LDADD = $(unit_libs)
