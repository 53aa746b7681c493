/* How is a question put to the database so that the answer is found, not found, or broken? */
#ifndef CASTGATE_DB_DB_H
#define CASTGATE_DB_DB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/shared.h"
#include "base/value.h"
#include "base/verdict.h"
#include "config/config.h"
#include "db/purpose.h"

struct db;
struct db_statement;

/* A database that is connected to when first asked: to the primary servers (`socket` or `hosts`),
 * and where there are `replicas` to one of those too. `settings` and `clock` must outlive it, and so
 * must `shared`, through which all processes know of an outage, keep to max_connections and to
 * second_looks; NULL for a database that is asked by this process alone. NULL when out of memory.
 * Ended with db_free, which closes the connections; NULL is allowed. */
struct db *db_new(
    const struct config_database *settings, const struct clock *clock, struct shared *shared);
void db_free(struct db *db);

/* Start the clock of one request: all calls until the next start share settings->deadline. Without
 * it each call has that time for itself. */
void db_request_start(struct db *db);

/* How often was a server asked since db_request_start, repeats included: for rows that an answer depends
 * on (db_select), and for such that nothing depends on (db_select_once)? */
struct db_count {
	unsigned long decisive;
	unsigned long idle;
};
struct db_count db_asked(const struct db *db);

/* Between requests: a connection that other processes wait for is closed once its turn is over. */
void db_request_end(struct db *db);

/* A descriptor that becomes readable when another process waits for a connection that this one holds
 * idly; then db_yield closes it. -1 when there is none. */
int db_wanted_fd(const struct db *db);
void db_yield(struct db *db);

/* Close all connections; the next call opens them again. */
void db_rest(struct db *db);

/* Let every connection that is opened from now on begin with these statements, after session_init; one
 * that fails or returns rows is a connection that could not be opened. For a tool, which then sees what the
 * statements left behind; they must outlive the db. */
void db_begin_with(struct db *db, const struct text *statements, size_t count);

/* Let this be the database of a process that answers one request and ends. A SELECT is then prepared and run in one
 * round trip where that can be done, so what its columns are is known only with its rows (db_is_brief).
 * `wait` is called in place of the client library's own waiting as soon as a connection has been opened, so that
 * something can be done before it returns db_wait's result; it is never called by a client library that cannot. */
void db_be_brief(struct db *db, int (*wait)(int fd, char is_read, int milliseconds));
bool db_is_brief(const struct db *db);

/* Wait until a descriptor can be read or written; forever with 0 milliseconds. 1, or 0 when time is over, or -1. */
int db_wait(int fd, char is_read, int milliseconds);

/* Leave the replicas alone until the next db_request_start. */
void db_insist_on_primary(struct db *db);

/* Register a statement with '?' parameters; it is prepared on first use, once per connection, and
 * kept, with its purpose in a comment before it. `sql` is copied; `label` (for the log: "rules.conf:12") too. Owned by the db. NULL when
 * out of memory. */
struct db_statement *db_statement_new(
    struct db *db, const struct db_purpose *purpose, const char *label, const char *sql);

/* The label given at registration. */
const char *db_statement_label(const struct db_statement *statement);

/* What one result column is. `base_table` is empty for expressions, unions, aggregates and casts:
 * such a column proves nothing. `is_unique` where each value leads to one row of that table by an index of
 * this column: it has a UNIQUE key of its own, or AUTO_INCREMENT. `is_renewed` where the server writes the time with
 * each UPDATE of its row. */
struct db_column {
	struct text name;
	struct text base_table;
	enum value_kind kind;
	bool is_unique;
	bool is_renewed;
};

/* Rows in the order the server sent them: value of column c in row r is
 * values[r * column_count + c]. The columns belong to the statement and live until the next call on
 * the db; the values belong to the arena given to db_select. */
struct db_rows {
	const struct db_column *columns;
	size_t column_count;
	struct value *values;
	size_t row_count;
};

/* A copy of the columns that outlives the next call on the db. NULL when the arena is full. */
struct db_column *db_columns_keep(const struct db_rows *rows, struct arena *arena);

/* Zeroed memory is "broken": never an answer. */
enum db_result { DB_BROKEN, DB_EMPTY, DB_FOUND };

/* Run a SELECT with `count` parameters and read at most `max_rows` rows. One round trip when the
 * connection is open and the statement prepared. After any error the connection is closed. A lost
 * server is asked again, or the next host, until settings->hold is over or the request's deadline
 * is near; a statement the server refused is repeated once. DB_BROKEN only when all that failed
 * (see db_error), or at once while an outage is older than the hold and another process tried less
 * than half a second ago. A parameter of kind VALUE_NONE is DB_BROKEN: NULL never reaches SQL.
 *
 * Where there are replicas they are asked first, and any failure there leads to the primary. DB_EMPTY
 * is always the primary's word: it is asked once more what a replica does not have (one round trip),
 * and so is the rest of the request; DB_BROKEN when all processes together did that more than
 * settings->second_looks times in a second. */
enum db_result db_select(struct db *db, struct db_statement *statement,
    const struct value *parameters, size_t count, size_t max_rows, struct arena *arena,
    struct db_rows *out);

/* The same for a question that nothing depends on: asked of the primary server once, given up after
 * half a second, and a statement that takes too long alarms nobody. */
enum db_result db_select_once(struct db *db, struct db_statement *statement,
    const struct value *parameters, size_t count, size_t max_rows, struct arena *arena,
    struct db_rows *out);

/* Run a statement that changes data, on the primary; never repeated, and given up after half a second, since it may
 * wait for a lock. False on any error, the connection closed. *affected: the rows changed. */
bool db_execute(struct db *db, struct db_statement *statement, const struct value *parameters,
    size_t count, unsigned long long *affected);

/* Run a statement that changes data and may be repeated without harm: one that compares and sets, or
 * INSERT IGNORE. Held and retried as db_select, also when another transaction won a deadlock.
 * *affected counts the rows changed by the last try: none, when the reply to an earlier one was
 * lost. False as DB_BROKEN. */
bool db_change(struct db *db, struct db_statement *statement, const struct value *parameters,
    size_t count, unsigned long long *affected);

/* The server's number for the connection that was asked last since db_request_start, as its processlist
 * and its slow log have it; 0 when none was. */
unsigned long db_connection_id(const struct db *db);

/* The AUTO_INCREMENT value of the last INSERT on the open connection; 0 without one. */
unsigned long long db_insert_id(const struct db *db);

/* Prepare a statement now and tell its parameter count and result columns. DB_BROKEN as db_select;
 * DB_EMPTY when it has no result set; DB_FOUND otherwise, with out->row_count 0. */
enum db_result db_describe(
    struct db *db, struct db_statement *statement, size_t *parameters, struct db_rows *out);

/* Connect if needed and ask the primary server for a sign of life, also while an outage is known.
 * Same failures as db_select. */
bool db_ping(struct db *db);

/* The same of the replicas; true where there are none. */
bool db_ping_replica(struct db *db);

/* The last failure. `code` is the client library's or server's number, `message` its text (for the
 * log only; never for a client). `unavailable` tells "no server to ask" from "the server refused". */
struct db_error {
	unsigned code;
	bool unavailable;
	char message[256];
};
const struct db_error *db_error(const struct db *db);

/* The last failure as a verdict (one of the OUTCOME_DATABASE_ outcomes, all of status 503), its
 * detail "LABEL: error CODE: MESSAGE" in the arena. */
struct verdict db_verdict(const struct db *db, struct arena *arena);

/* The server's version text and current user of the open connection, for the operator; empty when
 * not connected. */
const char *db_server_version(const struct db *db);

#endif
