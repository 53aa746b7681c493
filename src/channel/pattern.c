/* Patterns that match in one pass because no capture can end in two places. */
#include "platform.h"
#include "channel/pattern.h"

#include <string.h>

#include "base/ascii.h"

enum capture_type { CAPTURE_ANY, CAPTURE_ID, CAPTURE_UUID, CAPTURE_SLUG };

#define UUID_BYTES 36

/* A literal run, followed by one capture unless it is the last. */
struct segment {
	struct text literal;
	struct text name;
	enum capture_type type;
	bool captures;
};

struct pattern {
	enum pattern_target target;
	struct segment segments[PATTERN_MAX_CAPTURES + 1];
	size_t count;
};

static char separator(enum pattern_target target)
{
	return target == PATTERN_CHANNEL ? '.' : '/';
}

/* May this byte stand in the target at all? */
static bool is_target_byte(enum pattern_target target, char byte)
{
	if (target == PATTERN_CHANNEL)
		return ascii_is_word(byte, "-_=@,.;");
	return byte > ' ' && byte < 0x7f && byte != '?' && byte != '#';
}

/* May this byte stand in a capture of this type? */
static bool is_capture_byte(enum pattern_target target, enum capture_type type, char byte)
{
	switch (type) {
	case CAPTURE_ID:
		return ascii_is_digit(byte);
	case CAPTURE_UUID:
		return ascii_is_lower_hex(byte) || byte == '-';
	case CAPTURE_SLUG:
		return ascii_is_digit(byte) || ascii_is_lower(byte) || byte == '-';
	case CAPTURE_ANY:
	default:
		return byte != separator(target);
	}
}

static bool read_type(struct text word, enum capture_type *type)
{
	static const char *const words[] = {
	    [CAPTURE_ANY] = "",
	    [CAPTURE_ID] = "id",
	    [CAPTURE_UUID] = "uuid",
	    [CAPTURE_SLUG] = "slug",
	};

	for (size_t i = 1; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(word, words[i])) {
			*type = (enum capture_type)i;
			return true;
		}
	return false;
}

static bool name_is_free(const struct pattern *pattern, struct text name)
{
	for (size_t i = 0; i < pattern->count; i++)
		if (pattern->segments[i].captures && text_equal(pattern->segments[i].name, name))
			return false;
	return true;
}

static bool name_is_good(struct text name)
{
	if (name.length == 0 || ascii_is_digit(name.data[0]))
		return false;
	for (size_t i = 0; i < name.length; i++)
		if (!ascii_is_word(name.data[i], "_"))
			return false;
	return true;
}

/* Read the inside of one pair of braces. NULL when it is fine, else what is wrong. */
static const char *read_capture(
    struct pattern *pattern, struct text inside, struct segment *segment)
{
	size_t colon = text_find(inside, ':');

	segment->captures = true;
	segment->name = (struct text){inside.data, colon};
	segment->type = CAPTURE_ANY;
	if (!name_is_good(segment->name))
		return "a capture's name must be letters, digits and _, as in {conversation:id}";
	if (colon < inside.length && !read_type(text_skip(inside, colon + 1), &segment->type))
		return "unknown capture type: use id, uuid or slug, or none";
	if (!name_is_free(pattern, segment->name))
		return "two captures have the same name";
	return NULL;
}

static const char *read_literal(enum pattern_target target, struct text *rest, struct text *literal)
{
	size_t length = text_find(*rest, '{');

	*literal = (struct text){rest->data, length};
	*rest = text_skip(*rest, length);
	for (size_t i = 0; i < literal->length; i++)
		if (!is_target_byte(target, literal->data[i]) || literal->data[i] == '}')
			return "a literal byte that can never occur there";
	return NULL;
}

/* After a capture must come its end, or a byte the capture cannot contain. */
static const char *check_boundary(const struct pattern *pattern)
{
	const struct segment *last = &pattern->segments[pattern->count - 1];
	const struct segment *before = pattern->count > 1 ? last - 1 : NULL;

	if (!before || (last->literal.length == 0 && !last->captures))
		return NULL;
	if (before->type == CAPTURE_UUID)
		return NULL;
	if (last->literal.length == 0)
		return "two captures follow each other, so their boundary is uncertain";
	if (is_capture_byte(pattern->target, before->type, last->literal.data[0]))
		return "the text after a capture could be part of it, so the boundary is uncertain";
	return NULL;
}

