/* Which named values did a client send, whatever form it sent them in? */
#ifndef CASTGATE_CODEC_FIELDS_H
#define CASTGATE_CODEC_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* FIELD_TEXT is name=value; FIELD_ITEM is one element of a list (name[]=value, name[0]=value, or an
 * element of a JSON array of strings); FIELD_OTHER is a value that is no string: a JSON number,
 * null, boolean, object, empty or mixed array. */
enum field_kind { FIELD_OTHER, FIELD_TEXT, FIELD_ITEM };

/* `name` is without the brackets; `value` is decoded, absent for FIELD_OTHER. */
struct field {
	enum field_kind kind;
	struct text name;
	struct text value;
};

struct fields {
	struct field *items;
	size_t count;
};

/* Each reader below appends to `fields` (start it zeroed) in the order of the input. Names and
 * values belong to the arena or point into `input`. False with *problem set (a static sentence for
 * the log) and `fields` emptied when the input is broken, holds a NUL, has more than 1000 fields,
 * or the arena is full. No reader looks at the values' meaning. */

/* application/x-www-form-urlencoded, also a query string (WHATWG URL, section 5.1): '+' is a
 * space, a '%' that is not followed by two hex digits stays, empty pairs are skipped. A name that
 * ends in [], [DIGITS] or their escaped forms becomes FIELD_ITEM. Refused: NUL, raw or as %00.
 * Bytes that are not UTF-8 pass; the syntax checks stop them where they matter. */
bool fields_read_form(
    struct text input, struct arena *arena, struct fields *fields, const char **problem);

/* One JSON object (RFC 8259). Refused: anything else at the top, repeated member names at any
 * depth, U+0000 in a string, invalid UTF-8, trailing bytes, more than 32 levels. The parser keeps
 * its own copy while it works and frees it without wiping; the fields are wiped with the arena. */
bool fields_read_json(
    struct text input, struct arena *arena, struct fields *fields, const char **problem);

/* multipart/form-data (RFC 7578) with the given boundary (1 to 70 bytes). List names as in forms;
 * a part with a file name is FIELD_OTHER. Text before the first and after the closing boundary is
 * ignored. Refused: a missing closing boundary, a part without a name or with two, folded headers,
 * a backslash in a quoted parameter, NUL. */
bool fields_read_multipart(struct text boundary, struct text input, struct arena *arena,
    struct fields *fields, const char **problem);

/* The boundary parameter of a Content-Type that is multipart/form-data, quoted or not; absent for
 * any other type, and when it is missing, repeated or not a boundary (RFC 2046, section 5.1.1). */
struct text fields_multipart_boundary(struct text content_type);

#endif
