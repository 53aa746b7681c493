/* Is this SQL text something castgate may run, and which parameters does it name? */
#ifndef CASTGATE_DB_STATEMENT_H
#define CASTGATE_DB_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/value.h"

#define STATEMENT_MAX_PARAMETERS 64

/* A statement ready for preparing: `sql` has one '?' per occurrence of a ":name", and `names` lists
 * those names in that order, without the colon, repeats included. Owned by the arena. */
struct statement {
	const char *sql;
	struct text *names;
	size_t *places; /* of the '?' of each, in bytes */
	size_t name_count;
};

/* The statement with values written in their places, for a person to run; what has no value is NULL. Not for
 * castgate, which prepares. Absent when the arena is full. */
struct text statement_written(
    const struct statement *statement, const struct value *values, struct arena *arena);

/* Read one operator-written SELECT. Accepted: one statement that starts with SELECT or WITH. A
 * ":name" ([A-Za-z_][A-Za-z0-9_]*, dotted parts allowed) inside quotes or comments is text.
 * Refused, with *problem naming the reason (owned by the arena): anything else at the start,
 * INTO, FOR UPDATE, FOR SHARE, LOCK IN, INSERT/UPDATE/DELETE as a verb, ";", "?", ":=", a number
 * that runs into a word ("1.INTO"), comments that the server executes, unterminated quotes or
 * comments, more than STATEMENT_MAX_PARAMETERS. Whether there is a result set is known only after
 * preparing: see db_describe. */
bool statement_parse(
    const char *sql, struct arena *arena, struct statement *out, const char **problem);

#endif
