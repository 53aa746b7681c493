/* Inputs cut into pieces, and the one way in which a target fails. */
#include "platform.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *file, int line, const char *property)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
	abort();
}

struct text fuzz_text(const uint8_t *data, size_t size)
{
	return size ? (struct text){(const char *)data, size} : TEXT("");
}

struct text fuzz_line(struct text *rest)
{
	struct text line = {rest->data, text_find(*rest, '\n')};

	*rest = text_skip(*rest, line.length + (line.length < rest->length));
	return line;
}

char *fuzz_string(struct text text)
{
	size_t length = text_find(text, '\0');
	char *copy = malloc(length + 1);

	FUZZ_REQUIRE(copy);
	memcpy(copy, text.data, length);
	copy[length] = '\0';
	return copy;
}
