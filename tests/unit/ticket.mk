unit_programs += tests/unit/test_ticket
tests_unit_test_ticket_SOURCES = tests/unit/test_ticket.c
tests_unit_test_ticket_CPPFLAGS = $(unit_cppflags)
tests_unit_test_ticket_CFLAGS = $(unit_cflags)
tests_unit_test_ticket_LDADD = $(unit_libs)

unit_programs += tests/unit/test_ticket_vectors
tests_unit_test_ticket_vectors_SOURCES = tests/unit/test_ticket_vectors.c
tests_unit_test_ticket_vectors_CPPFLAGS = $(unit_cppflags)
tests_unit_test_ticket_vectors_CFLAGS = $(unit_cflags)
tests_unit_test_ticket_vectors_LDADD = $(unit_libs)

EXTRA_DIST += \
	tests/vectors/README.md \
	tests/vectors/ecs_fields.txt \
	tests/vectors/ocsf_api_activity.json \
	tests/vectors/laravel_recorded.json \
	tests/vectors/pusher_published.json
