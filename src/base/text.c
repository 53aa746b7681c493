/* Pieces of text: compare, trim, cut, and read numbers, without ever allocating. */
#include "platform.h"
#include "base/text.h"

#include <string.h>

static bool is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static char lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool text_is_nocase(struct text text, const char *string)
{
	struct text other = text_of(string);

	if (!text.data || text.length != other.length)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (lower(text.data[i]) != lower(other.data[i]))
			return false;
	return true;
}

struct text text_trim(struct text text)
{
	while (text.length && is_space(text.data[0]))
		text = text_skip(text, 1);
	while (text.length && is_space(text.data[text.length - 1]))
		text.length--;
	return text;
}

size_t text_find(struct text text, char byte)
{
	const char *at = text.length ? memchr(text.data, byte, text.length) : NULL;

	return at ? (size_t)(at - text.data) : text.length;
}

bool text_to_u64(struct text text, enum text_digits form, uint64_t *value)
{
	uint64_t sum = 0;

	if (!text.data || text.length < 1 || text.length > 20)
		return false;
	if (form == TEXT_DIGITS_CANONICAL && text.length > 1 && text.data[0] == '0')
		return false;
	for (size_t i = 0; i < text.length; i++) {
		unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';

		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return true;
}

struct text text_from_u64(uint64_t value, char out[TEXT_U64_BYTES])
{
	char *start = out + TEXT_U64_BYTES - 1;

	*start = '\0';
	do
		*--start = (char)('0' + value % 10);
	while (value /= 10);
	return (struct text){start, (size_t)(out + TEXT_U64_BYTES - 1 - start)};
}

/* The length of the well-formed UTF-8 sequence at `p`, or 0 (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t length;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (left < length)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	if (p[0] == 0xed)
		high = 0x9f;
	if (p[0] == 0xf0)
		low = 0x90;
	if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* How many of the first bytes are certainly ASCII: eight at a time, since most texts are nothing else. */
static size_t ascii_run(struct text text)
{
	size_t length = 0;
	uint64_t eight;

	for (; text.length - length >= sizeof(eight); length += sizeof(eight)) {
		memcpy(&eight, text.data + length, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return length;
}

size_t text_control_length(const char *string)
{
	const unsigned char *p = (const unsigned char *)string;

	if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
		return 2;
	return p[0] && (p[0] < ' ' || p[0] == 0x7f) ? 1 : 0;
}

void text_defuse(char *string)
{
	for (char *p = string; *p; p++)
		for (size_t left = text_control_length(p); left > 0; left--)
			p[left - 1] = '?';
}

bool text_is_utf8(struct text text)
{
	const unsigned char *bytes = (const unsigned char *)text.data;

	for (size_t at = ascii_run(text); at < text.length;) {
		size_t length = utf8_sequence(bytes + at, text.length - at);

		if (!length)
			return false;
		at += length;
	}
	return true;
}
