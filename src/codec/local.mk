libcastgate_a_SOURCES += \
	src/codec/address.c \
	src/codec/address.h \
	src/codec/base64.c \
	src/codec/base64.h \
	src/codec/cookies.c \
	src/codec/cookies.h \
	src/codec/fields.c \
	src/codec/fields.h \
	src/codec/fields_append.h \
	src/codec/fields_json.c \
	src/codec/fields_multipart.c \
	src/codec/header_parameter.c \
	src/codec/header_parameter.h \
	src/codec/json_document.c \
	src/codec/json_object.c \
	src/codec/json_object.h \
	src/codec/json_parse.c \
	src/codec/json_parse.h \
	src/codec/json_write.c \
	src/codec/json_write.h \
	src/codec/percent.c \
	src/codec/percent.h \
	src/codec/subscription_syntax.c \
	src/codec/subscription_syntax.h \
	src/codec/trace_context.c \
	src/codec/trace_context.h
