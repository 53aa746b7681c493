/* guard/audit_line: a line for each of a request's texts, in their order in struct audit_line. Whatever
 * they hold, each format is one line of printable bytes, and cli/audit_parse reads from it what was
 * written: no text can end its value, and begin another. */
#include "platform.h"
#include "fuzz.h"

#include "cli/audit_parse.h"
#include "guard/audit_line.h"

#define MOST_BYTES 200 /* so that nothing is cut */

static void require_one_line(struct text line)
{
	FUZZ_REQUIRE(line.length > 0 && line.data[line.length - 1] == '\n');
	for (size_t i = 0; i + 1 < line.length; i++)
		FUZZ_REQUIRE((unsigned char)line.data[i] >= ' ' && line.data[i] != 0x7f);
}

static void require_same(struct text written, struct text read)
{
	if (!text_is_utf8(written)) {
		FUZZ_REQUIRE(text_starts_with(read, "hex:"));
		return;
	}
	FUZZ_REQUIRE(text_equal(written, read));
}

static struct text next(struct text *rest)
{
	struct text line = fuzz_line(rest);

	if (line.length > MOST_BYTES)
		line.length = MOST_BYTES;
	return line;
}

/* JSON cannot hold a NUL that this reader would accept. */
static bool has_nul(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!data[i])
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text rest = fuzz_text(data, size);
	struct arena *arena = arena_new(1u << 20);
	struct audit_entry entry = {.time_microseconds = 1,
	    .request_id = TEXT("0123456789abcdef"),
	    .verdict = {OUTCOME_NO_ROW, NULL},
	    .status = 403};

	FUZZ_REQUIRE(arena);
	entry.method = next(&rest);
	if (entry.method.length > 32)
		entry.method.length = 32;
	entry.path = next(&rest);
	entry.channel = next(&rest);
	entry.token_id = next(&rest);
	entry.user_id = next(&rest);
	for (int format = 0; format < 3; format++) {
		struct buffer out = buffer_start(arena);
		struct audit_line line;
		struct text text;

		audit_line_decision(&out, (enum config_audit_format)format, &entry);
		text = buffer_text(&out);
		require_one_line(text);
		if (has_nul(data, size))
			continue;
		FUZZ_REQUIRE(audit_parse(text, arena, &line));
		FUZZ_REQUIRE(text_is(line.reason, "no_row") && line.status == 403);
		FUZZ_REQUIRE(text_equal(line.request_id, entry.request_id));
		require_same(entry.method, line.method);
		require_same(entry.path, line.path);
		require_same(entry.channel, line.channel);
		require_same(entry.token_id, line.token_id);
		require_same(entry.user_id, line.user);
	}
	arena_free(arena);
	return 0;
}
