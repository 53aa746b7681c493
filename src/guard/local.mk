libcastgate_a_SOURCES += \
	src/guard/audit.c \
	src/guard/audit.h \
	src/guard/metrics.c \
	src/guard/metrics.h \
	src/guard/sandbox.c \
	src/guard/sandbox.h \
	src/guard/throttle.c \
	src/guard/throttle.h
