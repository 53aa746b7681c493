/* One lazily opened connection with kept statements; any error closes it, a SELECT is tried twice. */
#include "platform.h"
#include "db/db.h"

#include <errmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/connection.h"
#include "db/row.h"

#define ATTEMPTS 2

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
	MYSQL *connection;
	size_t host_index;
	struct db_statement *statements;
	struct db_error error;
	const char *failed_label;
};

struct db *db_new(const struct config_database *settings)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db)
		db->settings = settings;
	return db;
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

/* Try each configured host once, starting with the one that worked last. */
static bool connect_any(struct db *db)
{
	size_t hosts = db->settings->socket ? 1 : db->settings->hosts.count;

	if (db->connection)
		return true;
	if (hosts == 0)
		return fail(db, NULL, CR_CONN_HOST_ERROR, "no database is configured");
	for (size_t tried = 0; tried < hosts; tried++) {
		db->connection = connection_open(db->settings, db->host_index, &db->error);
		if (db->connection)
			return true;
		db->failed_label = "connect";
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

static bool select_once(struct db *db, struct db_statement *statement,
    const struct value *parameters, size_t count, size_t max_rows, struct arena *arena,
    struct db_rows *out)
{
	return connect_any(db) && prepare(db, statement) &&
	       execute(db, statement, parameters, count) &&
	       fetch_rows(db, statement, max_rows, arena, out);
}

enum db_result db_select(struct db *db, struct db_statement *statement,
    const struct value *parameters, size_t count, size_t max_rows, struct arena *arena,
    struct db_rows *out)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (select_once(db, statement, parameters, count, max_rows, arena, out))
			return out->row_count ? DB_FOUND : DB_EMPTY;
		disconnect(db);
	}
	*out = (struct db_rows){0};
	return DB_BROKEN;
}

bool db_execute(struct db *db, struct db_statement *statement, const struct value *parameters,
    size_t count, unsigned long long *affected)
{
	*affected = 0;
	if (connect_any(db) && prepare(db, statement) &&
	    execute(db, statement, parameters, count)) {
		*affected = mysql_stmt_affected_rows(statement->handle);
		return true;
	}
	disconnect(db);
	return false;
}

enum db_result db_describe(
    struct db *db, struct db_statement *statement, size_t *parameters, struct db_rows *out)
{
	*out = (struct db_rows){0};
	*parameters = 0;
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (connect_any(db) && prepare(db, statement)) {
			*parameters = mysql_stmt_param_count(statement->handle);
			out->columns = statement->layout.columns;
			out->column_count = statement->layout.column_count;
			return out->column_count ? DB_FOUND : DB_EMPTY;
		}
		disconnect(db);
		if (!db->error.unavailable)
			break;
	}
	return DB_BROKEN;
}

bool db_ping(struct db *db)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (!connect_any(db))
			continue;
		if (mysql_ping(db->connection) == 0)
			return true;
		fail(db, NULL, mysql_errno(db->connection), mysql_error(db->connection));
		disconnect(db);
	}
	return false;
}

const struct db_error *db_error(const struct db *db)
{
	return &db->error;
}

struct verdict db_verdict(const struct db *db, struct arena *arena)
{
	const struct db_error *error = &db->error;

	return (struct verdict){
	    error->unavailable ? OUTCOME_DATABASE_UNAVAILABLE : OUTCOME_DATABASE_ERROR,
	    arena_printf(arena, "%s: error %u: %s",
	        db->failed_label ? db->failed_label : "database", error->code, error->message)};
}

const char *db_server_version(const struct db *db)
{
	return db->connection ? mysql_get_server_info(db->connection) : "";
}
