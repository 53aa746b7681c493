libcastgate_a_SOURCES += \
	src/crypto/digest.c \
	src/crypto/digest.h \
	src/crypto/https_get.c \
	src/crypto/https_get.h \
	src/crypto/https_reply.c \
	src/crypto/https_reply.h \
	src/crypto/openssl_start.c \
	src/crypto/openssl_start.h \
	src/crypto/signing_key.c \
	src/crypto/signing_key.h \
	src/crypto/siphash.c \
	src/crypto/siphash.h \
	src/crypto/jwa.c \
	src/crypto/jwa.h \
	src/crypto/jwk.c \
	src/crypto/jwk.h \
	src/crypto/jwks.c \
	src/crypto/jwks.h \
	src/crypto/jwks_cache.c \
	src/crypto/jwks_cache.h \
	src/crypto/jwt.c \
	src/crypto/jwt.h \
	src/crypto/stream.c \
	src/crypto/stream.h \
	src/crypto/websocket_key.c \
	src/crypto/websocket_key.h
