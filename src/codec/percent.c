/* Percent decoding in one pass; what is not an escape stays as it is. */
#include "platform.h"
#include "codec/percent.h"

#include "codec/base64.h"

bool percent_decode(
    struct text input, enum percent_plus plus, struct arena *arena, struct text *decoded)
{
	size_t length = 0;
	char *out = input.data ? arena_alloc(arena, input.length + 1) : NULL;

	*decoded = (struct text){0};
	if (!out)
		return false;
	for (size_t at = 0; at < input.length; at++) {
		char byte = input.data[at];
		unsigned char escaped;

		if (byte == '%' && input.length - at > 2 &&
		    hex_decode((struct text){input.data + at + 1, 2}, &escaped, 1)) {
			byte = (char)escaped;
			at += 2;
		} else if (byte == '+' && plus == PERCENT_PLUS_IS_SPACE) {
			byte = ' ';
		}
		out[length++] = byte;
	}
	*decoded = (struct text){out, length};
	return true;
}
