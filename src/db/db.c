/* What callers ask for, in terms of who is asked; and how a failure is told. */
#include "platform.h"
#include "db/db.h"

#include <errmsg.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "db/budget.h"
#include "db/connection.h"
#include "db/held.h"

#define EXECUTE_MILLISECONDS 500
/* How long a busy process keeps a connection that others wait for. */
#define TURN_MILLISECONDS 25

struct db *db_new(
    const struct config_database *settings, const struct clock *clock, struct shared *shared)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->settings = settings;
	db->clock = clock;
	db->bells = -1;
	db->own = shared ? NULL : shared_open(NULL, (struct origin){0}, NULL);
	db->shared = shared ? shared : db->own;
	if (!db->shared) {
		free(db);
		return NULL;
	}
	if (shared_is_common(db->shared))
		db->bells = epoll_create1(EPOLL_CLOEXEC);
	for (int kind = 0; kind < SLOTS_KINDS; kind++)
		link_init(&db->links[kind], settings, clock, (enum slots_kind)kind, db->shared,
		    db->bells);
	return db;
}

void db_request_start(struct db *db)
{
	db->request_deadline = held_now(db) + db->settings->deadline_milliseconds;
	db->insists = false;
	db->number = 0;
	db->asked = (struct db_count){0};
}

struct db_count db_asked(const struct db *db)
{
	return db->asked;
}

void db_insist_on_primary(struct db *db)
{
	db->insists = true;
}

void db_begin_with(struct db *db, const struct text *statements, size_t count)
{
	for (int kind = 0; kind < SLOTS_KINDS; kind++) {
		db->links[kind].opening = statements;
		db->links[kind].opening_count = count;
	}
}

void db_be_brief(struct db *db, int (*wait)(int fd, char is_read, int milliseconds))
{
	db->brief = true;
	for (int kind = 0; kind < SLOTS_KINDS; kind++)
		db->links[kind].wait = wait;
}

bool db_is_brief(const struct db *db)
{
	return db->brief;
}

int db_wait(int fd, char is_read, int milliseconds)
{
	struct pollfd wait = {.fd = fd, .events = is_read ? POLLIN : POLLOUT};
	int got;

	do
		got = poll(&wait, 1, milliseconds ? milliseconds : -1);
	while (got < 0 && errno == EINTR);
	return got;
}

void db_rest(struct db *db)
{
	for (int kind = 0; kind < SLOTS_KINDS; kind++)
		held_disconnect(db, (enum slots_kind)kind);
}

void db_request_end(struct db *db)
{
	held_give_way(db, TURN_MILLISECONDS);
}

int db_wanted_fd(const struct db *db)
{
	return db->bells;
}

void db_yield(struct db *db)
{
	for (int kind = 0; kind < SLOTS_KINDS; kind++)
		slots_hear(&db->links[kind].slots);
	held_give_way(db, 0);
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db_rest(db);
	for (int kind = 0; kind < SLOTS_KINDS; kind++)
		slots_close(&db->links[kind].slots);
	while (db->statements) {
		struct db_statement *next = db->statements->next;

		free(db->statements->label);
		free(db->statements->sql);
		free(db->statements);
		db->statements = next;
	}
	if (db->bells >= 0)
		close(db->bells);
	shared_close(db->own);
	free(db);
}

/* The comment and the statement. NULL when out of memory. */
static char *commented(const struct db_purpose *purpose, const char *sql)
{
	char comment[PURPOSE_COMMENT_BYTES];
	size_t before;
	char *whole;

	purpose_comment(purpose, comment);
	before = strlen(comment);
	whole = malloc(before + strlen(sql) + 1);
	if (!whole)
		return NULL;
	memcpy(whole, comment, before);
	memcpy(whole + before, sql, strlen(sql) + 1);
	return whole;
}

struct db_statement *db_statement_new(
    struct db *db, const struct db_purpose *purpose, const char *label, const char *sql)
{
	struct db_statement *statement = calloc(1, sizeof(*statement));

	if (!statement)
		return NULL;
	statement->label = strdup(label);
	statement->sql = commented(purpose, sql);
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

struct db_column *db_columns_keep(const struct db_rows *rows, struct arena *arena)
{
	struct db_column *kept = arena_array(arena, rows->column_count, sizeof(*kept));

