/* A handle with its landing places; any failure is told once, in *error. */
#include "platform.h"
#include "db/prepared.h"

#include <errmsg.h>
#include <string.h>

#include "db/connection.h"

static bool fail(struct db_error *error, unsigned code, const char *message)
{
	connection_error(error, code, message);
	return false;
}

static bool fail_handle(struct db_error *error, MYSQL_STMT *handle)
{
	return fail(error, mysql_stmt_errno(handle), mysql_stmt_error(handle));
}

void prepared_free(struct prepared *prepared)
{
	if (prepared->handle)
		mysql_stmt_close(prepared->handle);
	prepared->handle = NULL;
	prepared->bound = false;
	row_layout_free(&prepared->layout);
}

bool prepared_make(
    struct prepared *prepared, MYSQL *connection, const char *sql, struct db_error *error)
{
	MYSQL_STMT *handle;

	if (prepared->handle)
		return true;
	handle = prepared->handle = mysql_stmt_init(connection);
	if (!handle)
		return fail(error, CR_OUT_OF_MEMORY, "out of memory");
	if (mysql_stmt_prepare(handle, sql, strlen(sql)) != 0)
		return fail_handle(error, handle);
	return row_layout_new(handle, &prepared->layout) ||
	       fail(error, CR_OUT_OF_MEMORY, "too many result columns, or no memory");
}

bool prepared_execute(
    struct prepared *prepared, const struct value *parameters, size_t count, struct db_error *error)
{
	long long slots[STATEMENT_MAX_PARAMETERS];
	MYSQL_STMT *handle = prepared->handle;

	if (mysql_stmt_param_count(handle) != count ||
	    !row_bind_parameters(handle, parameters, count, slots))
		return fail(error, CR_PARAMS_NOT_BOUND, "a parameter cannot be bound");
	if (mysql_stmt_execute(handle) != 0)
		return fail_handle(error, handle);
	return row_layout_holds(handle, &prepared->layout) ||
	       fail(error, CR_NEW_STMT_METADATA, "a column has another type than before");
}

#if HAVE_DECL_MARIADB_STMT_EXECUTE_DIRECT
bool prepared_make_and_execute(struct prepared *prepared, MYSQL *connection, const char *sql,
    const struct value *parameters, size_t count, struct db_error *error)
{
	long long slots[STATEMENT_MAX_PARAMETERS];
	MYSQL_STMT *handle = prepared->handle = mysql_stmt_init(connection);
	unsigned places = (unsigned)count;

	if (!handle)
		return fail(error, CR_OUT_OF_MEMORY, "out of memory");
	/* the library holds it against what the server says of the statement */
	if (mysql_stmt_attr_set(handle, STMT_ATTR_PREBIND_PARAMS, &places) != 0 ||
	    !row_bind_parameters(handle, parameters, count, slots))
		return fail(error, CR_PARAMS_NOT_BOUND, "a parameter cannot be bound");
	if (mariadb_stmt_execute_direct(handle, sql, strlen(sql)) != 0)
		return fail_handle(error, handle);
	return row_layout_new(handle, &prepared->layout) ||
	       fail(error, CR_OUT_OF_MEMORY, "too many result columns, or no memory");
}
#else
bool prepared_make_and_execute(struct prepared *prepared, MYSQL *connection, const char *sql,
    const struct value *parameters, size_t count, struct db_error *error)
{
	return prepared_make(prepared, connection, sql, error) &&
	       prepared_execute(prepared, parameters, count, error);
}
#endif

bool prepared_fetch(struct prepared *prepared, size_t max_rows, struct arena *arena,
    struct db_rows *out, struct db_error *error)
{
	MYSQL_STMT *handle = prepared->handle;
	struct row_layout *layout = &prepared->layout;

	/* MySQL says of EXPLAIN and SHOW which columns they have only when they are run */
	if (layout->column_count == 0 && !row_layout_new(handle, layout))
		return fail(error, CR_OUT_OF_MEMORY, "too many result columns, or no memory");
	if (layout->column_count == 0)
		return fail(error, CR_NO_DATA, "the statement has no result set");
	if (!prepared->bound && mysql_stmt_bind_result(handle, layout->binds) != 0)
		return fail_handle(error, handle);
	prepared->bound = true;
	*out = (struct db_rows){.columns = layout->columns, .column_count = layout->column_count};
	out->values = arena_array(arena, max_rows * layout->column_count, sizeof(*out->values));
	if (!out->values)
		return fail(error, CR_OUT_OF_MEMORY, "the request's memory is used up");
	while (out->row_count < max_rows) {
		int got = mysql_stmt_fetch(handle);

		if (got == MYSQL_NO_DATA)
			break;
		if (got != 0 && got != MYSQL_DATA_TRUNCATED)
			return fail_handle(error, handle);
		if (!row_copy(
		        handle, layout, arena, out->values + out->row_count * out->column_count))
			return fail(error, CR_OUT_OF_MEMORY,
			    "a result value is too long or cannot be fetched");
		out->row_count++;
	}
	return mysql_stmt_free_result(handle) == 0 || fail_handle(error, handle);
}
