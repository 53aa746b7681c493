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

unit_programs += tests/unit/test_peers
tests_unit_test_peers_SOURCES = tests/unit/test_peers.c
tests_unit_test_peers_CPPFLAGS = $(unit_cppflags)
tests_unit_test_peers_CFLAGS = $(unit_cflags)
tests_unit_test_peers_LDADD = $(unit_libs)

unit_programs += tests/unit/test_prefork
tests_unit_test_prefork_SOURCES = tests/unit/test_prefork.c
tests_unit_test_prefork_CPPFLAGS = $(unit_cppflags)
tests_unit_test_prefork_CFLAGS = $(unit_cflags)
tests_unit_test_prefork_LDADD = $(unit_libs)
