/* What is the next word of a SELECT, as far as it is harmless for certain? Inside db/ only. */
#ifndef CASTGATE_DB_PLAIN_TOKEN_H
#define CASTGATE_DB_PLAIN_TOKEN_H

#include <stdbool.h>

#include "base/text.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_LITERAL, TOKEN_PARAMETER, TOKEN_SIGN, TOKEN_OTHER };

/* `text` is the token as written; a parameter's is its name. */
struct plain_token {
	enum token_kind kind;
	bool quoted; /* in backticks: never a keyword */
	struct text text;
};

/* Take the next token off the front of *rest, with the blanks before it; END when nothing is left. One of kind
 * OTHER stays. */
struct plain_token plain_token_take(struct text *rest);

/* Is it a word that stands where a name could and is none, or that makes what follows something else? */
bool plain_token_is_reserved(const struct plain_token *token);

#endif
