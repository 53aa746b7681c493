libcastgate_a_SOURCES += \
	src/base/arena.c \
	src/base/arena.h \
	src/base/ascii.h \
	src/base/buffer.c \
	src/base/buffer.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/descriptor.c \
	src/base/descriptor.h \
	src/base/environment.c \
	src/base/environment.h \
	src/base/origin.h \
	src/base/report.c \
	src/base/report.h \
	src/base/shared.c \
	src/base/shared.h \
	src/base/text.c \
	src/base/text.h \
	src/base/value.h \
	src/base/trace.c \
	src/base/trace.h \
	src/base/verdict.c \
	src/base/verdict.h \
	src/base/word_file.c \
	src/base/word_file.h
