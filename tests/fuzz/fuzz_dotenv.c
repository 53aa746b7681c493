/* config/dotenv: names are names, lines lie in the file, and values written in quotes read back. */
#include "platform.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "config/dotenv.h"

#define ARENA_BYTES (16u << 20)
/* A value that names others can be longer than the file, and lines can do so again and again. */
#define WRITTEN_MAX (ARENA_BYTES / 64)

/* Parse a copy that ends where its memory ends. */
static bool parse(struct text text, struct arena *arena, struct dotenv *dotenv)
{
	struct report *report = report_new();
	struct source source = {.path = "env", .text = fuzz_string(text)};
	bool parsed;

	source.length = strlen(source.text);
	parsed = dotenv_parse(&source, arena, report, dotenv);
	FUZZ_REQUIRE(parsed == !report_failed(report));
	FUZZ_REQUIRE(parsed || report_count(report) == 1);
	free(source.text);
	report_free(report);
	return parsed;
}

static void add_value(struct buffer *out, const char *value)
{
	static const char plain[] = "\f\n\r\t\v\"\\$";
	static const char escaped[] = "fnrtv\"\\$";

	buffer_add_byte(out, '"');
	for (; *value; value++) {
		const char *at = strchr(plain, *value);

		if (at)
			buffer_add_byte(out, '\\');
		buffer_add_byte(out, at ? escaped[at - plain] : *value);
	}
	buffer_add_byte(out, '"');
}

static struct text write_again(const struct dotenv *dotenv, struct arena *arena)
{
	struct buffer out = buffer_start(arena);

	buffer_add_byte(&out, '\n'); /* a byte order mark is one only at the very start */
	for (size_t i = 0; i < dotenv->count; i++) {
		buffer_add_string(&out, dotenv->entries[i].name);
		if (dotenv->entries[i].value) {
			buffer_add_byte(&out, '=');
			add_value(&out, dotenv->entries[i].value);
		}
		buffer_add_byte(&out, '\n');
	}
	return buffer_text(&out);
}

static void check_entries(const struct dotenv *dotenv, size_t lines)
{
	unsigned line = 0;

	for (size_t i = 0; i < dotenv->count; i++) {
		const struct dotenv_entry *entry = &dotenv->entries[i];
		const struct dotenv_entry *found = dotenv_find(dotenv, entry->name);

		FUZZ_REQUIRE(entry->name[0] && !strpbrk(entry->name, " \t\r\n='\"#${}\\"));
		FUZZ_REQUIRE(entry->line > line && entry->line <= lines);
		FUZZ_REQUIRE(!found || (found >= entry && found->value));
		line = entry->line;
	}
}

static void check_written(const struct dotenv *dotenv, struct text written, struct arena *arena)
{
	struct dotenv again;

	if (!text_present(written) || written.length > WRITTEN_MAX)
		return;
	FUZZ_REQUIRE(parse(written, arena, &again));
	FUZZ_REQUIRE(again.count == dotenv->count);
	for (size_t i = 0; i < again.count; i++) {
		const char *before = dotenv->entries[i].value;
		const char *after = again.entries[i].value;

		FUZZ_REQUIRE(strcmp(dotenv->entries[i].name, again.entries[i].name) == 0);
		FUZZ_REQUIRE(!before == !after);
		FUZZ_REQUIRE(!before || strcmp(before, after) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text text = fuzz_text(data, size);
	struct dotenv dotenv;

	if (parse(text, arena, &dotenv)) {
		size_t lines = 1;

		for (size_t i = 0; i < text.length; i++)
			lines += text.data[i] == '\n' || text.data[i] == '\r';
		check_entries(&dotenv, lines);
		check_written(&dotenv, write_again(&dotenv, arena), arena);
	}
	arena_free(arena);
	return 0;
}
