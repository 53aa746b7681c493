/* Base64 and hex, both ways; decoding accepts the one canonical form and nothing else. */
#include "platform.h"
#include "codec/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static unsigned byte_at(struct text bytes, size_t at)
{
	return at < bytes.length ? (unsigned char)bytes.data[at] : 0;
}

struct text base64_encode(struct text bytes, struct arena *arena)
{
	size_t groups = bytes.length / 3 + (bytes.length % 3 != 0);
	char *out = groups < SIZE_MAX / 4 ? arena_alloc(arena, groups * 4 + 1) : NULL;

	if (!out)
		return (struct text){0};
	for (size_t group = 0; group < groups; group++) {
		size_t at = group * 3;
		char *quad = out + group * 4;
		unsigned bits =
		    byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);

		quad[0] = alphabet[bits >> 18];
		quad[1] = alphabet[bits >> 12 & 63];
		quad[2] = at + 1 < bytes.length ? alphabet[bits >> 6 & 63] : '=';
		quad[3] = at + 2 < bytes.length ? alphabet[bits & 63] : '=';
	}
	return (struct text){out, groups * 4};
}

/* The six bits of one digit, or -1. */
static int digit_value(char digit)
{
	const char *at = digit ? strchr(alphabet, digit) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* Decode four characters to `count` bytes; those beyond are padding, and their bits are zero. */
static bool decode_group(const char *quad, size_t count, char *out)
{
	unsigned bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i <= count ? digit_value(quad[i]) : 0;

		if (value < 0)
			return false;
		bits = bits << 6 | (unsigned)value;
	}
	for (size_t i = 0; i < 3; i++) {
		unsigned byte = bits >> (16 - 8 * i) & 255;

		if (i < count)
			out[i] = (char)byte;
		else if (byte != 0)
			return false;
	}
	return true;
}

static size_t padding(struct text input)
{
	if (input.length == 0 || input.data[input.length - 1] != '=')
		return 0;
	return input.data[input.length - 2] == '=' ? 2 : 1;
}

bool base64_decode(struct text input, struct arena *arena, struct text *bytes)
{
	size_t length;
	char *out;

	*bytes = (struct text){0};
	if (!input.data || input.length % 4 != 0)
		return false;
	length = input.length / 4 * 3 - padding(input);
	out = arena_alloc(arena, length + 1);
	if (!out)
		return false;
	for (size_t at = 0; at < length; at += 3) {
		size_t count = length - at < 3 ? length - at : 3;

		if (!decode_group(input.data + at / 3 * 4, count, out + at))
			return false;
	}
	*bytes = (struct text){out, length};
	return true;
}

struct text base64url_encode(struct text bytes, struct arena *arena)
{
	struct text padded = base64_encode(bytes, arena);
	char *out = text_present(padded) ? arena_copy(arena, padded.data, padded.length) : NULL;
	size_t length = 0;

	if (!out)
		return (struct text){0};
	for (; length < padded.length && out[length] != '='; length++)
		out[length] = out[length] == '+' ? '-' : out[length] == '/' ? '_' : out[length];
	out[length] = '\0';
	return (struct text){out, length};
}

bool base64url_decode(struct text input, struct arena *arena, struct text *bytes)
{
	char *padded = input.length < SIZE_MAX - 4 ? arena_alloc(arena, input.length + 4) : NULL;
	size_t length = input.length;

	*bytes = (struct text){0};
	if (!input.data || !padded)
		return false;
	for (size_t i = 0; i < length; i++) {
		char digit = input.data[i];

		if (digit == '+' || digit == '/' || digit == '=')
			return false;
		padded[i] = digit == '-' ? '+' : digit == '_' ? '/' : digit;
	}
	while (length % 4 != 0)
		padded[length++] = '=';
	return base64_decode((struct text){padded, length}, arena, bytes);
}

void hex_encode(const unsigned char *bytes, size_t count, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * count] = '\0';
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool hex_decode(struct text input, unsigned char *out, size_t count)
{
	memset(out, 0, count);
	if (!input.data || input.length % 2 != 0 || input.length / 2 != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		int high = hex_value(input.data[2 * i]);
		int low = hex_value(input.data[2 * i + 1]);

		if (high < 0 || low < 0) {
			memset(out, 0, count);
			return false;
		}
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
