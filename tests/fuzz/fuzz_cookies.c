/* codec/cookies: the input is a name, a line feed, and a Cookie header. What is taken is what a plain
 * reading of the rules finds, in the same order, and lies within the header. */
#include "platform.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "codec/cookies.h"

/* Does the byte at this place end a cookie? */
static bool separates(struct text header, size_t at)
{
	return header.data[at] == ';' ||
	       (header.data[at] == ',' && at + 1 < header.length &&
	           (header.data[at + 1] == ' ' || header.data[at + 1] == '\t'));
}

/* Is this piece a cookie of that name? */
static bool is_cookie(struct text piece, const char *name, struct text *value)
{
	size_t equals = 0;

	while (equals < piece.length && piece.data[equals] != '=')
		equals++;
	if (equals == piece.length)
		return false;
	*value = text_trim((struct text){piece.data + equals + 1, piece.length - equals - 1});
	return text_is(text_trim((struct text){piece.data, equals}), name) &&
	       value->length <= COOKIE_MAX_BYTES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text header = fuzz_text(data, size);
	char *name = fuzz_string(fuzz_line(&header));
	struct text rest = header;
	struct text value;
	size_t start = 0;

	for (size_t at = 0; at <= header.length; at++) {
		struct text wanted;

		if (at < header.length && !separates(header, at))
			continue;
		if (is_cookie((struct text){header.data + start, at - start}, name, &wanted)) {
			FUZZ_REQUIRE(cookie_take(&rest, name, &value));
			FUZZ_REQUIRE(value.data == wanted.data && value.length == wanted.length);
		}
		start = at + 1;
	}
	FUZZ_REQUIRE(!cookie_take(&rest, name, &value));
	FUZZ_REQUIRE(!text_present(value) && rest.length == 0);
	free(name);
	return 0;
}
