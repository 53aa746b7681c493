unit_programs += tests/unit/test_fields
tests_unit_test_fields_SOURCES = tests/unit/test_fields.c tests/unit/field_rows.c \
	tests/unit/field_rows.h
tests_unit_test_fields_CPPFLAGS = $(unit_cppflags)
tests_unit_test_fields_CFLAGS = $(unit_cflags)
tests_unit_test_fields_LDADD = $(unit_libs)

unit_programs += tests/unit/test_fields_multipart
tests_unit_test_fields_multipart_SOURCES = tests/unit/test_fields_multipart.c tests/unit/field_rows.c \
	tests/unit/field_rows.h
tests_unit_test_fields_multipart_CPPFLAGS = $(unit_cppflags)
tests_unit_test_fields_multipart_CFLAGS = $(unit_cflags)
tests_unit_test_fields_multipart_LDADD = $(unit_libs)

unit_programs += tests/unit/test_json_write
tests_unit_test_json_write_SOURCES = tests/unit/test_json_write.c
tests_unit_test_json_write_CPPFLAGS = $(unit_cppflags)
tests_unit_test_json_write_CFLAGS = $(unit_cflags)
tests_unit_test_json_write_LDADD = $(unit_libs)

unit_programs += tests/unit/test_base64
tests_unit_test_base64_SOURCES = tests/unit/test_base64.c
tests_unit_test_base64_CPPFLAGS = $(unit_cppflags)
tests_unit_test_base64_CFLAGS = $(unit_cflags)
tests_unit_test_base64_LDADD = $(unit_libs)

unit_programs += tests/unit/test_subscription_syntax
tests_unit_test_subscription_syntax_SOURCES = tests/unit/test_subscription_syntax.c
tests_unit_test_subscription_syntax_CPPFLAGS = $(unit_cppflags)
tests_unit_test_subscription_syntax_CFLAGS = $(unit_cflags)
tests_unit_test_subscription_syntax_LDADD = $(unit_libs)

unit_programs += tests/unit/test_cookies
tests_unit_test_cookies_SOURCES = tests/unit/test_cookies.c
tests_unit_test_cookies_CPPFLAGS = $(unit_cppflags)
tests_unit_test_cookies_CFLAGS = $(unit_cflags)
tests_unit_test_cookies_LDADD = $(unit_libs)
unit_programs += tests/unit/test_address
tests_unit_test_address_SOURCES = tests/unit/test_address.c
tests_unit_test_address_CPPFLAGS = $(unit_cppflags)
tests_unit_test_address_CFLAGS = $(unit_cflags)
tests_unit_test_address_LDADD = $(unit_libs)
unit_programs += tests/unit/test_json_object
tests_unit_test_json_object_SOURCES = tests/unit/test_json_object.c
tests_unit_test_json_object_CPPFLAGS = $(unit_cppflags)
tests_unit_test_json_object_CFLAGS = $(unit_cflags)
tests_unit_test_json_object_LDADD = $(unit_libs)

unit_programs += tests/unit/test_trace_context
tests_unit_test_trace_context_SOURCES = tests/unit/test_trace_context.c
tests_unit_test_trace_context_CPPFLAGS = $(unit_cppflags)
tests_unit_test_trace_context_CFLAGS = $(unit_cflags)
tests_unit_test_trace_context_LDADD = $(unit_libs)
unit_programs += tests/unit/test_web_address
tests_unit_test_web_address_SOURCES = tests/unit/test_web_address.c
tests_unit_test_web_address_CPPFLAGS = $(unit_cppflags)
tests_unit_test_web_address_CFLAGS = $(unit_cflags)
tests_unit_test_web_address_LDADD = $(unit_libs)
