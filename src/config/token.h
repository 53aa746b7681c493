/* Which tokens does a configuration file consist of, and what in it would libconfuse lose? */
#ifndef CASTGATE_CONFIG_TOKEN_H
#define CASTGATE_CONFIG_TOKEN_H

#include "config/source.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* unquoted: letters, digits, '.', '_', '-' */
	TOKEN_STRING, /* quoted */
	TOKEN_MARK,   /* one of { } ( ) = , */
	TOKEN_BROKEN  /* reported; nothing sensible can follow */
};

/* `text` is the value of a word or string, NUL-terminated, the tokenizer's; `start` and `end` are
 * offsets in the source, the quotes included. */
struct token {
	enum token_kind kind;
	char mark;
	const char *text;
	size_t start;
	size_t end;
	unsigned line;
};

struct tokenizer {
	struct source *source;
	struct report *report;
	size_t at;
	unsigned line;
	char
	    *values; /* where the next token's value goes; all of them fit in the source's length */
};

/* Start at the beginning. False when the arena, which holds all values, is full. */
bool tokenizer_start(
    struct tokenizer *tokenizer, struct source *source, struct arena *arena, struct report *report);

/* The next token. Comments are overwritten with blanks in the source as they are passed (libconfuse
 * counts lines wrongly after them and loses the rest of a file behind an open one). Reports, with
 * file and line, everything that libconfuse reads otherwise than it is written:
 * strings and comments that do not end, escapes other than \" and \\ in double quotes, a backslash
 * at the end of a line, "${", and bytes outside quotes that it would skip or interpret. */
struct token token_next(struct tokenizer *tokenizer);

/* How a token is named in a message, such as "a string": never its text, which may be a secret. */
const char *token_describe(const struct token *token);

/* True for a mark of this kind. */
bool token_is(const struct token *token, char mark);

#endif
