libcastgate_a_SOURCES += \
	src/crypto/digest.c \
	src/crypto/digest.h \
	src/crypto/siphash.c \
	src/crypto/siphash.h
