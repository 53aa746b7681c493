libcastgate_a_SOURCES += \
	src/cli/check.c \
	src/cli/command.c \
	src/cli/command.h \
	src/cli/session.c \
	src/cli/show_config.c \
	src/cli/sign.c \
	src/cli/token.c \
	src/cli/token_database.c \
	src/cli/token_database.h
