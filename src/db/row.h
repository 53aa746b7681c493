/* How do typed values go into a prepared statement and come back out of it? Inside db/ only. */
#ifndef CASTGATE_DB_ROW_H
#define CASTGATE_DB_ROW_H

#include <mysql.h>

#include "db/db.h"
#include "db/statement.h"

#define ROW_MAX_COLUMNS 64

/* One result column's landing place, reused from row to row and wiped after each. */
struct row_cell {
	union {
		long long integer;
		double number;
		float small_number;
		MYSQL_TIME moment;
		char bytes[512];
	} data;
	unsigned decimals; /* of a moment: digits after the second */
};

/* What is kept per prepared statement. */
struct row_layout {
	struct db_column *columns;
	struct row_cell *cells;
	MYSQL_BIND *binds;
	size_t column_count;
};

/* Read the columns of a prepared statement and make landing places for them. False when memory is
 * out or there are more than ROW_MAX_COLUMNS; a statement without a result set gets 0 columns.
 * Ended with row_layout_free. */
bool row_layout_new(MYSQL_STMT *handle, struct row_layout *layout);
void row_layout_free(struct row_layout *layout);

/* Are the columns of the result just announced still of the kinds that the landing places are for? A
 * table may have been altered since the statement was prepared, and the client library would turn a text
 * into a number for us, whatever follows its digits. A time must have as many digits as before. */
bool row_layout_holds(MYSQL_STMT *handle, const struct row_layout *layout);

/* Bind parameters, as many as the statement has. False when one has no value, is an integer beyond 64 bits, or
 * there are too many. `slots` receives integers; it and the values must stay until the
 * statement was executed. */
bool row_bind_parameters(MYSQL_STMT *handle, const struct value *parameters, size_t count,
    long long slots[STATEMENT_MAX_PARAMETERS]);

/* Copy the row just fetched into `out` (column_count values) in the arena. False when the arena is
 * full or a value is longer than 64 KiB. */
bool row_copy(
    MYSQL_STMT *handle, struct row_layout *layout, struct arena *arena, struct value *out);

#endif
