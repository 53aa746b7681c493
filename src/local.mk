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
include src/credential/local.mk
include src/channel/local.mk
