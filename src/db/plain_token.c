/* A lexer of few words: what it does not know for certain is OTHER, and stays where it is. */
#include "platform.h"
#include "db/plain_token.h"

#include <string.h>

#include "base/ascii.h"

static bool is_letter(char byte)
{
	return ascii_is_letter(byte) || byte == '_';
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* How many of the first bytes belong to a word; a dot is none of them. */
static size_t word_length(struct text text)
{
	size_t length = 0;

	while (length < text.length &&
	       (is_letter(text.data[length]) || ascii_is_digit(text.data[length])))
		length++;
	return length;
}

/* A name in backticks or a text in quotes, of printable ASCII and without any escape; 0 otherwise. */
static size_t quoted_length(struct text text)
{
	char quote = text.data[0];

	for (size_t i = 1; i < text.length; i++) {
		char byte = text.data[i];

		if (byte == quote) /* doubled, it would go on */
			return i > 1 && (i + 1 == text.length || text.data[i + 1] != quote) ? i + 1
			                                                                    : 0;
		if (byte < ' ' || byte > '~' || byte == '\\')
			return 0;
	}
	return 0;
}

/* A parameter's name after the colon: words with dots between them, as statement_parse reads it. */
static size_t parameter_length(struct text text)
{
	size_t length = word_length(text);

	while (length + 1 < text.length && text.data[length] == '.' &&
	       is_letter(text.data[length + 1]))
		length += 1 + word_length(text_skip(text, length + 1));
	return length;
}

static struct plain_token token_of(enum token_kind kind, struct text rest, size_t length)
{
	return (struct plain_token){
	    length ? kind : TOKEN_OTHER, false, {rest.data, length ? length : 1}};
}

static struct plain_token read_sign(struct text rest)
{
	static const char *const signs[] = {"<>", "!=", "<=", ">=", "=", "<", ">", ",", "."};

	/* "<=>" knows no NULL */
	if (!text_starts_with(rest, "<=>"))
		for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
			if (text_starts_with(rest, signs[i]))
				return token_of(TOKEN_SIGN, rest, strlen(signs[i]));
	return token_of(TOKEN_OTHER, rest, 1);
}

struct plain_token plain_token_take(struct text *from)
{
	struct text rest = *from;
	struct plain_token token = {TOKEN_END, false, {"", 0}};

	while (rest.length && is_blank(rest.data[0]))
		rest = text_skip(rest, 1);
	*from = rest;
	if (!rest.length)
		return token;
	if (is_letter(rest.data[0])) {
		token = token_of(TOKEN_NAME, rest, word_length(rest));
	} else if (rest.data[0] == '`') {
		token = token_of(TOKEN_NAME, rest, quoted_length(rest));
		token.quoted = true;
	} else if (rest.data[0] == '\'') {
		token = token_of(TOKEN_LITERAL, rest, quoted_length(rest));
	} else if (ascii_is_digit(rest.data[0])) {
		token = token_of(TOKEN_LITERAL, rest, word_length(rest));
		for (size_t i = 0; i < token.text.length; i++)
			if (!ascii_is_digit(token.text.data[i]))
				token.kind = TOKEN_OTHER;
	} else if (rest.data[0] == ':') {
		rest = text_skip(rest, 1);
		token = token_of(TOKEN_PARAMETER, rest,
		    rest.length && is_letter(rest.data[0]) ? parameter_length(rest) : 0);
	} else {
		token = read_sign(rest);
	}
	*from = token.kind == TOKEN_OTHER ? rest : text_skip(rest, token.text.length);
	return token;
}

/* Of a word and a capital. Every name of a SELECT is held against all words: the first letter settles most. */
static bool same_letter(char byte, char capital)
{
	return (byte & ~0x20) == capital;
}

bool plain_token_is_reserved(const struct plain_token *token)
{
	static const char *const words[] = {"SELECT", "DISTINCT", "DISTINCTROW", "ALL", "FROM",
	    "AS", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "NATURAL",
	    "STRAIGHT_JOIN", "LATERAL", "ON", "USING", "WHERE", "AND", "OR", "XOR", "NOT", "IS",
	    "NULL", "IN", "LIKE", "BETWEEN", "REGEXP", "RLIKE", "COLLATE", "BINARY", "ORDER",
	    "GROUP", "BY", "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW", "PROCEDURE",
	    "FOR", "FORCE", "USE", "IGNORE", "PARTITION", "TABLE", "VALUES", "WITH", "CASE",
	    "EXISTS", "ANY", "SOME", "TABLESAMPLE", "OFFSET", "FETCH", "INTO", "LOCK", "DIV", "MOD",
	    "TRUE", "FALSE", "UNKNOWN", "INTERVAL"};

	if (token->quoted || !token->text.length)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (same_letter(token->text.data[0], words[i][0]) &&
		    text_is_nocase(token->text, words[i]))
			return true;
	return false;
}
