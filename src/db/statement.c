/* A small reader of SQL text: finds named parameters, refuses everything that is not one SELECT. */
#include "platform.h"
#include "db/statement.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buffer.h"

struct reader {
	const char *at;
	struct arena *arena;
	struct buffer sql;
	struct text names[STATEMENT_MAX_PARAMETERS];
	size_t places[STATEMENT_MAX_PARAMETERS];
	size_t name_count;
	struct text previous_word; /* of keywords only, to see FOR UPDATE and LOCK IN */
	const char *name_end;      /* where the last name ended, to see what a dot belongs to */
	bool started;
	const char *problem;
};

static bool is_word_start(char byte)
{
	return ascii_is_letter(byte) || byte == '_';
}

static bool is_word(char byte)
{
	return is_word_start(byte) || ascii_is_digit(byte) || byte == '$' ||
	       (unsigned char)byte >= 0x80;
}

static bool fail(struct reader *reader, const char *problem)
{
	reader->problem = problem;
	return false;
}

/* Copy up to and including `end`, which lies at or after the current position. */
static void copy_to(struct reader *reader, const char *end)
{
	buffer_add(&reader->sql, (struct text){reader->at, (size_t)(end - reader->at)});
	reader->at = end;
}

/* A quoted run: doubled quotes and, but for backticks, backslashes keep it open. */
static bool read_quoted(struct reader *reader)
{
	char quote = *reader->at;
	const char *p = reader->at + 1;

	for (; *p; p++) {
		if (*p == '\\' && quote != '`' && p[1])
			p++;
		else if (*p == quote && p[1] == quote)
			p++;
		else if (*p == quote) {
			copy_to(reader, p + 1);
			if (quote == '`')
				reader->name_end = reader->at;
			return true;
		}
	}
	return fail(reader, "a quoted text or name is not closed");
}

static bool read_line_comment(struct reader *reader)
{
	const char *end = strchr(reader->at, '\n');

	copy_to(reader, end ? end : reader->at + strlen(reader->at));
	return true;
}

static bool read_block_comment(struct reader *reader)
{
	const char *end = strstr(reader->at + 2, "*/");

	if (reader->at[2] == '!' || (reader->at[2] == 'M' && reader->at[3] == '!'))
		return fail(reader, "comments that the server executes (\"/*!\") are not allowed");
	if (!end)
		return fail(reader, "a comment is not closed");
	copy_to(reader, end + 2);
	return true;
}

static bool read_parameter(struct reader *reader)
{
	const char *p = reader->at + 1;

	while (is_word_start(*p)) {
		while (is_word(*p))
			p++;
		if (*p != '.' || !is_word_start(p[1]))
			break;
		p++;
	}
	if (reader->name_count == STATEMENT_MAX_PARAMETERS)
		return fail(reader, "more than 64 parameters");
	reader->places[reader->name_count] = reader->sql.length;
	reader->names[reader->name_count++] =
	    (struct text){reader->at + 1, (size_t)(p - reader->at - 1)};
	buffer_add_byte(&reader->sql, '?');
	reader->at = p;
	return true;
}

/* The first keyword decides; later ones may only be harmless. INSERT() and REPLACE() are also
 * functions; UPDATE before a bracket is still the verb. */
static bool judge_word(struct reader *reader, struct text word, bool is_call)
{
	static const char *const verbs[] = {
	    "UPDATE", "DELETE", "CALL", "HANDLER", "INSERT", "REPLACE"};
	const size_t never_functions = 4;
	struct text previous = reader->previous_word;

	reader->previous_word = word;
	if (!reader->started) {
		reader->started = true;
		if (!text_is_nocase(word, "SELECT") && !text_is_nocase(word, "WITH"))
			return fail(reader, "the statement must start with SELECT or WITH");
		return true;
	}
	if (text_is_nocase(word, "INTO"))
		return fail(reader, "INTO is not allowed");
	if (text_is_nocase(previous, "FOR") &&
	    (text_is_nocase(word, "UPDATE") || text_is_nocase(word, "SHARE")))
		return fail(reader, "a locking read (FOR UPDATE, FOR SHARE) is not allowed");
	if (text_is_nocase(previous, "LOCK") && text_is_nocase(word, "IN"))
		return fail(reader, "a locking read (LOCK IN SHARE MODE) is not allowed");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (text_is_nocase(word, verbs[i]) && (i < never_functions || !is_call))
			return fail(reader, "only a SELECT is allowed, nothing that changes data");
	return true;
}

static bool read_word(struct reader *reader)
{
	const char *p = reader->at;
	struct text word;

	while (is_word(*p))
		p++;
	word = (struct text){reader->at, (size_t)(p - reader->at)};
	copy_to(reader, p);
	reader->name_end = p;
	return judge_word(reader, word, *p == '(');
}

/* A dot directly after a name, and the name directly after the dot: whatever that spells. */
static bool read_column(struct reader *reader)
{
	const char *p = reader->at + 1;

	while (is_word(*p))
		p++;
	copy_to(reader, p);
	reader->name_end = p;
	return true;
}

static const char *digits_end(const char *p)
{
	while (ascii_is_digit(*p))
		p++;
	return p;
}

/* The end of the exponent that starts here; the same place when none does. */
static const char *exponent_end(const char *p)
{
	const char *digits = p + 1;

	if (*p != 'e' && *p != 'E')
		return p;
	digits += *digits == '+' || *digits == '-';
	return ascii_is_digit(*digits) ? digits_end(digits) : p;
}

