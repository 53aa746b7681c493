/* Words of the operator's between two marks, with a closed set of bytes. */
#include "platform.h"
#include "db/purpose.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/ascii.h"

#define WORD_BYTES 100

static bool is_harmless(char byte)
{
	return ascii_is_word(byte, "._{}:-");
}

static char *put(char *out, const char *text)
{
	size_t length = strlen(text);

	memcpy(out, text, length);
	return out + length;
}

static char *put_word(char *out, const char *lead, const char *word)
{
	out = put(out, lead);
	for (size_t i = 0; word[i] && i < WORD_BYTES; i++)
		*out++ = is_harmless(word[i]) ? word[i] : '_';
	return out;
}

static const char *last_part(const char *place)
{
	const char *slash = strrchr(place, '/');

	return slash ? slash + 1 : place;
}

void purpose_comment(const struct db_purpose *purpose, char out[PURPOSE_COMMENT_BYTES])
{
	out = put(out, "/* castgate ");
	out = put(out, purpose->kind);
	if (purpose->name)
		out = put_word(out, "=", purpose->name);
	if (purpose->place)
		out = put_word(out, " at=", last_part(purpose->place));
	out = put(out, " */ ");
	*out = '\0';
}
