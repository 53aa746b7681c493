/* Cuts a file into tokens, and refuses what libconfuse would silently read differently. */
#include "platform.h"
#include "config/token.h"

#include <string.h>

#include "base/ascii.h"

static char peek(const struct tokenizer *tokenizer, size_t ahead)
{
	size_t at = tokenizer->at + ahead;

	return at < tokenizer->source->length ? tokenizer->source->text[at] : '\0';
}

static bool at_end(const struct tokenizer *tokenizer)
{
	return tokenizer->at >= tokenizer->source->length;
}

static struct origin origin_of(const struct tokenizer *tokenizer, unsigned line)
{
	return (struct origin){tokenizer->source->path, line};
}

static void advance(struct tokenizer *tokenizer)
{
	tokenizer->line += peek(tokenizer, 0) == '\n';
	tokenizer->at++;
}

/* Pass one byte and leave a blank in its place; line ends stay, so that lines can be counted. */
static void blank_out(struct tokenizer *tokenizer)
{
	if (peek(tokenizer, 0) != '\n')
		tokenizer->source->text[tokenizer->at] = ' ';
	advance(tokenizer);
}

static bool skip_block_comment(struct tokenizer *tokenizer)
{
	unsigned line = tokenizer->line;

	blank_out(tokenizer);
	blank_out(tokenizer);
	while (!at_end(tokenizer) && (peek(tokenizer, 0) != '*' || peek(tokenizer, 1) != '/'))
		blank_out(tokenizer);
	if (at_end(tokenizer)) {
		report_add(tokenizer->report, REPORT_ERROR, origin_of(tokenizer, line),
		    "this comment does not end");
		return false;
	}
	blank_out(tokenizer);
	blank_out(tokenizer);
	return true;
}

static bool skip_blanks(struct tokenizer *tokenizer)
{
	while (!at_end(tokenizer)) {
		char byte = peek(tokenizer, 0);
		char next = peek(tokenizer, 1);

		if (byte == ' ' || byte == '\t' || byte == '\n' || (byte == '\r' && next == '\n')) {
			advance(tokenizer);
		} else if (byte == '#' || (byte == '/' && next == '/')) {
			while (!at_end(tokenizer) && peek(tokenizer, 0) != '\n')
				blank_out(tokenizer);
		} else if (byte == '/' && next == '*') {
			if (!skip_block_comment(tokenizer))
				return false;
		} else {
			break;
		}
	}
	return true;
}

static const char *keep_value(struct tokenizer *tokenizer, const char *text, size_t length)
{
	char *value = tokenizer->values;

	memcpy(value, text, length);
	value[length] = '\0';
	tokenizer->values += length + 1;
	return value;
}

static bool is_word_byte(char byte)
{
	return ascii_is_word(byte, "_.-");
}

/* Bytes at which libconfuse ends an unquoted string as well. */
static bool ends_word(char byte)
{
	return byte == '\0' || strchr(" \t\r\n#\"'{}()=,", byte) != NULL;
}

/* The text of a word is not told: it may be a secret that lacks its quotes. */
static void report_word(struct tokenizer *tokenizer, const struct token *token)
{
	struct origin origin = origin_of(tokenizer, token->line);

	if (token->text[0] == '+' && peek(tokenizer, 0) == '=')
		report_add(tokenizer->report, REPORT_ERROR, origin,
		    "\"+=\" is not allowed; write the whole list at once");
	else if (strstr(token->text, "${"))
		report_add(tokenizer->report, REPORT_ERROR, origin,
		    "\"${\" is not expanded; a secret may be written as \"env:NAME\"");
	else if (token->kind == TOKEN_BROKEN && token->text[0] > ' ' && token->text[0] < 0x7f)
		report_add(
		    tokenizer->report, REPORT_ERROR, origin, "unexpected \"%s\"", token->text);
	else if (token->kind == TOKEN_BROKEN)
		report_add(tokenizer->report, REPORT_ERROR, origin, "unexpected byte 0x%02x",
		    (unsigned char)token->text[0]);
	else if (token->text[token->end - token->start - 1] == ';')
		report_add(tokenizer->report, REPORT_ERROR, origin,
		    "no \";\" ends a value; a value with one in it has to be in quotes");
	else
		report_add(tokenizer->report, REPORT_ERROR, origin,
		    "this has to be in quotes: without them only letters, digits, \".\", \"_\" and "
		    "\"-\" may stand");
}

/* Pass "${...}" as a whole, so that it is one complaint. */
static void pass_expansion(struct tokenizer *tokenizer)
{
	if (peek(tokenizer, 0) != '$' || peek(tokenizer, 1) != '{')
		return;
	while (peek(tokenizer, 1) && peek(tokenizer, 1) != '\n' && peek(tokenizer, 0) != '}')
		advance(tokenizer);
}

