/* One pass over the bytes; a quote or comment is skipped whole. */
#include "platform.h"
#include "db/script.h"

#include <string.h>

struct splitter {
	struct text text;
	size_t at;
	unsigned line;
	size_t begin; /* of the statement, when `open` */
	size_t end;   /* behind its last byte that is neither blank nor comment */
	bool open;
	unsigned first_line; /* of the statement */
	const char *problem;
};

static char byte_at(const struct splitter *splitter, size_t ahead)
{
	size_t at = splitter->at + ahead;

	return at < splitter->text.length ? splitter->text.data[at] : '\0';
}

static bool is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void advance(struct splitter *splitter, size_t count)
{
	for (; count > 0 && splitter->at < splitter->text.length; count--)
		splitter->line += splitter->text.data[splitter->at++] == '\n';
}

/* What was just passed belongs to a statement. */
static void keep(struct splitter *splitter, size_t begin, unsigned line)
{
	if (!splitter->open) {
		splitter->open = true;
		splitter->begin = begin;
		splitter->first_line = line;
	}
	splitter->end = splitter->at;
}

static bool at_line_comment(const struct splitter *splitter)
{
	char third = byte_at(splitter, 2);

	if (byte_at(splitter, 0) == '#')
		return true;
	return byte_at(splitter, 0) == '-' && byte_at(splitter, 1) == '-' &&
	       (is_blank(third) || splitter->at + 2 >= splitter->text.length);
}

/* One that the server executes is no comment, and must not hide the end of a statement. */
static void skip_block_comment(struct splitter *splitter)
{
	char third = byte_at(splitter, 2);
	bool executed = third == '!' || (third == 'M' && byte_at(splitter, 3) == '!');
	size_t begin = splitter->at;
	unsigned line = splitter->line;

	advance(splitter, 2);
	while (byte_at(splitter, 0) != '*' || byte_at(splitter, 1) != '/') {
		if (splitter->at >= splitter->text.length)
			splitter->problem = "a comment never ends";
		else if (executed && strchr(";\\'\"`", byte_at(splitter, 0)))
			splitter->problem =
			    "a semicolon, quote or backslash in a comment that the server executes";
		if (splitter->problem)
			return;
		advance(splitter, 1);
	}
	advance(splitter, 2);
	if (executed)
		keep(splitter, begin, line);
}

/* A doubled quote ends one text and begins the next, which comes to the same. */
static void skip_quoted(struct splitter *splitter)
{
	char quote = byte_at(splitter, 0);
	size_t begin = splitter->at;
	unsigned line = splitter->line;

	advance(splitter, 1);
	while (byte_at(splitter, 0) != quote) {
		if (splitter->at >= splitter->text.length)
			splitter->problem = "a quote is not closed";
		else if (quote != '`' && byte_at(splitter, 0) == '\\')
			splitter->problem =
			    "a backslash in quotes, which means different things to servers";
		if (splitter->problem)
			return;
		advance(splitter, 1);
	}
	advance(splitter, 1);
	keep(splitter, begin, line);
}

static void step(struct splitter *splitter)
{
	char byte = byte_at(splitter, 0);

	if (at_line_comment(splitter)) {
		const struct text rest = text_skip(splitter->text, splitter->at);

		advance(splitter, text_find(rest, '\n'));
	} else if (byte == '/' && byte_at(splitter, 1) == '*') {
		skip_block_comment(splitter);
	} else if (byte == '\'' || byte == '"' || byte == '`') {
		skip_quoted(splitter);
	} else if (byte == '\\') {
		splitter->problem = "a backslash, which is a command of the client";
	} else {
		advance(splitter, 1);
		if (!is_blank(byte))
			keep(splitter, splitter->at - 1, splitter->line);
	}
}

static bool is_client_command(struct text sql)
{
	static const char *const words[] = {"DELIMITER", "SOURCE"};
	size_t length = 0;

	while (length < sql.length && !is_blank(sql.data[length]))
		length++;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is_nocase((struct text){sql.data, length}, words[i]))
			return true;
	return false;
}

/* Read up to the end of the next statement; false when there is none, or a problem. */
static bool next_statement(struct splitter *splitter, struct script_statement *out)
{
	splitter->open = false;
	while (!splitter->problem && splitter->at < splitter->text.length) {
		if (byte_at(splitter, 0) == ';') {
			advance(splitter, 1);
			if (splitter->open)
				break;
			continue;
		}
		step(splitter);
	}
	if (splitter->problem || !splitter->open)
		return false;
	out->sql =
	    (struct text){splitter->text.data + splitter->begin, splitter->end - splitter->begin};
	out->line = splitter->first_line;
	if (is_client_command(out->sql)) {
		splitter->problem = "DELIMITER and SOURCE are commands of the client";
		splitter->line = out->line;
	}
	return !splitter->problem;
}

static size_t count_semicolons(struct text text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += text.data[i] == ';';
	return count;
}

bool script_split(struct text text, struct arena *arena, struct script *out, const char **problem)
{
	struct splitter splitter = {.text = text, .line = 1};
	size_t most = count_semicolons(text) + 1;

	*out = (struct script){.statements = arena_array(arena, most, sizeof(*out->statements))};
	*problem = "out of memory";
	if (!out->statements)
		return false;
	if (text_find(text, '\0') < text.length)
		splitter.problem = "a NUL byte";
	while (next_statement(&splitter, &out->statements[out->count]))
		out->count++;
	if (!splitter.problem) {
		*problem = NULL;
		return true;
	}
	*problem = arena_printf(arena, "line %u: %s", splitter.line, splitter.problem);
	if (!*problem)
		*problem = splitter.problem;
	return false;
}