	for (size_t i = 0; kept && i < rows->column_count; i++) {
		struct text name = rows->columns[i].name;
		struct text table = rows->columns[i].base_table;

		kept[i] = rows->columns[i];
		kept[i].name.data = arena_copy(arena, name.data, name.length);
		kept[i].base_table.data = arena_copy(arena, table.data, table.length);
		if (!kept[i].name.data || !kept[i].base_table.data)
			return NULL;
	}
	return kept;
}

struct select_call {
	struct db_statement *statement;
	const struct value *parameters;
	size_t count;
	size_t max_rows;
	struct arena *arena;
	struct db_rows *out;
	unsigned long *asked; /* counts the tries */
};

static bool run_select(struct db *db, enum slots_kind kind, void *context)
{
	const struct select_call *call = context;
	struct prepared *prepared = &call->statement->at[kind];
	bool asked;

	++*call->asked;
	if (prepared->handle)
		asked = prepared_execute(prepared, call->parameters, call->count, &db->error);
	else
		asked = prepared_make_and_execute(prepared, db->links[kind].connection,
		    call->statement->sql, call->parameters, call->count, &db->error);
	return asked &&
	       prepared_fetch(prepared, call->max_rows, call->arena, call->out, &db->error);
}

/* What a replica lacks may be under way to it, so nothing is refused on its word alone. The rest of
 * the request is the primary's as well: what belongs together arrived together. */
static bool look_again(struct db *db, const struct work *work)
{
	int64_t now = clock_monotonic(db->clock);

	if (!budget_spend(
	        shared_word(db->shared, SHARED_SECOND_LOOKS), now, db->settings->second_looks))
		return held_fail(db, work->statement, CONNECTION_UNCONFIRMED,
		    "a replica has no such row, and second_looks are used up");
	db->insists = true;
	return held_at_primary(db, work, now / 1000);
}

enum db_result db_select(struct db *db, struct db_statement *statement,
    const struct value *parameters, size_t count, size_t max_rows, struct arena *arena,
    struct db_rows *out)
{
	struct select_call call = {
	    statement, parameters, count, max_rows, arena, out, &db->asked.decisive};
	struct work work = {
	    .run = run_select, .context = &call, .statement = statement, .prepares = db->brief};
	enum slots_kind answered;
	bool done = held_read(db, &work, &answered);

	if (done && answered == SLOTS_REPLICA && out->row_count == 0)
		done = look_again(db, &work);
	if (done)
		return out->row_count ? DB_FOUND : DB_EMPTY;
	*out = (struct db_rows){0};
	return DB_BROKEN;
}

enum db_result db_select_once(struct db *db, struct db_statement *statement,
    const struct value *parameters, size_t count, size_t max_rows, struct arena *arena,
    struct db_rows *out)
{
	struct select_call call = {
	    statement, parameters, count, max_rows, arena, out, &db->asked.idle};
	struct work work = {
	    .run = run_select, .context = &call, .statement = statement, .prepares = db->brief};

	if (held_once(db, &work, EXECUTE_MILLISECONDS))
		return out->row_count ? DB_FOUND : DB_EMPTY;
	*out = (struct db_rows){0};
	return DB_BROKEN;
}

struct execute_call {
	struct db_statement *statement;
	const struct value *parameters;
	size_t count;
	unsigned long long *affected;
};

static bool run_execute(struct db *db, enum slots_kind kind, void *context)
{
	const struct execute_call *call = context;
	struct prepared *prepared = &call->statement->at[kind];

	if (!prepared_execute(prepared, call->parameters, call->count, &db->error))
		return false;
	*call->affected = mysql_stmt_affected_rows(prepared->handle);
	return true;
}

bool db_execute(struct db *db, struct db_statement *statement, const struct value *parameters,
    size_t count, unsigned long long *affected)
{
	struct execute_call call = {statement, parameters, count, affected};
	struct work work = {.run = run_execute, .context = &call, .statement = statement};

	*affected = 0;
	return held_once(db, &work, EXECUTE_MILLISECONDS);
}

bool db_change(struct db *db, struct db_statement *statement, const struct value *parameters,
    size_t count, unsigned long long *affected)
{
	struct execute_call call = {statement, parameters, count, affected};

	*affected = 0;
	return held_at_primary(db,
	    &(struct work){.run = run_execute, .context = &call, .statement = statement},
	    held_now(db));
}

static bool run_nothing(struct db *db, enum slots_kind kind, void *context)
{
	(void)db;
	(void)kind;
	(void)context;
	return true;
}

enum db_result db_describe(
    struct db *db, struct db_statement *statement, size_t *parameters, struct db_rows *out)
{
	struct work work = {.run = run_nothing, .statement = statement};
	enum slots_kind answered;
	const struct prepared *prepared;

	*out = (struct db_rows){0};
	*parameters = 0;
	if (!held_read(db, &work, &answered))
		return DB_BROKEN;
	prepared = &statement->at[answered];
	*parameters = mysql_stmt_param_count(prepared->handle);
	out->columns = prepared->layout.columns;
	out->column_count = prepared->layout.column_count;
	return out->column_count ? DB_FOUND : DB_EMPTY;
}

static bool run_ping(struct db *db, enum slots_kind kind, void *context)
{
	MYSQL *connection = db->links[kind].connection;

	(void)context;
	return mysql_ping(connection) == 0 ||
	       held_fail(db, NULL, mysql_errno(connection), mysql_error(connection));
}

bool db_ping(struct db *db)
{
	struct work work = {.run = run_ping, .anyway = true};

	return held_at_primary(db, &work, held_now(db));
}

bool db_ping_replica(struct db *db)
{
	struct work work = {.run = run_ping, .anyway = true};

	return !link_has_hosts(&db->links[SLOTS_REPLICA]) ||
	       held_at_replica(db, &work, held_now(db));
}

unsigned long db_connection_id(const struct db *db)
{
	return db->number;
}

unsigned long long db_insert_id(const struct db *db)
{
	MYSQL *connection = db->links[SLOTS_PRIMARY].connection;

	return connection ? mysql_insert_id(connection) : 0;
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
	    {CONNECTION_NO_SLOT, OUTCOME_DATABASE_FULL},
	    {CONNECTION_UNCONFIRMED, OUTCOME_REPLICA_UNCONFIRMED},
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
	for (int kind = 0; kind < SLOTS_KINDS; kind++)
		if (db->links[kind].connection)
			return mysql_get_server_info(db->links[kind].connection);
	return "";
}
