libcastgate_a_SOURCES += \
	src/credential/credential.c \
	src/credential/credential.h \
	src/credential/jwt.c \
	src/credential/jwt.h \
	src/credential/own_session.c \
	src/credential/own_session.h \
	src/credential/sanctum.c \
	src/credential/sanctum.h \
	src/credential/sanctum_sql.c \
	src/credential/sanctum_sql.h \
	src/credential/source.c \
	src/credential/source.h
