/* How does an operator's SELECT with named parameters bring rows that prove themselves? */
#ifndef CASTGATE_DB_QUESTION_H
#define CASTGATE_DB_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "base/value.h"
#include "base/verdict.h"
#include "config/config.h"
#include "db/db.h"

struct question;

/* What an operator wrote, and who uses it. */
struct question_source {
	const char *sql;
	struct origin origin;
	struct db_purpose purpose;
	const struct config_list *unproven; /* parameters accepted without proof; NULL: none */
	bool proves_nothing;                /* its rows allow nothing: no proof, and asked once */
	/* Can this parameter have a value at all? Asked while opening, with `names`. */
	bool (*knows)(const void *names, struct text name);
	const void *names;
	const char *known; /* what there is: "neither a capture nor :user, :user.NAME or :now" */
	/* how a parameter and the column that proves it are compared; NULL: byte for byte */
	bool (*same)(struct text parameter, struct text column);
};

/* Where the values of one request come from. VALUE_NONE for a name without a value. ":now" is the
 * service's own clock and needs no proof. */
struct question_values {
	struct value (*find)(const void *context, struct text name);
	const void *context;
	const struct question_answer *answer; /* selected already with something else; NULL: none */
};

/* Rows that came along with another statement: the answer to this question for these parameters, in the
 * order of its names. At most one row; no question: no answer. */
struct question_answer {
	const struct question *question;
	const struct value *parameters;
	struct db_rows rows;
};

/* Read, classify and register a statement. NULL with file:line errors in the report. Lives in
 * `lifetime`. */
struct question *question_open(const struct question_source *source, struct db *db,
    struct arena *lifetime, struct report *report);

/* What it is for; its texts are the source's. */
struct db_purpose question_purpose(const struct question *question);

/* Prepare it now and learn its result columns, which live until the next call on the db. ALLOWED, an
 * outage, or CONFIGURATION_BROKEN with the reason when a parameter that needs it does not come back
 * once, under its own name, from a base table. */
struct verdict question_describe(
    struct question *question, struct arena *arena, struct db_rows *columns);

/* The same, unless its columns are known already: then no query. */
struct verdict question_ready(struct question *question, struct arena *arena);

/* The same for the operator: false with errors in the report; *outage tells whether that was for want
 * of a database. */
bool question_check(struct question *question, struct report *report, bool *outage);

/* Do these columns, of the same SELECT in other words, prove every parameter that needs it, typed as those
 * which were learnt? False also when none were learnt yet. */
bool question_holds(const struct question *question, const struct db_rows *columns);

/* How the parameter at `index` is bound: as the column that proves it is typed. NONE without such a column, or when
 * none were learnt yet. */
enum value_kind question_binding(const struct question *question, size_t index);

/* Does a value of this parameter lead to one row of the table whose column proves it, by an index? As learnt then;
 * false without such a column. */
bool question_is_unique(const struct question *question, size_t index);

/* Has this parameter to come back in a row that proves itself? */
bool question_needs_proof(const struct question *question, struct text name);

/* Run it and read at most `max_rows` rows, proven or not. ALLOWED with at least one row;
 * VALUE_MISSING before any query when a parameter has no value; NO_ROW; CONFIGURATION_BROKEN as
 * above; or an outage. One SELECT, and one more round trip for preparing on a new connection; none at
 * all where values->answer is about this question and the very parameters it would be asked with. */
struct verdict question_ask(struct question *question, const struct question_values *values,
    size_t max_rows, struct arena *arena, struct db_rows *rows);

/* The parameters it would be asked with, but for those named `left_out`, which stay VALUE_NONE; into an
 * array of question_name_count. False when the database was never asked for its columns, or when a
 * value is missing or does not fit. No query. */
bool question_gather(const struct question *question, const struct question_values *values,
    struct text left_out, struct value *parameters);

/* Warn where the server would read a whole table to answer it (db/plan.h). */
void question_check_plan(const struct question *question, struct report *report);

/* The statement with this request's values in it, for a person to run; what has no value is NULL there.
 * Absent when the arena is full. No query. */
struct text question_written(
    const struct question *question, const struct question_values *values, struct arena *arena);

/* The value in a row of the column that proves the parameter at `index`; NONE without such a column. */
struct value question_proof(
    const struct question *question, size_t index, const struct db_rows *rows, size_t row);

/* Is each parameter that needs proof the same as the column that proves it in this row? */
bool question_row_proves(const struct question *question, const struct question_values *values,
    const struct db_rows *rows, size_t row);

/* "FILE:LINE" of the statement, for the log. */
const char *question_label(const struct question *question);

/* The names of its parameters, repeats included. */
size_t question_name_count(const struct question *question);
struct text question_name(const struct question *question, size_t index);

/* True when it has a parameter of this name. */
bool question_has_name(const struct question *question, struct text name);

#endif
