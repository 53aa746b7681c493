/* Where in a file of SQL does each statement begin and end? */
#ifndef CASTGATE_DB_SCRIPT_H
#define CASTGATE_DB_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* One statement as written, without its semicolon and without the comments before and after it. */
struct script_statement {
	struct text sql; /* borrowed from the file's text */
	unsigned line;   /* where it begins */
};

struct script {
	struct script_statement *statements;
	size_t count;
};

/* Split as the plain client does: at each semicolon outside quotes ('...', "...", `...`) and comments
 * (two dashes and a blank, #, slash-star). Every reader of the file must see the same statements, so
 * what settings of the server or the client decide is refused, with *problem naming it and its line
 * (owned by the arena): a backslash in quotes (NO_BACKSLASH_ESCAPES, ANSI_QUOTES) or outside (a
 * command of the client), DELIMITER and SOURCE, a semicolon in a comment that the server executes,
 * quotes and comments that never end, a NUL byte; also a full arena. */
bool script_split(struct text text, struct arena *arena, struct script *out, const char **problem);

#endif
