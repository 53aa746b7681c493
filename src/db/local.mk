libcastgate_a_SOURCES += \
	src/db/budget.c \
	src/db/budget.h \
	src/db/connection.c \
	src/db/connection.h \
	src/db/db.c \
	src/db/db.h \
	src/db/deadline.c \
	src/db/deadline.h \
	src/db/held.c \
	src/db/held.h \
	src/db/link.c \
	src/db/link.h \
	src/db/outage.c \
	src/db/outage.h \
	src/db/question.c \
	src/db/question.h \
	src/db/prepared.c \
	src/db/prepared.h \
	src/db/row.c \
	src/db/row.h \
	src/db/sql_name.c \
	src/db/sql_name.h \
	src/db/slots.c \
	src/db/slots.h \
	src/db/statement.c \
	src/db/statement.h
