/* codec/json_write: what json_add_document writes parses again, means the same in both styles, and
 * written again does not change. */
#include "platform.h"
#include "fuzz.h"

#include <jansson.h>

#include "codec/json_parse.h"
#include "codec/json_write.h"

#define ARENA_BYTES (16u << 20)

/* The document rewritten; absent when it is refused. */
static struct text rewrite(struct text json, enum json_style style, struct arena *arena)
{
	struct buffer buffer = buffer_start(arena);
	bool written = json_add_document(&buffer, json, style);
	struct text text = buffer_text(&buffer);

	FUZZ_REQUIRE(written == text_present(text));
	return text;
}

/* No control anywhere, no white space but in strings. */
static void check_bytes(struct text json, enum json_style style)
{
	bool inside = false;

	for (size_t i = 0; i < json.length; i++) {
		unsigned char byte = (unsigned char)json.data[i];

		FUZZ_REQUIRE(byte > ' ' || (inside && byte == ' '));
		FUZZ_REQUIRE(style == JSON_PLAIN || byte < 0x80);
		if (byte == '"')
			inside = !inside;
		else if (byte == '\\')
			i++;
	}
	FUZZ_REQUIRE(text_is_utf8(json));
}

/* The input as a string: written in either style it is that string again. */
static void check_string(struct text text, enum json_style style, struct arena *arena)
{
	struct buffer buffer = buffer_start(arena);
	bool written = json_add_string(&buffer, text, style);
	struct text json = buffer_text(&buffer);
	const char *problem;
	json_t *string;

	FUZZ_REQUIRE(written == text_is_utf8(text) && written == text_present(json));
	if (!written || text_find(text, '\0') < text.length)
		return;
	check_bytes(json, style);
	string = json_parse(json, JSON_TOP_ANY, &problem);
	FUZZ_REQUIRE(json_is_string(string));
	FUZZ_REQUIRE(
	    text_equal(text, (struct text){json_string_value(string), json_string_length(string)}));
	json_decref(string);
}

static void check_same_meaning(struct text a, struct text b)
{
	const char *problem;
	json_t *left = json_parse(a, JSON_TOP_ANY, &problem);
	json_t *right = json_parse(b, JSON_TOP_ANY, &problem);

	FUZZ_REQUIRE(left && right);
	FUZZ_REQUIRE(json_equal(left, right));
	json_decref(left);
	json_decref(right);
}

static bool is_document(struct text json)
{
	const char *problem;
	json_t *tree = json_parse(json, JSON_TOP_ANY, &problem);

	json_decref(tree);
	return tree != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum json_style styles[] = {JSON_PLAIN, JSON_PHP};
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text json = fuzz_text(data, size);
	struct text written[2];

	for (size_t i = 0; i < 2; i++) {
		check_string(json, styles[i], arena);
		written[i] = rewrite(json, styles[i], arena);
		if (!text_present(written[i]))
			continue;
		check_bytes(written[i], styles[i]);
		check_same_meaning(json, written[i]);
		FUZZ_REQUIRE(text_equal(written[i], rewrite(written[i], styles[i], arena)));
	}
	FUZZ_REQUIRE(text_present(written[0]) == is_document(json));
	FUZZ_REQUIRE(text_present(written[1]) == is_document(json));
	if (text_present(written[0])) {
		FUZZ_REQUIRE(text_equal(written[0], rewrite(written[1], JSON_PLAIN, arena)));
		FUZZ_REQUIRE(text_equal(written[1], rewrite(written[0], JSON_PHP, arena)));
	}
	arena_free(arena);
	return 0;
}