static bool is_hexadecimal(const char *p)
{
	return p[0] == '0' && (p[1] == 'x' || p[1] == 'b');
}

/* A number, or a name that starts with digits. The server ends a number with a dot or an exponent
 * where it can, and reads a keyword from the very next letter: "1.INTO" is two words. */
static bool read_number(struct reader *reader)
{
	const char *whole = digits_end(reader->at);
	const char *p = exponent_end(*whole == '.' ? digits_end(whole + 1) : whole);

	if (p == whole) {
		while (is_word(*p))
			p++;
		if (!is_hexadecimal(reader->at))
			reader->name_end = p;
	} else if (is_word(*p)) {
		return fail(reader, "a number and the word after it need a space between them");
	}
	copy_to(reader, p);
	return true;
}

/* Neither printable nor one of the blanks that the server skips. */
static bool is_control(char byte)
{
	return ((unsigned char)byte < ' ' && !(byte >= '\t' && byte <= '\r')) || byte == 0x7f;
}

static bool starts_line_comment(const char *p)
{
	/* two dashes and a blank, a control character (DEL is one), or the end */
	return *p == '#' ||
	       (p[0] == '-' && p[1] == '-' && ((unsigned char)p[2] <= ' ' || p[2] == 0x7f));
}

static bool read_piece(struct reader *reader)
{
	const char *p = reader->at;

	if (starts_line_comment(p))
		return read_line_comment(reader);
	if (p[0] == '/' && p[1] == '*')
		return read_block_comment(reader);
	if (is_control(*p))
		return fail(reader, "a control character outside quotes is not allowed");
	if (!reader->started && (unsigned char)*p > ' ' && !is_word_start(*p))
		return fail(reader, "the statement must start with SELECT or WITH");
	if (*p == '\'' || *p == '"' || *p == '`')
		return read_quoted(reader);
	if (*p == ';')
		return fail(reader, "\";\" is not allowed: one statement, without a terminator");
	if (*p == '?')
		return fail(reader, "\"?\" is not allowed: name the parameter, as in :user");
	if (p[0] == ':' && p[1] == '=')
		return fail(reader, "\":=\" is not allowed");
	if (p[0] == ':' && is_word_start(p[1]))
		return read_parameter(reader);
	if (*p == '.' && p == reader->name_end && is_word(p[1]))
		return read_column(reader);
	if (ascii_is_digit(*p) || (*p == '.' && ascii_is_digit(p[1])))
		return read_number(reader);
	if (is_word(*p))
		return read_word(reader);
	copy_to(reader, p + 1);
	return true;
}

static void copy_parameters(const struct reader *reader, struct statement *out)
{
	memcpy(out->names, reader->names, reader->name_count * sizeof(*out->names));
	memcpy(out->places, reader->places, reader->name_count * sizeof(*out->places));
}

bool statement_parse(
    const char *sql, struct arena *arena, struct statement *out, const char **problem)
{
	struct reader reader = {.at = sql, .arena = arena, .sql = buffer_start(arena)};

	*out = (struct statement){0};
	while (*reader.at && !reader.problem)
		if (!read_piece(&reader))
			break;
	if (!reader.problem && !reader.started)
		reader.problem = "the statement is empty";
	if (!reader.problem) {
		struct text text = buffer_text(&reader.sql);

		out->sql = text.data;
		out->name_count = reader.name_count;
		out->names = arena_array(arena, reader.name_count + 1, sizeof(*out->names));
		out->places = arena_array(arena, reader.name_count + 1, sizeof(*out->places));
		if (!out->sql || !out->names || !out->places)
			reader.problem = "out of memory";
		else
			copy_parameters(&reader, out);
	}
	if (reader.problem)
		*out = (struct statement){0};
	*problem = reader.problem;
	return reader.problem == NULL;
}

/* Printable ASCII but for the two bytes that end a quoted text or change its next byte. */
static bool is_plain(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < ' ' || text.data[i] > '~' || text.data[i] == '\'' ||
		    text.data[i] == '\\')
			return false;
	return true;
}

/* Whatever the server's sql_mode: what is not plain is written in hexadecimal. */
static void write_literal(struct buffer *out, struct value value)
{
	if (value.kind == VALUE_NONE) {
		buffer_add_string(out, "NULL");
	} else if (value.kind != VALUE_TEXT && value.kind != VALUE_BINARY) {
		buffer_add(out, value.text);
	} else if (value.kind == VALUE_TEXT && is_plain(value.text)) {
		buffer_add_byte(out, '\'');
		buffer_add(out, value.text);
		buffer_add_byte(out, '\'');
	} else {
		buffer_add_string(out, value.kind == VALUE_TEXT ? "_utf8mb4 x'" : "x'");
		for (size_t i = 0; i < value.text.length; i++)
			buffer_printf(out, "%02x", (unsigned)(unsigned char)value.text.data[i]);
		buffer_add_byte(out, '\'');
	}
}

struct text statement_written(
    const struct statement *statement, const struct value *values, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	size_t done = 0;

	for (size_t i = 0; i < statement->name_count; i++) {
		size_t place = statement->places[i];

		buffer_add(&out, (struct text){statement->sql + done, place - done});
		write_literal(&out, values[i]);
		done = place + 1;
	}
	buffer_add_string(&out, statement->sql + done);
	return buffer_text(&out);
}
