/* Cookies, cut off one at a time from the front; a name counts only as a whole. */
#include "platform.h"
#include "codec/cookies.h"

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Where the next cookie ends: at its separator, or at the end. */
static size_t cookie_end(struct text rest)
{
	size_t at = 0;

	while (at < rest.length && rest.data[at] != ';' &&
	       !(rest.data[at] == ',' && at + 1 < rest.length && is_blank(rest.data[at + 1])))
		at++;
	return at;
}

bool cookie_take(struct text *rest, const char *name, struct text *value)
{
	while (rest->length) {
		size_t end = cookie_end(*rest);
		struct text piece = {rest->data, end};
		size_t equals = text_find(piece, '=');

		*rest = text_skip(*rest, end < rest->length ? end + 1 : end);
		if (equals == piece.length ||
		    !text_is(text_trim((struct text){piece.data, equals}), name))
			continue;
		*value = text_trim(text_skip(piece, equals + 1));
		if (value->length <= COOKIE_MAX_BYTES)
			return true;
	}
	*value = (struct text){0};
	return false;
}
