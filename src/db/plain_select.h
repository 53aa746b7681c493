/* Is a SELECT so plain that another SELECT can ask it in passing? */
#ifndef CASTGATE_DB_PLAIN_SELECT_H
#define CASTGATE_DB_PLAIN_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* Stands in `conditions` for the subject, which is no parameter there but a column of the other one. */
#define PLAIN_SELECT_SUBJECT '\1'

/* A SELECT taken apart, in the words of its author. Owned by the arena. */
struct plain_select {
	const char *columns; /* "c.id AS conversation, p.user_id AS user"; no parameters */
	size_t column_count;
	const char *tables;     /* "conversations c JOIN participants p", to stand in brackets */
	const char *conditions; /* all of ON and WHERE, which AND joins; never empty */
	struct text *names;     /* of the '?' in `conditions`, in order, without the colon */
	size_t name_count;
};

/* Read a SELECT that statement_parse accepts. Plain is one of nothing but
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
 * The subject (":user") may only be set equal to the column that comes back under its name. False for
 * everything else, also when the arena is full: then the SELECT is asked by itself. */
bool plain_select_read(
    const char *sql, struct text subject, struct arena *arena, struct plain_select *out);

#endif
