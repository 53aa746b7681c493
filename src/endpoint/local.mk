libcastgate_a_SOURCES += \
	src/endpoint/call.c \
	src/endpoint/call.h \
	src/endpoint/channel_auth.c \
	src/endpoint/channel_auth.h \
	src/endpoint/cross_site.c \
	src/endpoint/cross_site.h \
	src/endpoint/developer.c \
	src/endpoint/developer.h \
	src/endpoint/dialect.c \
	src/endpoint/dialect.h \
	src/endpoint/host.c \
	src/endpoint/host.h \
	src/endpoint/limits.c \
	src/endpoint/limits.h \
	src/endpoint/reply.c \
	src/endpoint/reply.h \
	src/endpoint/serve.c \
	src/endpoint/serve.h \
	src/endpoint/service.c \
	src/endpoint/service.h \
	src/endpoint/session_action.c \
	src/endpoint/session_action.h \
	src/endpoint/subscription.c \
	src/endpoint/subscription.h
