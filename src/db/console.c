/* A connection of its own: no pool, no retries, no deadline, and a look at the clock while it waits. */
#include "platform.h"
#include "db/console.h"

#include <errmsg.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "db/connection.h"
#include "db/prepared.h"

#define DAY_MILLISECONDS (24u * 60 * 60 * 1000)
#define WATCH_MILLISECONDS 1000

struct console {
	MYSQL *connection;
	struct db_error error;
};

static bool fail(struct console *console)
{
	unsigned code = mysql_errno(console->connection);

	connection_error(&console->error, code ? code : CR_UNKNOWN_ERROR,
	    code ? mysql_error(console->connection) : "unknown error");
	return false;
}

static MYSQL *open_any(const struct config_database *settings, struct db_error *error)
{
	MYSQL *connection = NULL;

	connection_error(error, CR_CONN_HOST_ERROR, "no database is configured");
	if (settings->socket)
		return connection_open(settings, NULL, error);
	for (size_t i = 0; !connection && i < settings->hosts.count; i++)
		connection = connection_open(settings, settings->hosts.items[i], error);
	return connection;
}

struct console *console_open(const struct config_database *settings, struct db_error *error)
{
	struct console *console = calloc(1, sizeof(*console));
	struct config_database patient = *settings;

	if (!console) {
		connection_error(error, CR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	patient.deadline_milliseconds = DAY_MILLISECONDS;
	patient.session_init = "SET SESSION autocommit = 1";
	console->connection = open_any(&patient, error);
	if (console->connection)
		return console;
	free(console);
	return NULL;
}

void console_close(struct console *console)
{
	if (!console)
		return;
	mysql_close(console->connection);
	free(console);
}

const struct db_error *console_error(const struct console *console)
{
	return &console->error;
}

/* Until the server's answer begins to come. Nothing else can be under way, so no byte of it waits in the
 * library's buffers. */
static void wait_for_answer(struct console *console, const struct console_watch *watch)
{
	struct pollfd answer = {.events = POLLIN};
	unsigned seconds = 0;
	int got;

	answer.fd = connection_socket(console->connection);
	while ((got = poll(&answer, 1, WATCH_MILLISECONDS)) == 0 || (got < 0 && errno == EINTR))
		if (got == 0)
			watch->waiting(watch->context, ++seconds);
}

static bool copy_row(MYSQL_RES *result, struct arena *arena, struct text *out)
{
	MYSQL_ROW row = mysql_fetch_row(result);
	const unsigned long *lengths = mysql_fetch_lengths(result);

	for (size_t i = 0; row && i < mysql_num_fields(result); i++) {
		if (!row[i])
			continue;
		out[i] = (struct text){arena_copy(arena, row[i], lengths[i]), lengths[i]};
		if (!out[i].data)
			return false;
	}
	return row != NULL;
}

static bool copy_rows(
    MYSQL_RES *result, size_t max_rows, struct arena *arena, struct console_rows *rows)
{
	size_t count = (size_t)mysql_num_rows(result);

	rows->column_count = mysql_num_fields(result);
	count = count < max_rows ? count : max_rows;
	rows->values = arena_array(arena, count * rows->column_count + 1, sizeof(*rows->values));
	for (rows->row_count = 0; rows->values && rows->row_count < count; rows->row_count++)
		if (!copy_row(result, arena, rows->values + rows->row_count * rows->column_count))
			return false;
	return rows->values != NULL;
}

static bool take_result(
    struct console *console, size_t max_rows, struct arena *arena, struct console_rows *rows)
{
	MYSQL_RES *result = mysql_store_result(console->connection);
	bool copied;

	if (!result)
		return mysql_field_count(console->connection) == 0 || fail(console);
	copied = !rows || copy_rows(result, max_rows, arena, rows);
	mysql_free_result(result);
	if (!copied)
		connection_error(&console->error, CR_OUT_OF_MEMORY, "out of memory");
	return copied;
}

bool console_run(struct console *console, struct text sql, const struct console_watch *watch,
    size_t max_rows, struct arena *arena, struct console_rows *rows)
{
	MYSQL *connection = console->connection;
	int more;

	if (rows)
		*rows = (struct console_rows){0};
	if (mysql_send_query(connection, sql.data, sql.length) != 0)
		return fail(console);
	if (watch)
		wait_for_answer(console, watch);
	if (mysql_read_query_result(connection) != 0)
		return fail(console);
	/* a procedure has several results; the first is the one that is asked for */
	do {
		if (!take_result(console, max_rows, arena, rows))
			return false;
		rows = NULL;
		more = mysql_next_result(connection);
	} while (more == 0);
	return more < 0 || fail(console);
}

bool console_ask(struct console *console, const char *sql, const struct value *parameters,
    size_t count, size_t max_rows, struct arena *arena, struct db_rows *rows)
{
	struct prepared prepared = {0};
	bool ok = prepared_make(&prepared, console->connection, sql, &console->error) &&
	          prepared_execute(&prepared, parameters, count, &console->error) &&
	          (!rows || prepared_fetch(&prepared, max_rows, arena, rows, &console->error));

	prepared_free(&prepared);
	if (rows)
		rows->columns = NULL; /* they went with the statement */
	return ok;
}
