/* How is one question put once for several sets of values? */
#ifndef CASTGATE_DB_QUESTION_GROUP_H
#define CASTGATE_DB_QUESTION_GROUP_H

#include "base/clock.h"
#include "db/question.h"

/* A plain question (db/plain_select.h) about several channels of one request: the values of its subjects
 * differ, those of its other parameters do not. `column = :subject` is asked as `column IN (...)` with the
 * values of all, so the rows found are those that each set would find by itself, and perhaps some that mix
 * the values of several. It decides nothing: a row is handed to a set as the answer that question_ask would
 * have found, and judged like that. Whatever is not certain is asked by itself, as if there were no group:
 *
 *  - every subject must come back, under its name, in the very column that it is set equal to, and needs
 *    proof; integers and texts only. A row whose columns have a set's values byte for byte thus meets the
 *    conditions with those values, whatever else the IN may have let in;
 *  - a set gets an answer only when exactly one row proves itself for it, and when those that its own
 *    statement could have found, too, are no more than question_ask would have read to come to it;
 *  - no row says nothing: who has none is asked alone, so that every refusal is worded as ever;
 *  - too many rows, or an error, and nobody has an answer; for some time then nobody is asked together.
 *
 * Lives as long as the question. */
struct question_group;

/* NULL where the SELECT is not plain, no subject occurs in it, one needs no proof, or memory is out: then each
 * set is asked by itself. `sql` is the question's own. No query. */
struct question_group *question_group_open(const char *sql, struct question *question,
    const struct text *subjects, size_t subject_count, struct db *db, const struct clock *clock,
    struct arena *lifetime);

/* Ask for `count` sets of values. answers[i] is the answer to values[i], or without a question where it has to be
 * asked alone; all of it lives in the arena. ALLOWED, which says nothing of any set, or an outage when the
 * database is away: then asking alone would be no better. `max_rows` is what question_ask would be given.
 * One SELECT for up to 20 sets, fewer where parameters are many, or texts. */
struct verdict question_group_ask(struct question_group *group,
    const struct question_values *values, size_t count, size_t max_rows, struct arena *arena,
    struct question_answer *answers);

#endif
