libcastgate_a_SOURCES += \
	src/credential/companion.c \
	src/credential/companion.h \
	src/credential/better_auth.c \
	src/credential/better_auth.h \
	src/credential/better_auth_sql.c \
	src/credential/better_auth_sql.h \
	src/credential/credential.c \
	src/credential/credential.h \
	src/credential/jwt.c \
	src/credential/jwt.h \
	src/credential/own_session.c \
	src/credential/own_session.h \
	src/credential/sanctum.c \
	src/credential/sanctum.h \
	src/credential/sanctum_examine.c \
	src/credential/sanctum_examine.h \
	src/credential/sanctum_owner.c \
	src/credential/sanctum_owner.h \
	src/credential/sanctum_sql.c \
	src/credential/sanctum_sql.h \
	src/credential/sanctum_token.c \
	src/credential/sanctum_token.h \
	src/credential/source.c \
	src/credential/source.h \
	src/credential/token.c \
	src/credential/token.h
