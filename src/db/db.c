/* One lazily opened connection with kept statements; any error closes it, a SELECT is tried twice. */
#include "platform.h"
#include "db/db.h"

#include <errmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "db/connection.h"
#include "db/deadline.h"
#include "db/outage.h"
#include "db/row.h"

#define PAUSE_MILLISECONDS 20
#define EXECUTE_MILLISECONDS 500
#define PROBE_MILLISECONDS 200

struct db_statement {
	struct db_statement *next;
	char *label;
	char *sql;
	MYSQL_STMT *handle; /* NULL until prepared on the open connection */
	struct row_layout layout;
	bool bound;
};

struct db {
	const struct config_database *settings;
	const struct clock *clock;
	_Atomic uint64_t *outage;
	_Atomic uint64_t own_outage;
	MYSQL *connection;
	struct deadline timer;
	int64_t request_deadline; /* monotonic milliseconds; 0: no request was started */
	size_t host_index;
	struct db_statement *statements;
	struct db_error error;
	const char *failed_label;
};

struct db *db_new(
    const struct config_database *settings, const struct clock *clock, _Atomic uint64_t *outage)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->settings = settings;
	db->clock = clock;
	db->outage = outage ? outage : &db->own_outage;
	return db;
}

static int64_t now_milliseconds(const struct db *db)
{
	return db->clock->monotonic_microseconds(db->clock->context) / 1000;
}

void db_request_start(struct db *db)
{
	db->request_deadline = now_milliseconds(db) + db->settings->deadline_milliseconds;
}

static int64_t deadline_of_call(const struct db *db)
{
	return db->request_deadline ? db->request_deadline
	                            : now_milliseconds(db) + db->settings->deadline_milliseconds;
}

static void forget_handle(struct db_statement *statement)
{
	if (statement->handle)
		mysql_stmt_close(statement->handle);
	statement->handle = NULL;
	statement->bound = false;
	row_layout_free(&statement->layout);
}

static void disconnect(struct db *db)
{
	for (struct db_statement *s = db->statements; s; s = s->next)
		forget_handle(s);
	deadline_free(&db->timer);
	if (db->connection)
		mysql_close(db->connection);
	db->connection = NULL;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	disconnect(db);
	while (db->statements) {
		struct db_statement *next = db->statements->next;

		free(db->statements->label);
		free(db->statements->sql);
		free(db->statements);
		db->statements = next;
	}
	free(db);
}

struct db_statement *db_statement_new(struct db *db, const char *label, const char *sql)
{
	struct db_statement *statement = calloc(1, sizeof(*statement));

	if (!statement)
		return NULL;
	statement->label = strdup(label);
	statement->sql = strdup(sql);
	if (!statement->label || !statement->sql) {
		free(statement->label);
		free(statement->sql);
		free(statement);
		return NULL;
	}
	statement->next = db->statements;
	db->statements = statement;
	return statement;
}

const char *db_statement_label(const struct db_statement *statement)
{
	return statement->label;
}

static bool fail(
    struct db *db, const struct db_statement *statement, unsigned code, const char *message)
{
	connection_error(&db->error, code, message);
	db->failed_label = statement ? statement->label : "connect";
	return false;
}

/* The descriptor that the next socket of this process will get: the lowest free one. */
static int next_descriptor(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd;
}

/* Open one host within the time given. The library connects and greets before it tells its socket,
 * so the timer is made for the descriptor that socket will have. */
static bool connect_one(struct db *db, int64_t milliseconds)
{
	int expected = next_descriptor();
	int got;

	(void)deadline_make(&db->timer, expected);
	deadline_arm(&db->timer, milliseconds);
	db->connection = connection_open(db->settings, db->host_index, &db->error);
	deadline_disarm(&db->timer);
	if (!db->connection) {
		deadline_free(&db->timer);
		db->failed_label = "connect";
		return false;
	}
	got = (int)mysql_get_socket(db->connection);
	if (got != expected) {
		deadline_free(&db->timer);
		(void)deadline_make(&db->timer, got);
	}
	return true;
}

/* Try each configured host once, starting with the one that worked last; each gets its share of
 * the time that is left, so that one that hangs leaves some to the others. */
static bool connect_any(struct db *db, int64_t ends)
{
	size_t hosts = db->settings->socket ? 1 : db->settings->hosts.count;

	if (db->connection)
		return true;
	if (hosts == 0)
		return fail(db, NULL, CR_CONN_HOST_ERROR, "no database is configured");
	for (size_t left = hosts; left > 0; left--) {
		if (connect_one(db, (ends - now_milliseconds(db)) / (int64_t)left))
			return true;
		db->host_index = (db->host_index + 1) % hosts;
	}
	return false;
}

