/* Which other question does the statement answer that tells who is asking? */
#ifndef CASTGATE_CREDENTIAL_COMPANION_H
#define CASTGATE_CREDENTIAL_COMPANION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/value.h"
#include "db/db.h"
#include "db/plain_select.h"
#include "db/question.h"

/* A plain question (db/plain_select.h) about an identity that rides along with the SELECT which finds the
 * identity: one round trip instead of two. It decides nothing. Credential and question are judged by the
 * code that judges them otherwise, from the same columns; only where the rows come from is another.
 * Whatever is not certain is asked by itself, as if there were no companion:
 *
 *  - both are joined, so a row of theirs is a row of each; no row says nothing, and both are asked
 *    (a LEFT JOIN would tell more, but costs the server as much as two statements); where that happens
 *    to every fourth request or more, nothing rides along for a second;
 *  - nothing rides along before a request in which both were asked by themselves, after whose reply
 *    EXPLAIN said, for that request's values, that every table is read by a whole unique key, and the
 *    columns turned out to be the same ones (companion_learn);
 *  - the identity's key and the column it is set equal to are both integers, so that the database
 *    compares them as it compares the column with a parameter;
 *  - an answer of more than one row is thrown away.
 *
 * One for each credential and question; it lives as long as both. */
struct companion;

/* The statements a kind can find an identity with: by id, by hash. */
#define COMPANION_LOOKUPS 2

/* What a kind makes of a question. Each statement has, in this order,
 *   columns     the kind's own (`own_columns`, that of the key at `id_column`), then the question's
 *   parameters  the kind's own but the last, the question's, the kind's last. */
struct companion_statements {
	const char *sql[COMPANION_LOOKUPS];
	size_t own_columns;
	size_t id_column;
};

/* NULL when memory is out, or there would be too many columns or parameters. */
struct companion *companion_new(const struct companion_statements *statements,
    const struct plain_select *select, struct question *question, struct db *db,
    const struct clock *clock, struct arena *lifetime);

/* One request's question and, once the credential was looked up, its answer. */
struct companion_ask {
	struct companion *companion;
	const struct value *parameters; /* one for each of plain_select's but subjects */
	bool answered;
	struct value id;     /* of the identity that the answer is about */
	struct db_rows rows; /* one; its columns live until the next call on the db */
};

/* What the kind looks for: its own parameters. */
struct companion_lookup {
	size_t lookup;
	const struct value *parameters;
	size_t count;
};

/* Look up both. False when the kind must ask by itself. True otherwise, with *result and *rows as
 * db_select would give them to the kind, its own columns first: one row, and the answer in *ask, or
 * DB_BROKEN. At most one SELECT. */
bool companion_select(struct companion_ask *ask, const struct companion_lookup *own,
    struct arena *arena, struct db_rows *rows, enum db_result *result);

/* The values of a request, kept in its arena until after the reply. */
struct companion_lesson {
	struct companion_ask ask; /* no companion: nothing to learn */
	struct companion_lookup own;
	struct arena *arena;
};

/* A request proved an identity: is there something to learn from it? Nothing when the companion is
 * approved, or did not do long ago. No query. */
struct companion_lesson companion_remember(
    const struct companion_ask *ask, const struct companion_lookup *own, struct arena *arena);

/* Find out with these values whether the question may ride along from now on. Up to four round trips,
 * once in the life of a process as a rule; none for an empty lesson. */
void companion_learn(const struct companion_lesson *lesson);

#endif
