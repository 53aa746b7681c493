/* phpdotenv 5 in C: its Lines, EntryParser and Resolver, rule by rule (vlucas/phpdotenv, src/). */
#include "platform.h"
#include "config/dotenv.h"

#include <string.h>

#include "base/ascii.h"
#include "config/dotenv_value.h"

/* The state between two lines. */
struct reading {
	struct dotenv *dotenv;
	struct arena *arena;
	struct report *report;
	size_t capacity;
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t' || byte == '\v';
}

/* PHP's trim() as phpdotenv calls it. */
static struct text trim(struct text text)
{
	while (text.length && is_blank(text.data[0]))
		text = text_skip(text, 1);
	while (text.length && is_blank(text.data[text.length - 1]))
		text.length--;
	return text;
}

/* Quotes that follow something other than a backslash, with "\\" taken out before. */
static unsigned count_quotes(struct text line)
{
	unsigned count = 0;
	char before = '\0';

	for (size_t i = 0; i < line.length; i++) {
		char byte = line.data[i];

		if (byte == '\\' && i + 1 < line.length && line.data[i + 1] == '\\') {
			i++;
			continue;
		}
		count += byte == '"' && before && before != '\\';
		before = byte;
	}
	return count;
}

/* Does the line open a double-quoted value that it does not close? */
static bool opens_value(struct text line)
{
	for (size_t i = 0; i + 1 < line.length; i++)
		if (line.data[i] == '=' && line.data[i + 1] == '"')
			return !text_is(line, "\"") && count_quotes(line) <= 1;
	return false;
}

static bool closes_value(struct text line)
{
	return text_is(line, "\"") || count_quotes(line) >= 1;
}

/* Lines end in \r\n, \n or \r. */
static struct text take_line(struct text *rest)
{
	struct text line = {rest->data, 0};

	while (line.length < rest->length && line.data[line.length] != '\n' &&
	       line.data[line.length] != '\r')
		line.length++;
	*rest = text_skip(*rest, line.length);
	if (rest->length > 1 && rest->data[0] == '\r' && rest->data[1] == '\n')
		*rest = text_skip(*rest, 2);
	else if (rest->length)
		*rest = text_skip(*rest, 1);
	return line;
}

static struct text strip_export(struct text name)
{
	if (name.length <= 8 || !text_starts_with(name, "export") || !is_blank(name.data[6]))
		return name;
	name = text_skip(name, 6);
	while (name.length && is_blank(name.data[0]))
		name = text_skip(name, 1);
	return name;
}

static struct text strip_quotes(struct text name)
{
	char first = name.length > 2 ? name.data[0] : '\0';

	if ((first != '"' && first != '\'') || name.data[name.length - 1] != first)
		return name;
	return (struct text){name.data + 1, name.length - 2};
}

/* Letters of any script, digits, '_' and '.'. */
static bool is_name(struct text name)
{
	for (size_t i = 0; i < name.length; i++)
		if ((unsigned char)name.data[i] < 0x80 && !ascii_is_word(name.data[i], "_."))
			return false;
	return name.length > 0;
}

static bool fail(const struct reading *reading, unsigned line, const char *problem)
{
	report_add(reading->report, REPORT_ERROR, (struct origin){reading->dotenv->path, line},
	    "%s", problem);
	return false;
}

static bool add_entry(struct reading *reading, struct dotenv_entry entry)
{
	struct dotenv *dotenv = reading->dotenv;

	if (dotenv->count == reading->capacity) {
		size_t capacity = reading->capacity ? reading->capacity * 2 : 64;
		struct dotenv_entry *entries =
		    arena_array(reading->arena, capacity, sizeof(*entries));

		if (!entries)
			return fail(reading, entry.line, "out of memory");
		if (dotenv->count)
			memcpy(entries, dotenv->entries, dotenv->count * sizeof(*entries));
		dotenv->entries = entries;
		reading->capacity = capacity;
	}
	dotenv->entries[dotenv->count++] = entry;
	return true;
}

static bool read_entry(struct reading *reading, struct text raw, unsigned line)
{
	struct dotenv_entry entry = {.line = line};
	size_t equals = text_find(raw, '=');
	struct text name = trim((struct text){raw.data, equals});
	const char *problem = NULL;

	if (equals < raw.length && name.length == 0)
		return fail(reading, line, "a line begins with \"=\"");
	if (equals == raw.length)
		name = raw;
	name = strip_quotes(strip_export(name));
	if (!is_name(name))
		return fail(reading, line, "not a variable's name");
	entry.name = arena_copy(reading->arena, name.data, name.length);
	if (equals < raw.length)
		problem = dotenv_value(reading->dotenv, trim(text_skip(raw, equals + 1)),
		    reading->arena, &entry.value);
	if (problem)
		return fail(reading, line, problem);
	if (!entry.name || (equals < raw.length && !entry.value))
		return fail(reading, line, "out of memory");
	return add_entry(reading, entry);
}

/* Everything from an opening line to the closing one, joined by line feeds. */
static bool take_lines(struct reading *reading, struct text *rest, struct text *raw, unsigned *line)
{
	struct buffer joined = buffer_start(reading->arena);
	unsigned first = *line;
	struct text more;

	buffer_add(&joined, *raw);
	do {
		if (!rest->length)
			return fail(reading, first, "a quote is not closed");
		more = take_line(rest);
		(*line)++;
		buffer_add_byte(&joined, '\n');
		buffer_add(&joined, more);
	} while (!closes_value(more));
	*raw = buffer_text(&joined);
	return text_present(*raw) || fail(reading, first, "out of memory");
}

bool dotenv_parse(
    const struct source *source, struct arena *arena, struct report *report, struct dotenv *dotenv)
{
	struct reading reading = {.dotenv = dotenv, .arena = arena, .report = report};
	struct text rest = {source->text, source->length};
	unsigned line = 0;

	*dotenv = (struct dotenv){.path = source->path};
	if (text_starts_with(rest, "\xef\xbb\xbf"))
		rest = text_skip(rest, 3);
	while (rest.length) {
		struct text raw = take_line(&rest);
		unsigned first = ++line;

		if (opens_value(raw) && !take_lines(&reading, &rest, &raw, &line))
			return false;
		if (trim(raw).length == 0 || trim(raw).data[0] == '#')
			continue;
		if (!read_entry(&reading, raw, first))
			return false;
	}
	return true;
}

const struct dotenv_entry *dotenv_find(const struct dotenv *dotenv, const char *name)
{
	for (size_t i = dotenv->count; i > 0; i--)
		if (strcmp(dotenv->entries[i - 1].name, name) == 0)
			return dotenv->entries[i - 1].value ? &dotenv->entries[i - 1] : NULL;
	return NULL;
}
