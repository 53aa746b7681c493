# The program's sources, room by room. Each room lists its files in its own local.mk.
noinst_LIBRARIES += libcastgate.a
libcastgate_a_SOURCES =
include src/base/local.mk
include src/codec/local.mk
include src/crypto/local.mk
include src/config/local.mk
include src/ticket/local.mk
include src/db/local.mk
include src/http/local.mk
include src/session/local.mk
include src/credential/local.mk
include src/channel/local.mk
include src/guard/local.mk
include src/endpoint/local.mk
include src/cli/local.mk

# Both programs are thin mains over the archive; every test links the same code.
libexec_PROGRAMS = castgate.fcgi
bin_PROGRAMS = castgate
castgate_fcgi_SOURCES = src/main_responder.c
castgate_fcgi_LDADD = $(castgate_libs)
castgate_SOURCES = src/main_tool.c
castgate_LDADD = $(castgate_libs)
