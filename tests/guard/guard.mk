# Guards: programs that keep the house rules. Each first shows itself wrong samples.
AM_TESTS_ENVIRONMENT += \
	AR='$(AR)'; export AR; \
	GUARD_CC='$(CC)'; export GUARD_CC; \
	GUARD_CFLAGS='$(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS)'; export GUARD_CFLAGS;

guards = \
	tests/guard/calls.py \
	tests/guard/headers.py \
	tests/guard/registration.py \
	tests/guard/rooms.py
TESTS += $(guards)
EXTRA_DIST += $(guards) tests/guard/house.py
