libcastgate_a_SOURCES += \
	src/cli/check.c \
	src/cli/command.c \
	src/cli/command.h \
	src/cli/explain.c \
	src/cli/explain.h \
	src/cli/explain_json.c \
	src/cli/explain_print.c \
	src/cli/explain_request.c \
	src/cli/migrate.c \
	src/cli/migrate.h \
	src/cli/migrate_book.c \
	src/cli/migrate_book.h \
	src/cli/migrate_look.c \
	src/cli/migrate_set.c \
	src/cli/migrate_set.h \
	src/cli/migrate_tell.c \
	src/cli/migrate_tell.h \
	src/cli/migrate_up.c \
	src/cli/session.c \
	src/cli/show_config.c \
	src/cli/sign.c \
	src/cli/terminal.c \
	src/cli/terminal.h \
	src/cli/token.c \
	src/cli/token_database.c \
	src/cli/token_database.h
