libcastgate_a_SOURCES += \
	src/ticket/ticket.c \
	src/ticket/ticket.h \
	src/ticket/user_data.c
