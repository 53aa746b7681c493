/* The list that every reader fills, and the reader for forms and query strings. */
#include "platform.h"
#include "codec/fields_append.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/percent.h"

#define FIRST_CAPACITY 8 /* a power of two; see make_room */

/* The capacity is not stored: it is the next power of two, so a full list is one whose count is
 * such a power. */
static bool make_room(struct fields *fields, struct arena *arena)
{
	size_t count = fields->count;
	struct field *items;

	if (count != 0 && (count < FIRST_CAPACITY || (count & (count - 1)) != 0))
		return true;
	items = arena_array(arena, count ? count * 2 : FIRST_CAPACITY, sizeof(*items));
	if (!items)
		return false;
	if (count)
		memcpy(items, fields->items, count * sizeof(*items));
	fields->items = items;
	return true;
}

bool fields_refuse(struct fields *fields, const char *sentence, const char **problem)
{
	*fields = (struct fields){0};
	*problem = sentence;
	return false;
}

bool fields_refuse_full(struct fields *fields, const char **problem)
{
	return fields_refuse(fields, "The request needs more memory than it may use.", problem);
}

bool fields_append(
    struct fields *fields, struct field field, struct arena *arena, const char **problem)
{
	if (fields->count == FIELDS_MAX)
		return fields_refuse(fields, "There are more than 1000 fields.", problem);
	if (!make_room(fields, arena))
		return fields_refuse_full(fields, problem);
	fields->items[fields->count++] = field;
	return true;
}

/* The length of a name without its [] or [DIGITS]; the whole length when it has none. */
static size_t list_name_length(struct text name)
{
	size_t at = name.length;

	if (at < 3 || name.data[--at] != ']')
		return name.length;
	while (at > 0 && ascii_is_digit(name.data[at - 1]))
		at--;
	return at > 1 && name.data[at - 1] == '[' ? at - 1 : name.length;
}

struct field fields_named(struct text name, struct text value)
{
	size_t length = list_name_length(name);
	enum field_kind kind = length < name.length ? FIELD_ITEM : FIELD_TEXT;

	return (struct field){kind, {name.data, length}, value};
}

static bool holds_nul(struct text text)
{
	return text_find(text, '\0') < text.length;
}

static bool read_pair(
    struct text pair, struct arena *arena, struct fields *fields, const char **problem)
{
	size_t equals = text_find(pair, '=');
	struct text rest = text_skip(pair, equals < pair.length ? equals + 1 : equals);
	struct text name;
	struct text value;

	if (!percent_decode(
	        (struct text){pair.data, equals}, PERCENT_PLUS_IS_SPACE, arena, &name) ||
	    !percent_decode(rest, PERCENT_PLUS_IS_SPACE, arena, &value))
		return fields_refuse_full(fields, problem);
	if (holds_nul(name) || holds_nul(value))
		return fields_refuse(fields, "A form field holds a NUL byte.", problem);
	return fields_append(fields, fields_named(name, value), arena, problem);
}

bool fields_read_form(
    struct text input, struct arena *arena, struct fields *fields, const char **problem)
{
	while (input.length > 0) {
		size_t end = text_find(input, '&');

		if (end > 0 && !read_pair((struct text){input.data, end}, arena, fields, problem))
			return false;
		input = text_skip(input, end < input.length ? end + 1 : end);
	}
	return true;
}
