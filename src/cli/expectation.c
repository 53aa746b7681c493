/* Lines of words: a verb, assignments, one channel, and a reason in brackets. */
#include "platform.h"
#include "cli/expectation.h"

#include <string.h>

#include "base/buffer.h"
#include "cli/assumed.h"

#define MOST_VALUES 32

struct reader {
	struct text rest; /* of the line */
	struct arena *arena;
	const char *problem;
};

struct word {
	struct text text;
	bool quoted; /* begins with a quote */
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static char next_byte(struct reader *reader)
{
	char byte = reader->rest.data[0];

	reader->rest = text_skip(reader->rest, 1);
	return byte;
}

/* What stands between two quotes. */
static void read_quoted(struct reader *reader, struct buffer *out)
{
	while (reader->rest.length) {
		char byte = next_byte(reader);

		if (byte == '"')
			return;
		if (byte == '\\') {
			byte = reader->rest.length ? next_byte(reader) : '\0';
			if (byte != '"' && byte != '\\') {
				reader->problem =
				    "in quotes a backslash stands before \" or \\ only";
				return;
			}
		}
		buffer_add_byte(out, byte);
	}
	reader->problem = "a quote is never closed";
}

/* The next word. False at the end of the line, at a comment, or with a problem. */
static bool read_word(struct reader *reader, struct word *word)
{
	struct buffer out = buffer_start(reader->arena);

	while (reader->rest.length && is_blank(reader->rest.data[0]))
		(void)next_byte(reader);
	if (!reader->rest.length || reader->rest.data[0] == '#')
		return false;
	word->quoted = reader->rest.data[0] == '"';
	while (reader->rest.length && !is_blank(reader->rest.data[0]) && !reader->problem) {
		char byte = next_byte(reader);

		if (byte == '"')
			read_quoted(reader, &out);
		else
			buffer_add_byte(&out, byte);
	}
	word->text = out.length ? buffer_text(&out) : TEXT("");
	if (!text_present(word->text))
		reader->problem = "out of memory";
	return !reader->problem;
}

/* A word's value when it assigns to `name`; absent when it does not. */
static struct text assigned(const struct word *word, const char *name)
{
	size_t length = strlen(name);

	if (word->quoted || !text_starts_with(word->text, name) || word->text.length <= length ||
	    word->text.data[length] != '=')
		return (struct text){0};
	return text_skip(word->text, length + 1);
}

static const char *take_value(const struct word *word, struct expectation *out)
{
	struct named_value *value = &out->values[out->value_count];

	if (out->value_count == MOST_VALUES)
		return "there are too many values";
	if (!assumed_pair(text_skip(word->text, strlen("user.")), value))
		return "a value reads user.NAME=VALUE";
	for (size_t i = 0; i < out->value_count; i++)
		if (text_equal(out->values[i].name, value->name))
			return "a value is given twice";
	out->value_count++;
	return NULL;
}

static const char *take_once(struct text *place, struct text text, const char *problem)
{
	if (text_present(*place))
		return problem;
	*place = text;
	return NULL;
}

static bool is_reason(const struct word *word)
{
	return !word->quoted && word->text.length > 2 && word->text.data[0] == '[' &&
	       word->text.data[word->text.length - 1] == ']';
}

/* Any word but the first; a problem, or NULL. */
static const char *take_word(const struct word *word, struct expectation *out)
{
	struct text user = assigned(word, "user");
	struct text endpoint = assigned(word, "endpoint");

	if (text_present(out->reason))
		return "the reason in brackets comes last";
	if (is_reason(word))
		return take_once(
		    &out->reason, (struct text){word->text.data + 1, word->text.length - 2}, NULL);
	if (text_present(user)) {
		if (out->user.kind != VALUE_NONE)
			return "user= is given twice";
		out->user = assumed_value(user);
		return user.length ? NULL : "user= needs an id";
	}
	if (text_present(endpoint))
		return take_once(&out->endpoint, endpoint, "endpoint= is given twice");
	if (!word->quoted && text_starts_with(word->text, "user."))
		return take_value(word, out);
	return take_once(&out->channel, word->text, "there is more than one channel");
}

static const char *check_whole(const struct expectation *read)
{
	if (read->user.kind == VALUE_NONE)
		return "user=ID is missing";
	if (!text_present(read->channel))
		return "the channel is missing";
	if (read->allows && text_present(read->reason))
		return "only a refusal has a reason";
	return NULL;
}

/* A problem, or NULL; an empty line has neither a problem nor a channel. */
static const char *read_line(struct text line, struct arena *arena, struct expectation *out)
{
	struct named_value values[MOST_VALUES];
	struct reader reader = {line, arena, NULL};
	const char *problem = NULL;
	struct word word;

	out->values = values;
	if (!read_word(&reader, &word))
		return reader.problem;
	out->allows = !word.quoted && text_is(word.text, "allow");
	if (!out->allows && (word.quoted || !text_is(word.text, "deny")))
		return "a line begins with allow or deny";
	while (!problem && read_word(&reader, &word))
		problem = take_word(&word, out);
	out->written = text_trim((struct text){line.data, line.length - reader.rest.length});
	if (!problem)
		problem = reader.problem ? reader.problem : check_whole(out);
	out->values = arena_array(arena, out->value_count + 1, sizeof(values[0]));
	if (!out->values)
		return "out of memory";
	memcpy(out->values, values, out->value_count * sizeof(values[0]));
	return problem;
}

static size_t count_lines(const struct source *source)
{
	size_t count = 1;

	for (size_t i = 0; i < source->length; i++)
		count += source->text[i] == '\n';
	return count;
}

bool expectations_read(const struct source *source, struct arena *arena, struct report *report,
    struct expectations *out)
{
	struct text rest = {source->text, source->length};
	bool ok = source_is_text(source, report);

	out->count = 0;
	out->items = arena_array(arena, count_lines(source), sizeof(*out->items));
	for (unsigned line = 1; ok && out->items && rest.length; line++) {
		size_t end = text_find(rest, '\n');
		struct expectation read = {.line = line};
		const char *problem = read_line((struct text){rest.data, end}, arena, &read);

		if (problem)
			report_add(report, REPORT_ERROR, (struct origin){source->path, line}, "%s",
			    problem);
		else if (text_present(read.channel))
			out->items[out->count++] = read;
		rest = text_skip(rest, end < rest.length ? end + 1 : end);
	}
	if (!out->items || (out->count == 0 && !report_failed(report)))
		report_add(report, REPORT_ERROR, (struct origin){source->path, 1}, "%s",
		    out->items ? "there is no expectation in this file" : "out of memory");
	return !report_failed(report);
}
