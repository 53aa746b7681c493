/* What is one typed value on its way from a row or a request into a parameter, a proof or JSON? */
#ifndef CASTGATE_BASE_VALUE_H
#define CASTGATE_BASE_VALUE_H

#include "base/text.h"

/* Zeroed memory is "no value": it refuses wherever a value is needed. */
enum value_kind {
	VALUE_NONE,    /* SQL NULL, or never set */
	VALUE_INTEGER, /* canonical decimal, possibly with a minus sign */
	VALUE_DECIMAL, /* exact number as the database wrote it */
	VALUE_DOUBLE,  /* shortest decimal form that reads back as the same double */
	VALUE_TEXT,    /* character data, also dates and times as text */
	VALUE_BINARY   /* bytes that are no text; never shown to a client */
};

/* `text` is the value's bytes in the form named above, absent where there is no value; borrowed. */
struct value {
	enum value_kind kind;
	struct text text;
};

/* The same kind and, byte for byte, the same text. No value equals nothing, not even another. */
static inline bool value_equal(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && text_equal(a->text, b->text);
}

struct named_value {
	struct text name;
	struct value value;
};

#endif
