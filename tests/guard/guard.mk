# Guards: programs that keep the house rules. Each first shows itself wrong samples.
AM_TESTS_ENVIRONMENT += \
	AR='$(AR)'; export AR; \
	GUARD_CC='$(CC)'; export GUARD_CC; \
	GUARD_CFLAGS='$(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS)'; export GUARD_CFLAGS;

guards = \
	tests/guard/calls.py \
	tests/guard/headers.py \
	tests/guard/manual.py \
	tests/guard/packages.py \
	tests/guard/reasons.py \
	tests/guard/registration.py \
	tests/guard/rooms.py
TESTS += $(guards)
EXTRA_DIST += $(guards) tests/guard/house.py

check_PROGRAMS += tests/guard/list_directives
tests_guard_list_directives_SOURCES = tests/guard/list_directives.c
tests_guard_list_directives_LDADD = $(castgate_libs)
