/* What does a JSON object from outside say, member by member? */
#ifndef CASTGATE_CODEC_JSON_OBJECT_H
#define CASTGATE_CODEC_JSON_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

enum json_member_kind {
	JSON_MEMBER_NULL,
	JSON_MEMBER_BOOLEAN,
	JSON_MEMBER_INTEGER,
	JSON_MEMBER_REAL,
	JSON_MEMBER_STRING,
	JSON_MEMBER_LIST,
	JSON_MEMBER_OBJECT
};

struct json_member;

/* The members of an object in their order, or the elements of a list. */
struct json_object {
	const struct json_member *members;
	size_t count;
};

/* One member; of its values only the one its kind names is set. An element of a list has no name. */
struct json_member {
	struct text name;
	enum json_member_kind kind;
	bool boolean;
	int64_t integer;
	double real;
	struct text string;
	struct json_object inside; /* of a list or an object */
};

/* Read one whole JSON object (RFC 8259) of at most `limit` bytes. Everything read belongs to the
 * arena. False with *problem set (a static sentence) and *object empty when the text is longer, is
 * no object, is not well-formed UTF-8, repeats a member name at any depth, holds U+0000, has
 * trailing bytes, more than 32 levels or an integer beyond 64 bits, and when the arena is full. The
 * parser keeps its own copy while it works and frees it without wiping. */
bool json_object_read(struct text input, size_t limit, struct arena *arena,
    struct json_object *object, const char **problem);

/* The member of a name, or NULL. Names are compared byte for byte. */
const struct json_member *json_object_member(const struct json_object *object, struct text name);

/* The string of a member; absent when there is no such member or it is no string. */
struct text json_object_string(const struct json_object *object, const char *name);

#endif
