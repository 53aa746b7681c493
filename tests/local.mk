# Tests. Each unit test program is one file over libcastgate.a; a room lists its own in
# tests/unit/ROOM.mk.
unit_programs =
unit_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -DTEST_SRCDIR='"$(abs_top_srcdir)/tests"'
unit_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS)
unit_libs = libcastgate_unit.a $(castgate_libs) $(CHECK_LIBS)

include tests/unit/base.mk
include tests/unit/codec.mk
include tests/unit/crypto.mk
include tests/unit/ticket.mk
include tests/unit/config.mk
include tests/unit/db.mk
include tests/unit/http.mk
include tests/unit/credential.mk
include tests/unit/channel.mk
include tests/unit/cli.mk
include tests/unit/endpoint.mk
include tests/unit/guard.mk
include tests/unit/session.mk

if HAVE_CHECK
noinst_LIBRARIES += libcastgate_unit.a
libcastgate_unit_a_SOURCES = tests/unit/runner.c tests/unit/runner.h
libcastgate_unit_a_CPPFLAGS = $(unit_cppflags)
libcastgate_unit_a_CFLAGS = $(unit_cflags)
check_PROGRAMS += $(unit_programs)
TESTS += $(unit_programs)
endif

check_PROGRAMS += tests/memory_transport
tests_memory_transport_SOURCES = tests/memory_transport.c
tests_memory_transport_LDADD = $(castgate_libs)

# Test programs in Python find this build through CASTGATE_BUILD and leave no compiled files behind.
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = $(PYTHON3)
AM_PY_LOG_FLAGS = -B
# libcheck ends a test after four seconds otherwise, which a slow machine may need.
AM_TESTS_ENVIRONMENT = \
	CASTGATE_BUILD='$(abs_top_builddir)'; export CASTGATE_BUILD; \
	CK_DEFAULT_TIMEOUT=120; export CK_DEFAULT_TIMEOUT;

include tests/integration/integration.mk
include tests/e2e/e2e.mk

include tests/guard/guard.mk
include tests/faults/faults.mk
include tests/servers/servers.mk
include tests/fuzz/fuzz.mk
include tests/bench/bench.mk
