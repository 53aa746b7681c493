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

static void check_bytes(struct text json, enum json_style style)
{
	for (size_t i = 0; i < json.length; i++) {
		unsigned char byte = (unsigned char)json.data[i];

		FUZZ_REQUIRE(byte >= ' '); /* no control and no white space but in strings */
		FUZZ_REQUIRE(style == JSON_PLAIN || byte < 0x80);
	}
	FUZZ_REQUIRE(text_is_utf8(json));
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum json_style styles[] = {JSON_PLAIN, JSON_PHP};
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text json = fuzz_text(data, size);
	struct text written[2];

	for (size_t i = 0; i < 2; i++) {
		written[i] = rewrite(json, styles[i], arena);
		if (!text_present(written[i]))
			continue;
		check_bytes(written[i], styles[i]);
		check_same_meaning(json, written[i]);
		FUZZ_REQUIRE(text_equal(written[i], rewrite(written[i], styles[i], arena)));
	}
	FUZZ_REQUIRE(text_present(written[0]) == text_present(written[1]));
	if (text_present(written[0])) {
		FUZZ_REQUIRE(text_equal(written[0], rewrite(written[1], JSON_PLAIN, arena)));
		FUZZ_REQUIRE(text_equal(written[1], rewrite(written[0], JSON_PHP, arena)));
	}
	arena_free(arena);
	return 0;
}
