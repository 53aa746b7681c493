libcastgate_a_SOURCES += \
	src/session/session_access.c \
	src/session/session_bridge.c \
	src/session/session.h \
	src/session/session_key.c \
	src/session/session_key.h \
	src/session/session_refresh.c \
	src/session/session_sql.c \
	src/session/session_sql.h \
	src/session/session_store.c \
	src/session/session_store.h
