/* Strings and row values as JSON, byte for byte as PHP or as plain RFC 8259 writers do it. */
#include "platform.h"
#include "codec/json_write.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"

/* The character at `at`, which starts a well-formed sequence; moves `at` beyond it. */
static uint32_t take_character(struct text text, size_t *at)
{
	unsigned char lead = (unsigned char)text.data[(*at)++];
	unsigned following = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	uint32_t character = following ? lead & (0x3fu >> following) : lead;

	while (following-- > 0)
		character = character << 6 | ((unsigned char)text.data[(*at)++] & 0x3f);
	return character;
}

static void add_escaped(struct buffer *buffer, uint32_t character)
{
	if (character >= 0x10000) {
		character -= 0x10000;
		buffer_printf(buffer, "\\u%04x", 0xd800 + (unsigned)(character >> 10));
		character = 0xdc00 + (character & 0x3ff);
	}
	buffer_printf(buffer, "\\u%04x", (unsigned)character);
}

/* The letter after the backslash for a character that has a short escape, or 0. */
static char short_escape(uint32_t character, enum json_style style)
{
	static const char characters[] = "\"\\\b\f\n\r\t/";
	static const char letters[] = "\"\\bfnrt/";
	const char *at =
	    character > 0 && character < 0x80 ? strchr(characters, (int)character) : NULL;

	if (!at || (*at == '/' && style != JSON_PHP))
		return 0;
	return letters[at - characters];
}

/* Ends a line, moves a terminal's cursor or turns the reading direction around: where a person or a
 * simple program reads a log, such a character could make one line look like two. */
static bool misleads(uint32_t character)
{
	return (character >= 0x7f && character <= 0x9f) ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069);
}

static bool must_escape(uint32_t character, enum json_style style)
{
	return character < 0x20 || (character >= 0x80 && style == JSON_PHP) ||
	       (style == JSON_LOG && misleads(character));
}

/* How many of the first bytes no style escapes. */
static size_t plain_run(struct text text)
{
	size_t length = 0;

	while (length < text.length && text.data[length] >= ' ' && text.data[length] <= '~' &&
	       text.data[length] != '"' && text.data[length] != '\\' && text.data[length] != '/')
		length++;
	return length;
}

/* Eight bytes at a time: this is done for each text of each request. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define TOP_BITS EACH(0x80)

/* The top bit of every byte that is zero; of others only above one that is. */
static uint64_t zeros(uint64_t word)
{
	return (word - EACH(1)) & ~word & TOP_BITS;
}

/* No control, no DEL, nothing beyond ASCII, no quote and no backslash. */
static bool word_is_plain(uint64_t word)
{
	uint64_t controls = (word - EACH(' ')) & ~word;

	return !((word | controls | zeros(word ^ EACH('"')) | zeros(word ^ EACH('\\')) |
	             zeros(word ^ EACH(0x7f))) &
	         TOP_BITS);
}

bool json_string_is_plain(struct text text)
{
	size_t at = 0;
	uint64_t word;

	for (; text.length - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, text.data + at, sizeof(word));
		if (!word_is_plain(word))
			return false;
	}
	word = EACH(' ');
	if (text.length > at)
		memcpy(&word, text.data + at, text.length - at);
	return word_is_plain(word);
}

bool json_add_string(struct buffer *buffer, struct text text, enum json_style style)
{
	if (text.data && json_string_is_plain(text) &&
	    (style != JSON_PHP || text_find(text, '/') == text.length)) {
		buffer_add_byte(buffer, '"');
		buffer_add(buffer, text);
		buffer_add_byte(buffer, '"');
		return true;
	}
	if (!text.data || !text_is_utf8(text)) {
		buffer->failed = true;
		return false;
	}
	buffer_add_byte(buffer, '"');
	for (size_t at = 0; at < text.length;) {
		size_t plain = plain_run(text_skip(text, at));
		size_t start = at + plain;
		uint32_t character;
		char letter;

		buffer_add(buffer, (struct text){text.data + at, plain});
		at = start;
		if (at == text.length)
			break;
		character = take_character(text, &at);
		letter = short_escape(character, style);
		if (letter) {
			buffer_add_byte(buffer, '\\');
			buffer_add_byte(buffer, letter);
		} else if (must_escape(character, style)) {
			add_escaped(buffer, character);
		} else {
			buffer_add(buffer, (struct text){text.data + start, at - start});
		}
	}
	buffer_add_byte(buffer, '"');
	return true;
}

static struct text skip_digits(struct text text)
{
	while (text.length > 0 && ascii_is_digit(text.data[0]))
		text = text_skip(text, 1);
	return text;
}

/* RFC 8259, section 6. Drivers write such numbers; a ZEROFILL column or an infinity is none. */
static bool is_number(struct text text)
{
	struct text rest;

	if (text_starts_with(text, "-"))
		text = text_skip(text, 1);
	rest = skip_digits(text);
	if (rest.length == text.length || (text.data[0] == '0' && text.length - rest.length > 1))
		return false;
	if (text_starts_with(rest, ".")) {
		text = text_skip(rest, 1);
		rest = skip_digits(text);
		if (rest.length == text.length)
			return false;
	}
	if (text_starts_with(rest, "e") || text_starts_with(rest, "E")) {
		text = text_skip(rest, 1);
		if (text_starts_with(text, "+") || text_starts_with(text, "-"))
			text = text_skip(text, 1);
		rest = skip_digits(text);
		if (rest.length == text.length)
			return false;
	}
	return rest.length == 0;
}

bool json_add_value(struct buffer *buffer, struct value value, enum json_style style)
{
	switch (value.kind) {
	case VALUE_INTEGER:
	case VALUE_DECIMAL:
	case VALUE_DOUBLE:
		if (!is_number(value.text)) {
			buffer->failed = true;
			return false;
		}
		buffer_add(buffer, value.text);
		return true;
	case VALUE_TEXT:
		return json_add_string(buffer, value.text, style);
	case VALUE_NONE:
	case VALUE_BINARY:
		break;
	}
	return false;
}