static bool prepare(struct db *db, struct db_statement *statement)
{
	MYSQL_STMT *handle;

	if (statement->handle)
		return true;
	handle = statement->handle = mysql_stmt_init(db->connection);
	if (!handle)
		return fail(db, statement, CR_OUT_OF_MEMORY, "out of memory");
	if (mysql_stmt_prepare(handle, statement->sql, strlen(statement->sql)) != 0)
		return fail(db, statement, mysql_stmt_errno(handle), mysql_stmt_error(handle));
	if (!row_layout_new(handle, &statement->layout))
		return fail(
		    db, statement, CR_OUT_OF_MEMORY, "too many result columns, or no memory");
	return true;
}

static bool execute(
    struct db *db, struct db_statement *statement, const struct value *parameters, size_t count)
{
	long long slots[ROW_MAX_PARAMETERS];
	MYSQL_STMT *handle = statement->handle;

	if (!row_bind_parameters(handle, parameters, count, slots))
		return fail(db, statement, CR_PARAMS_NOT_BOUND, "a parameter cannot be bound");
	if (mysql_stmt_execute(handle) != 0)
		return fail(db, statement, mysql_stmt_errno(handle), mysql_stmt_error(handle));
	return true;
}

static bool fetch_rows(struct db *db, struct db_statement *statement, size_t max_rows,
    struct arena *arena, struct db_rows *out)
{
	MYSQL_STMT *handle = statement->handle;
	struct row_layout *layout = &statement->layout;

	if (layout->column_count == 0)
		return fail(db, statement, CR_NO_DATA, "the statement has no result set");
	if (!statement->bound && mysql_stmt_bind_result(handle, layout->binds) != 0)
		return fail(db, statement, mysql_stmt_errno(handle), mysql_stmt_error(handle));
	statement->bound = true;
	*out = (struct db_rows){.columns = layout->columns, .column_count = layout->column_count};
	out->values = arena_array(arena, max_rows * layout->column_count, sizeof(*out->values));
	if (!out->values)
		return fail(db, statement, CR_OUT_OF_MEMORY, "the request's memory is used up");
	while (out->row_count < max_rows) {
		int got = mysql_stmt_fetch(handle);

		if (got == MYSQL_NO_DATA)
			break;
		if (got != 0 && got != MYSQL_DATA_TRUNCATED)
			return fail(
			    db, statement, mysql_stmt_errno(handle), mysql_stmt_error(handle));
		if (!row_copy(
		        handle, layout, arena, out->values + out->row_count * out->column_count))
			return fail(db, statement, CR_OUT_OF_MEMORY,
			    "a result value is too long or cannot be fetched");
		out->row_count++;
	}
	if (mysql_stmt_free_result(handle) != 0)
		return fail(db, statement, mysql_stmt_errno(handle), mysql_stmt_error(handle));
	return true;
}

/* What a call does; returns true when the database answered it. */
struct work {
	bool (*run)(struct db *db, void *context);
	void *context;
	struct db_statement *statement;
};

static bool try_once(struct db *db, const struct work *work, int64_t deadline)
{
	bool done;

	if (!connect_any(db, deadline))
		return false;
	deadline_arm(&db->timer, deadline - now_milliseconds(db));
	done = (!work->statement || prepare(db, work->statement)) && work->run(db, work->context);
	deadline_disarm(&db->timer);
	return done;
}

/* Too many connections is a queue, not an outage: waiting helps, alarming others does not. */
static bool is_crowded(unsigned code)
{
	return code == 1040 || code == 1203 || code == 1226;
}

static void pause_briefly(void)
{
	struct timespec pause = {.tv_nsec = PAUSE_MILLISECONDS * 1000000L};

	(void)nanosleep(&pause, NULL);
}

/* One call: when it began, and when it gives up. A single answer may take as long as the hold. */
struct patience {
	enum outage_advice advice;
	int64_t began;
	int64_t ends;
};

static struct patience patience_of(const struct db *db)
{
	int64_t now = now_milliseconds(db);
	int64_t hold = db->settings->hold_milliseconds;
	int64_t deadline = deadline_of_call(db);
	struct patience patience = {outage_advise(db->outage, now, hold), now, deadline};

	if (patience.advice == OUTAGE_PROBE)
		hold = PROBE_MILLISECONDS;
	if (hold && now + hold < deadline)
		patience.ends = now + hold;
	return patience;
}

/* Is it worth asking once more? A connection may have died in peace, so the first failure is
 * followed by another try; a lost server is asked until patience ends. */
static bool try_again(const struct db *db, const struct patience *patience, int failures)
{
	if (now_milliseconds(db) + PAUSE_MILLISECONDS >= patience->ends)
		return false;
	return failures == 1 || (db->error.unavailable && patience->advice == OUTAGE_ASK);
}

