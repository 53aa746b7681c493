libcastgate_a_SOURCES += \
	src/channel/members.c \
	src/channel/pattern.c \
	src/channel/pattern.h \
	src/channel/query.c \
	src/channel/query.h \
	src/channel/rule.c \
	src/channel/rule.h \
	src/channel/scope.c \
	src/channel/scope.h \
	src/channel/template.c \
	src/channel/template.h