static const char *read_segments(struct pattern *pattern, struct text rest)
{
	for (;;) {
		struct segment *segment = &pattern->segments[pattern->count];
		const char *problem = read_literal(pattern->target, &rest, &segment->literal);
		size_t close = text_find(rest, '}');

		if (!problem && rest.length && close == rest.length)
			problem = "a brace is not closed";
		if (!problem && rest.length)
			problem =
			    read_capture(pattern, (struct text){rest.data + 1, close - 1}, segment);
		if (problem)
			return problem;
		pattern->count++;
		problem = check_boundary(pattern);
		if (problem || !segment->captures)
			return problem;
		rest = text_skip(rest, close + 1);
		if (pattern->count > PATTERN_MAX_CAPTURES)
			return "more than 16 captures";
	}
}

struct pattern *pattern_compile(
    const char *source, enum pattern_target target, struct arena *arena, const char **problem)
{
	struct pattern *pattern = arena_alloc(arena, sizeof(*pattern));
	char *copy = arena_copy(arena, source, strlen(source));

	*problem = NULL;
	if (!pattern || !copy)
		*problem = "out of memory";
	else if (!*source)
		*problem = "the pattern is empty";
	if (*problem)
		return NULL;
	pattern->target = target;
	*problem = read_segments(pattern, text_of(copy));
	return *problem ? NULL : pattern;
}

static bool is_uuid(struct text text)
{
	if (text.length != UUID_BYTES)
		return false;
	for (size_t i = 0; i < UUID_BYTES; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text.data[i] != '-' : !ascii_is_lower_hex(text.data[i]))
			return false;
	}
	return true;
}

static bool is_slug(struct text text)
{
	char previous = '-';

	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '-' && previous == '-')
			return false;
		previous = text.data[i];
	}
	return previous != '-';
}

static bool take_capture(const struct pattern *pattern, const struct segment *segment,
    struct text *rest, struct named_value *out)
{
	struct text run = {rest->data, 0};
	uint64_t number;
	bool fits = true;

	while (run.length < rest->length &&
	       is_capture_byte(pattern->target, segment->type, rest->data[run.length]) &&
	       !(segment->type == CAPTURE_UUID && run.length == UUID_BYTES))
		run.length++;
	if (segment->type == CAPTURE_ID)
		fits = text_to_u64(run, TEXT_DIGITS_CANONICAL, &number);
	else if (segment->type == CAPTURE_UUID)
		fits = is_uuid(run);
	else if (segment->type == CAPTURE_SLUG)
		fits = is_slug(run);
	if (!fits || run.length == 0)
		return false;
	out->name = segment->name;
	out->value = (struct value){segment->type == CAPTURE_ID ? VALUE_INTEGER : VALUE_TEXT, run};
	*rest = text_skip(*rest, run.length);
	return true;
}

static bool take_literal(struct text literal, struct text *rest)
{
	size_t same = 0;

	while (
	    same < literal.length && same < rest->length && literal.data[same] == rest->data[same])
		same++;
	*rest = text_skip(*rest, same);
	return same == literal.length;
}

bool pattern_match(
    const struct pattern *pattern, struct text subject, struct captures *captures, size_t *reached)
{
	struct text rest = subject;
	bool fits = true;

	captures->count = 0;
	for (size_t i = 0; fits && i < pattern->count; i++) {
		const struct segment *segment = &pattern->segments[i];

		fits = take_literal(segment->literal, &rest);
		if (fits && segment->captures)
			fits = take_capture(
			    pattern, segment, &rest, &captures->values[captures->count++]);
	}
	if (reached)
		*reached = subject.length - rest.length;
	if (fits && rest.length == 0)
		return true;
	captures->count = 0;
	return false;
}

size_t pattern_capture_count(const struct pattern *pattern)
{
	return pattern->segments[pattern->count - 1].captures ? pattern->count : pattern->count - 1;
}

struct text pattern_capture_name(const struct pattern *pattern, size_t index)
{
	return pattern->segments[index].name;
}

bool pattern_has_capture(const struct pattern *pattern, struct text name)
{
	for (size_t i = 0; pattern && i < pattern_capture_count(pattern); i++)
		if (text_equal(pattern_capture_name(pattern, i), name))
			return true;
	return false;
}
