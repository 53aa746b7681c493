unit_programs += tests/unit/test_fcgi_record
tests_unit_test_fcgi_record_SOURCES = tests/unit/test_fcgi_record.c
tests_unit_test_fcgi_record_CPPFLAGS = $(unit_cppflags)
tests_unit_test_fcgi_record_CFLAGS = $(unit_cflags)
tests_unit_test_fcgi_record_LDADD = $(unit_libs)

unit_programs += tests/unit/test_fcgi_front
tests_unit_test_fcgi_front_SOURCES = tests/unit/test_fcgi_front.c
tests_unit_test_fcgi_front_CPPFLAGS = $(unit_cppflags)
tests_unit_test_fcgi_front_CFLAGS = $(unit_cflags)
tests_unit_test_fcgi_front_LDADD = $(unit_libs)

unit_programs += tests/unit/test_client_address
tests_unit_test_client_address_SOURCES = tests/unit/test_client_address.c
tests_unit_test_client_address_CPPFLAGS = $(unit_cppflags)
tests_unit_test_client_address_CFLAGS = $(unit_cflags)
tests_unit_test_client_address_LDADD = $(unit_libs)
