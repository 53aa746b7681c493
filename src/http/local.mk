libcastgate_a_SOURCES += \
	src/http/cgi.c \
	src/http/cgi.h \
	src/http/client_address.c \
	src/http/client_address.h \
	src/http/complaint.c \
	src/http/complaint.h \
	src/http/crew.c \
	src/http/crew.h \
	src/http/exchange.c \
	src/http/exchange.h \
	src/http/fcgi_front.c \
	src/http/fcgi_front.h \
	src/http/fcgi_record.c \
	src/http/fcgi_record.h \
	src/http/fcgi_wire.c \
	src/http/fcgi_wire.h \
	src/http/keeper.c \
	src/http/keeper.h \
	src/http/listener.c \
	src/http/listener.h \
	src/http/peers.c \
	src/http/peers.h \
	src/http/prefork.c \
	src/http/prefork.h \
	src/http/request.c \
	src/http/request.h