static struct token read_word(struct tokenizer *tokenizer)
{
	struct token token = {.kind = TOKEN_WORD, .start = tokenizer->at, .line = tokenizer->line};
	bool alone = ends_word(peek(tokenizer, 0)); /* a carriage return within a line */
	bool plain = true;

	do {
		plain = plain && is_word_byte(peek(tokenizer, 0));
		pass_expansion(tokenizer);
		advance(tokenizer);
	} while (!alone && !ends_word(peek(tokenizer, 0)));
	token.end = tokenizer->at;
	token.text =
	    keep_value(tokenizer, tokenizer->source->text + token.start, token.end - token.start);
	if (!plain && token.end - token.start == 1)
		token.kind = TOKEN_BROKEN;
	if (!plain)
		report_word(tokenizer, &token);
	return token;
}

/* What follows a backslash in a string: true when the backslash only quotes it. */
static bool check_escape(struct tokenizer *tokenizer, char quote)
{
	struct origin origin = origin_of(tokenizer, tokenizer->line);
	char next = peek(tokenizer, 1);

	if (next == '\\' || next == quote)
		return true;
	if (next == '\n' || (next == '\r' && peek(tokenizer, 2) == '\n'))
		report_add(tokenizer->report, REPORT_ERROR, origin,
		    "a backslash at the end of a line would vanish; write \\\\ if it is meant");
	else if (quote == '"')
		report_add(tokenizer->report, REPORT_ERROR, origin,
		    "unknown escape in double quotes: only \\\" and \\\\ are allowed (class names "
		    "belong in single quotes)");
	return false;
}

/* Keep the inside of a string, up to its closing quote. */
static bool read_inside(struct tokenizer *tokenizer, char quote)
{
	while (!at_end(tokenizer) && peek(tokenizer, 0) != quote) {
		if (quote == '"' && peek(tokenizer, 0) == '$' && peek(tokenizer, 1) == '{')
			report_add(tokenizer->report, REPORT_ERROR,
			    origin_of(tokenizer, tokenizer->line),
			    "\"${\" is not expanded; if it is meant, use single quotes (a secret "
			    "may be written as \"env:NAME\")");
		if (peek(tokenizer, 0) == '\\' && check_escape(tokenizer, quote))
			advance(tokenizer);
		*tokenizer->values++ = peek(tokenizer, 0);
		advance(tokenizer);
	}
	*tokenizer->values++ = '\0';
	return !at_end(tokenizer);
}

static struct token read_string(struct tokenizer *tokenizer)
{
	struct token token = {.kind = TOKEN_STRING,
	    .text = tokenizer->values,
	    .start = tokenizer->at,
	    .line = tokenizer->line};
	char quote = peek(tokenizer, 0);

	advance(tokenizer);
	if (!read_inside(tokenizer, quote)) {
		report_add(tokenizer->report, REPORT_ERROR, origin_of(tokenizer, token.line),
		    "this string does not end");
		token.kind = TOKEN_BROKEN;
	} else {
		advance(tokenizer);
	}
	token.end = tokenizer->at;
	return token;
}

bool tokenizer_start(
    struct tokenizer *tokenizer, struct source *source, struct arena *arena, struct report *report)
{
	*tokenizer = (struct tokenizer){.source = source, .report = report, .line = 1};
	tokenizer->values = arena_alloc(arena, source->length + 2);
	return tokenizer->values != NULL;
}

struct token token_next(struct tokenizer *tokenizer)
{
	struct token token = {.kind = TOKEN_BROKEN};
	char byte;

	if (!skip_blanks(tokenizer))
		return token;
	token.start = token.end = tokenizer->at;
	token.line = tokenizer->line;
	byte = peek(tokenizer, 0);
	if (at_end(tokenizer)) {
		token.kind = TOKEN_END;
		return token;
	}
	if (byte == '"' || byte == '\'')
		return read_string(tokenizer);
	if (!strchr("{}()=,", byte))
		return read_word(tokenizer);
	token.kind = TOKEN_MARK;
	token.mark = byte;
	token.end++;
	advance(tokenizer);
	return token;
}

const char *token_describe(const struct token *token)
{
	static const char marks[] = "{}()=,";
	static const char *const quoted[] = {"\"{\"", "\"}\"", "\"(\"", "\")\"", "\"=\"", "\",\""};

	switch (token->kind) {
	case TOKEN_END:
		return "the end of the file";
	case TOKEN_STRING:
		return "a string";
	case TOKEN_MARK:
		return quoted[strchr(marks, token->mark) - marks];
	case TOKEN_WORD:
	case TOKEN_BROKEN:
	default:
		return "a word";
	}
}

bool token_is(const struct token *token, char mark)
{
	return token->kind == TOKEN_MARK && token->mark == mark;
}
