libcastgate_a_SOURCES += \
	src/guard/audit.c \
	src/guard/audit.h \
	src/guard/audit_line.c \
	src/guard/audit_line.h \
	src/guard/audit_ocsf.c \
	src/guard/audit_ocsf.h \
	src/guard/audit_sink.c \
	src/guard/audit_sink.h \
	src/guard/audit_string.c \
	src/guard/audit_string.h \
	src/guard/metrics.c \
	src/guard/metrics.h \
	src/guard/sandbox.c \
	src/guard/sandbox.h \
	src/guard/throttle.c \
	src/guard/throttle.h
