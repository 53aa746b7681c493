config_fixture = tests/unit/config_fixture.c tests/unit/config_fixture.h

unit_programs += tests/unit/test_config_prescan
tests_unit_test_config_prescan_SOURCES = tests/unit/test_config_prescan.c $(config_fixture)
tests_unit_test_config_prescan_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_prescan_CFLAGS = $(unit_cflags)
tests_unit_test_config_prescan_LDADD = $(unit_libs)

unit_programs += tests/unit/test_config
tests_unit_test_config_SOURCES = tests/unit/test_config.c $(config_fixture)
tests_unit_test_config_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_CFLAGS = $(unit_cflags)
tests_unit_test_config_LDADD = $(unit_libs)

unit_programs += tests/unit/test_config_files
tests_unit_test_config_files_SOURCES = tests/unit/test_config_files.c $(config_fixture)
tests_unit_test_config_files_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_files_CFLAGS = $(unit_cflags)
tests_unit_test_config_files_LDADD = $(unit_libs)

unit_programs += tests/unit/test_config_endpoint
tests_unit_test_config_endpoint_SOURCES = tests/unit/test_config_endpoint.c $(config_fixture)
tests_unit_test_config_endpoint_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_endpoint_CFLAGS = $(unit_cflags)
tests_unit_test_config_endpoint_LDADD = $(unit_libs)

unit_programs += tests/unit/test_dotenv
tests_unit_test_dotenv_SOURCES = tests/unit/test_dotenv.c $(config_fixture)
tests_unit_test_dotenv_CPPFLAGS = $(unit_cppflags)
tests_unit_test_dotenv_CFLAGS = $(unit_cflags)
tests_unit_test_dotenv_LDADD = $(unit_libs)

unit_programs += tests/unit/test_config_show
tests_unit_test_config_show_SOURCES = tests/unit/test_config_show.c $(config_fixture)
tests_unit_test_config_show_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_show_CFLAGS = $(unit_cflags)
tests_unit_test_config_show_LDADD = $(unit_libs)

unit_programs += tests/unit/test_config_second_reader
tests_unit_test_config_second_reader_SOURCES = \
	tests/unit/test_config_second_reader.c $(config_fixture)
tests_unit_test_config_second_reader_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_second_reader_CFLAGS = $(unit_cflags)
tests_unit_test_config_second_reader_LDADD = $(unit_libs)

unit_programs += tests/unit/test_config_credential
tests_unit_test_config_credential_SOURCES = tests/unit/test_config_credential.c $(config_fixture)
tests_unit_test_config_credential_CPPFLAGS = $(unit_cppflags)
tests_unit_test_config_credential_CFLAGS = $(unit_cflags)
tests_unit_test_config_credential_LDADD = $(unit_libs)
