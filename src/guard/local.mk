libcastgate_a_SOURCES += \
	src/guard/audit.c \
	src/guard/audit.h