/* Run it, hold and retry while the database comes back, and tell the other processes. */
static bool run_held(struct db *db, const struct work *work)
{
	struct patience patience = patience_of(db);

	if (patience.advice == OUTAGE_FAIL_FAST)
		return fail(db, work->statement, CR_CONN_HOST_ERROR,
		    "the database is away; another process tried a moment ago");
	for (int failures = 1;; failures++) {
		if (try_once(db, work, patience.ends)) {
			outage_note_success(db->outage);
			db->error = (struct db_error){0};
			return true;
		}
		disconnect(db);
		if (db->error.unavailable && !is_crowded(db->error.code))
			outage_note_failure(db->outage, patience.began, now_milliseconds(db));
		if (!try_again(db, &patience, failures))
			return false;
		if (failures > 1)
			pause_briefly();
	}
}

struct select_call {
	struct db_statement *statement;
	const struct value *parameters;
	size_t count;
	size_t max_rows;
	struct arena *arena;
	struct db_rows *out;
};

static bool run_select(struct db *db, void *context)
{
	const struct select_call *call = context;

	return execute(db, call->statement, call->parameters, call->count) &&
	       fetch_rows(db, call->statement, call->max_rows, call->arena, call->out);
}

enum db_result db_select(struct db *db, struct db_statement *statement,
    const struct value *parameters, size_t count, size_t max_rows, struct arena *arena,
    struct db_rows *out)
{
	struct select_call call = {statement, parameters, count, max_rows, arena, out};

	if (run_held(db, &(struct work){run_select, &call, statement}))
		return out->row_count ? DB_FOUND : DB_EMPTY;
	*out = (struct db_rows){0};
	return DB_BROKEN;
}

bool db_execute(struct db *db, struct db_statement *statement, const struct value *parameters,
    size_t count, unsigned long long *affected)
{
	bool done;

	*affected = 0;
	if (!connect_any(db, now_milliseconds(db) + EXECUTE_MILLISECONDS))
		return false;
	deadline_arm(&db->timer, EXECUTE_MILLISECONDS);
	done = prepare(db, statement) && execute(db, statement, parameters, count);
	deadline_disarm(&db->timer);
	if (done)
		*affected = mysql_stmt_affected_rows(statement->handle);
	else
		disconnect(db);
	return done;
}

static bool run_nothing(struct db *db, void *context)
{
	(void)db;
	(void)context;
	return true;
}

enum db_result db_describe(
    struct db *db, struct db_statement *statement, size_t *parameters, struct db_rows *out)
{
	*out = (struct db_rows){0};
	*parameters = 0;
	if (!run_held(db, &(struct work){run_nothing, NULL, statement}))
		return DB_BROKEN;
	*parameters = mysql_stmt_param_count(statement->handle);
	out->columns = statement->layout.columns;
	out->column_count = statement->layout.column_count;
	return out->column_count ? DB_FOUND : DB_EMPTY;
}

static bool run_ping(struct db *db, void *context)
{
	(void)context;
	return mysql_ping(db->connection) == 0 ||
	       fail(db, NULL, mysql_errno(db->connection), mysql_error(db->connection));
}

bool db_ping(struct db *db)
{
	return run_held(db, &(struct work){run_ping, NULL, NULL});
}

unsigned long long db_insert_id(const struct db *db)
{
	return db->connection ? mysql_insert_id(db->connection) : 0;
}

const struct db_error *db_error(const struct db *db)
{
	return &db->error;
}

/* Failures that an operator tells apart by their cure. */
static enum outcome outcome_of(const struct db_error *error)
{
	static const struct {
		unsigned code;
		enum outcome outcome;
	} rows[] = {
	    {1040, OUTCOME_DATABASE_FULL},        /* too many connections, to the server */
	    {1203, OUTCOME_DATABASE_FULL},        /* of this user */
	    {1226, OUTCOME_DATABASE_FULL},        /* or over another limit of this user's */
	    {1205, OUTCOME_DATABASE_LOCKED},      /* lock wait timeout */
	    {1213, OUTCOME_DATABASE_LOCKED},      /* deadlock */
	    {1047, OUTCOME_DATABASE_NOT_PRIMARY}, /* Galera without quorum */
	    {1290, OUTCOME_DATABASE_NOT_PRIMARY}, /* read only */
	    {1044, OUTCOME_DATABASE_FORBIDDEN},   /* no access to the database */
	    {1045, OUTCOME_DATABASE_FORBIDDEN},   /* wrong password */
	    {1142, OUTCOME_DATABASE_FORBIDDEN},   /* no privilege on the table */
	    {1143, OUTCOME_DATABASE_FORBIDDEN},   /* or on the column */
	    {1146, OUTCOME_TABLE_MISSING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == error->code)
			return rows[i].outcome;
	return error->unavailable ? OUTCOME_DATABASE_UNAVAILABLE : OUTCOME_DATABASE_ERROR;
}

struct verdict db_verdict(const struct db *db, struct arena *arena)
{
	const struct db_error *error = &db->error;

	return (struct verdict){outcome_of(error),
	    arena_printf(arena, "%s: error %u: %s",
	        db->failed_label ? db->failed_label : "database", error->code, error->message)};
}

const char *db_server_version(const struct db *db)
{
	return db->connection ? mysql_get_server_info(db->connection) : "";
}
