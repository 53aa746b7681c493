libcastgate_a_SOURCES += \
	src/crypto/digest.c \
	src/crypto/digest.h \
	src/crypto/jwa.c \
	src/crypto/jwa.h \
	src/crypto/jwk.c \
	src/crypto/jwk.h \
	src/crypto/jwt.c \
	src/crypto/jwt.h
