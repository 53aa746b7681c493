/* Finds rows by name, and words in closed sets. */
#include "platform.h"
#include "config/directive.h"

#include <string.h>

#include "base/buffer.h"

const struct directive *directive_find(enum section section, const char *name)
{
	const struct directive *rows;
	size_t count = directive_rows(section, &rows);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

enum section directive_opens(const struct directive *directive)
{
	for (int i = SECTION_TOP + 1; i < SECTION_COUNT; i++) {
		const struct section_row *row = section_row((enum section)i);

		if (row->parent == directive->section && strcmp(row->name, directive->name) == 0)
			return (enum section)i;
	}
	return SECTION_TOP;
}

bool directive_is_secret(const struct directive *directive)
{
	return directive->type == TYPE_SECRET || directive->type == TYPE_SECRETS ||
	       directive->type == TYPE_MASTER_KEY;
}

bool directive_is_list(const struct directive *directive)
{
	return directive->type == TYPE_LIST || directive->type == TYPE_SECRETS ||
	       directive->type == TYPE_PAIRS || directive->type == TYPE_KINDS ||
	       directive->type == TYPE_CREDENTIALS;
}

bool directive_of_kind(const struct directive *directive, const char *kind)
{
	return !directive->kind || words_index(directive->kind, kind) >= 0;
}

struct text words_at(const char *words, size_t index)
{
	struct text rest = text_of(words);
	struct text word = {rest.data, text_find(rest, '|')};

	for (; index > 0; index--) {
		if (word.length == rest.length)
			return (struct text){0};
		rest = text_skip(rest, word.length + 1);
		word = (struct text){rest.data, text_find(rest, '|')};
	}
	return word;
}

const char *words_listed(const char *words, const char *separator, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	struct text word;

	for (size_t i = 0; word = words_at(words, i), text_present(word); i++) {
		buffer_add_string(&out, i ? separator : "");
		buffer_add(&out, word);
	}
	return out.failed || !buffer_text(&out).data ? words : out.data;
}

int words_index(const char *words, const char *word)
{
	struct text at;

	for (int i = 0; at = words_at(words, (size_t)i), text_present(at); i++)
		if (text_is(at, word))
			return i;
	return -1;
}
