/* How does an operator's SELECT become a row that proves itself? */
#ifndef CASTGATE_CHANNEL_QUERY_H
#define CASTGATE_CHANNEL_QUERY_H

#include "base/report.h"
#include "channel/scope.h"
#include "config/config.h"
#include "db/db.h"
#include "db/question.h"

/* At most this many rows of a rule are looked at. */
#define QUERY_MAX_ROWS 16

struct query;

/* Which parameters the operator accepts without proof, and which names can have a value at all:
 * captures of these patterns (either may be NULL), "now", and those beginning with "user". */
struct query_source {
	const char *sql;
	struct origin origin;
	struct db_purpose purpose;
	const struct config_list *unproven;
	const struct pattern *channel;
	const struct pattern *path;
	bool diagnostic; /* its row proves nothing and allows nothing */
};

/* Read, classify and register a statement. NULL with file:line errors in the report. */
struct query *query_open(const struct query_source *source, struct db *db, struct arena *lifetime,
    struct report *report);

/* Prepare it against the database and check that every parameter comes back as a base-table column
 * of its own name or is listed as unproven. False with errors in the report; *outage tells whether
 * that was for want of a database. */
bool query_check(struct query *query, struct report *report, bool *outage);

/* The row that proved itself. */
struct query_row {
	const struct db_column *columns;
	const struct value *values;
	size_t count;
};

/* Let it ride along with a credential's lookup (credential/companion.h) where it is plain enough. Nothing
 * happens where it is not, or where the credential takes no companions. */
void query_accompany(
    struct query *query, const char *sql, struct credential *credential, struct arena *lifetime);

/* What to bring to that lookup for a scope whose identity is not known yet. False: nothing. */
bool query_bring(const struct query *query, const struct scope *scope, struct arena *arena,
    struct companion_ask *ask);

/* Let it be asked for several channels at once (db/question_group.h) where it is plain enough, and so that the
 * channel's captures tell whose row is whose. Nothing happens where it is not. */
void query_group(struct query *query, const char *sql, const struct pattern *channel, struct db *db,
    const struct clock *clock, struct arena *lifetime);

/* Can it be? */
bool query_is_grouped(const struct query *query);

/* Ask for `count` scopes of one request: answers[i] is for scopes[i].answer. ALLOWED, which says nothing of any of
 * them, or an outage. One SELECT for 20 of them, or fewer where there are many parameters. */
struct verdict query_ask_together(struct query *query, const struct scope *scopes, size_t count,
    struct arena *arena, struct question_answer *answers);

/* Run it. ALLOWED with *row when a row proved itself; VALUE_MISSING before any query when a
 * parameter has no value; NO_ROW; ROW_NOT_PROVEN; CONFIGURATION_BROKEN when query_check's rules are
 * not met by the database as it is now; or an outage. One SELECT, and one more round trip for
 * preparing on a new connection; none when scope->brought or scope->answer has its answer. */
struct verdict query_run(
    struct query *query, const struct scope *scope, struct arena *arena, struct query_row *row);

/* Warn where the server would read a whole table for it. For the operator. */
void query_check_plan(const struct query *query, struct report *report);

/* How query_run's statement reads with a scope's values, into a step of scope->trace. No query. */
void query_trace(const struct query *query, const struct scope *scope, struct trace_step *step);

/* True when a result column proves a parameter, so that it is not data for the client. */
bool query_proves(const struct query *query, struct text column);

#endif
