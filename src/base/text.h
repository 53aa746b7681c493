/* What is a piece of text that somebody else owns? A pointer and a length, NULs allowed. */
#ifndef CASTGATE_BASE_TEXT_H
#define CASTGATE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that are borrowed, never owned. `data` may be NULL only when the text is absent; an empty
 * but present text has a non-NULL `data` and length 0. Not NUL-terminated unless said so. */
struct text {
	const char *data;
	size_t length;
};

/* A text over a string literal or other constant array. */
#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

/* Longest decimal form of an unsigned 64-bit number, with its NUL. */
#define TEXT_U64_BYTES 21

/* Wrap a C string; NULL becomes the absent text. (These are inline for the sake of literals, whose length is then
 * known.) */
static inline struct text text_of(const char *string)
{
	return (struct text){string, string ? strlen(string) : 0};
}

static inline bool text_present(struct text text)
{
	return text.data != NULL;
}

/* Compare byte for byte; an absent text equals nothing. Not for secrets: see crypto/digest.h. */
static inline bool text_equal(struct text a, struct text b)
{
	return a.data && b.data && a.length == b.length &&
	       (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}
static inline bool text_is(struct text text, const char *string)
{
	return text_equal(text, text_of(string));
}

/* Compare ASCII letters without case, the rest byte for byte. */
bool text_is_nocase(struct text text, const char *string);

static inline bool text_starts_with(struct text text, const char *prefix)
{
	size_t length = strlen(prefix);

	return text.data && text.length >= length && memcmp(text.data, prefix, length) == 0;
}

/* The text without `count` leading bytes; `count` is at most its length. */
static inline struct text text_skip(struct text text, size_t count)
{
	return (struct text){text.data + count, text.length - count};
}

/* Without leading and trailing ASCII white space (space, \t, \n, \v, \f, \r). */
struct text text_trim(struct text text);

/* Find a byte; the length when it is not there. */
size_t text_find(struct text text, char byte);

/* Read 1 to 20 ASCII digits as an unsigned 64-bit number. False on anything else or overflow.
 * With `canonical`, a leading zero (but for "0" itself) is refused as well. */
enum text_digits { TEXT_DIGITS_ANY, TEXT_DIGITS_CANONICAL };
bool text_to_u64(struct text text, enum text_digits form, uint64_t *value);

/* Write a number in decimal digits into `out`, NUL-terminated; the text borrows from there. */
struct text text_from_u64(uint64_t value, char out[TEXT_U64_BYTES]);

/* How many bytes has the control character, U+0080 to U+009F included, with which this string begins? 0
 * where it begins with none. */
size_t text_control_length(const char *string);

/* Put '?' in place of each byte of such characters, so that what somebody else wrote neither moves a
 * terminal's cursor nor begins a line of its own. */
void text_defuse(char *string);

/* True when every byte is part of well-formed UTF-8 (no surrogates, no overlong forms). */
bool text_is_utf8(struct text text);

#endif
