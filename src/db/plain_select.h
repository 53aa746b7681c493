/* Is a SELECT so plain that it can be asked in other words, in passing or for several values at once? */
#ifndef CASTGATE_DB_PLAIN_SELECT_H
#define CASTGATE_DB_PLAIN_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* Stands in `conditions` for a subject, always as "column = SUBJECT". */
#define PLAIN_SELECT_SUBJECT '\1'

/* A parameter of `conditions`: a '?' there, or a subject. */
struct plain_parameter {
	struct text name; /* without the colon */
	bool is_subject;
	struct text table; /* the alias, without backticks, of the table with a subject's column */
};

/* A SELECT taken apart, in the words of its author. Owned by the arena. */
struct plain_select {
	const char *columns; /* "c.id AS conversation, p.user_id AS user"; no parameters */
	size_t column_count;
	const char *tables;     /* "conversations c JOIN participants p", to stand in brackets */
	const char *conditions; /* all of ON and WHERE, which AND joins; never empty */
	const struct plain_parameter *parameters; /* in order, which is the author's, too */
	size_t parameter_count;
	size_t subject_count; /* how many of those are subjects */
};

/* Read a SELECT that statement_parse accepts; `subjects` are names of parameters. Plain is one of nothing but
 *
 *   SELECT a.column [AS name], ...
 *   FROM table [AS] a [[INNER] JOIN table [AS] b ON condition [AND condition]... ]...
 *   WHERE condition [AND condition]...
 *
 * where a condition is `operand = operand` (also <>, !=, <, >, <=, >=) or `a.column IS [NOT] NULL`, and an
 * operand is a.column, a parameter, a whole number or a text without backslashes. Such a SELECT has a row
 * for each combination of rows of its tables that meets all conditions, and so has
 * `X JOIN (tables) ON (conditions)` for each row of X.
 *
 * A subject (":user") may only be set equal to the column that comes back under its name. False for
 * everything else, also when the arena is full: then the SELECT is asked by itself. */
bool plain_select_read(const char *sql, const struct text *subjects, size_t subject_count,
    struct arena *arena, struct plain_select *out);

/* Is the parameter at `index` a subject other than the one at `leader`, about the same table? False without a leader,
 * which is the parameter count. */
bool plain_select_is_beside(const struct plain_select *select, size_t index, size_t leader);

/* The same SELECT for `width` values of each subject: "column IN (?, ?)" instead of "column = ?", so with that
 * many parameters in the place of one. Those beside the leader are left out: "column IS NOT NULL", which more
 * rows meet. NULL when the arena is full. */
const char *plain_select_widen(
    const struct plain_select *select, size_t width, size_t leader, struct arena *arena);

#endif
