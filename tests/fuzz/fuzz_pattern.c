/* channel/pattern: the input is a pattern, a line feed, and a subject. A match is canonical, stable,
 * and filled into the pattern gives the subject again. */
#include "platform.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "channel/pattern.h"

#define ARENA_BYTES (1u << 20)

/* The pattern with each pair of braces replaced by what it captured. */
static struct text fill(const char *source, const struct captures *captures, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	size_t next = 0;

	while (*source) {
		const char *brace = strchr(source, '{');

		buffer_add(&out, (struct text){source, strcspn(source, "{")});
		if (!brace)
			break;
		FUZZ_REQUIRE(next < captures->count && strchr(brace, '}'));
		buffer_add(&out, captures->values[next++].value.text);
		source = strchr(brace, '}') + 1;
	}
	FUZZ_REQUIRE(next == captures->count);
	return buffer_text(&out);
}

static void check_capture(const struct named_value *capture, char separator)
{
	struct text text = capture->value.text;
	uint64_t number;

	FUZZ_REQUIRE(text.length > 0);
	FUZZ_REQUIRE(text_find(text, separator) == text.length);
	FUZZ_REQUIRE(capture->value.kind == VALUE_INTEGER || capture->value.kind == VALUE_TEXT);
	if (capture->value.kind == VALUE_INTEGER)
		FUZZ_REQUIRE(text_to_u64(text, TEXT_DIGITS_CANONICAL, &number));
}

static void check_match(const struct pattern *pattern, const char *source,
    enum pattern_target target, struct text subject, struct arena *arena)
{
	struct captures captures;
	struct captures again;
	struct text filled;
	size_t reached;

	if (!pattern_match(pattern, subject, &captures, &reached)) {
		FUZZ_REQUIRE(captures.count == 0 && reached <= subject.length);
		return;
	}
	FUZZ_REQUIRE(captures.count == pattern_capture_count(pattern));
	for (size_t i = 0; i < captures.count; i++) {
		check_capture(&captures.values[i], target == PATTERN_CHANNEL ? '.' : '/');
		FUZZ_REQUIRE(text_equal(captures.values[i].name, pattern_capture_name(pattern, i)));
	}
	filled = fill(source, &captures, arena);
	FUZZ_REQUIRE(text_equal(filled, subject));
	FUZZ_REQUIRE(pattern_match(pattern, filled, &again, NULL));
	FUZZ_REQUIRE(again.count == captures.count);
	for (size_t i = 0; i < again.count; i++)
		FUZZ_REQUIRE(text_equal(again.values[i].value.text, captures.values[i].value.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text subject = fuzz_text(data, size);
	char *source = fuzz_string(fuzz_line(&subject));

	for (int i = 0; i < 2; i++) {
		enum pattern_target target = i ? PATTERN_PATH : PATTERN_CHANNEL;
		const char *problem;
		struct pattern *pattern = pattern_compile(source, target, arena, &problem);

		FUZZ_REQUIRE(!pattern == !!problem);
		if (!pattern)
			continue;
		FUZZ_REQUIRE(pattern_capture_count(pattern) <= PATTERN_MAX_CAPTURES);
		check_match(pattern, source, target, subject, arena);
	}
	free(source);
	arena_free(arena);
	return 0;
}
