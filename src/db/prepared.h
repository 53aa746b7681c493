/* How does one statement run on one connection? Inside db/ only. */
#ifndef CASTGATE_DB_PREPARED_H
#define CASTGATE_DB_PREPARED_H

#include "db/row.h"

/* Zeroed memory is "not prepared yet". */
struct prepared {
	MYSQL_STMT *handle;
	struct row_layout layout;
	bool bound;
};

/* Prepare unless that was done: one round trip. False with *error filled; the caller then closes
 * the connection, and forgets it. */
bool prepared_make(
    struct prepared *prepared, MYSQL *connection, const char *sql, struct db_error *error);

/* Forget it. After its connection was closed that is a matter of this process alone; before, the server is
 * told. Nothing to do where nothing is prepared. */
void prepared_free(struct prepared *prepared);

/* Run it: one round trip. False with *error filled, as above. */
bool prepared_execute(struct prepared *prepared, const struct value *parameters, size_t count,
    struct db_error *error);

/* Prepare it and run it. One round trip where client library and server can (MariaDB's), which do not wait to
 * be told the statement's number in between; else two. To be asked for a statement that was not prepared.
 * False with *error filled, as above. */
bool prepared_make_and_execute(struct prepared *prepared, MYSQL *connection, const char *sql,
    const struct value *parameters, size_t count, struct db_error *error);

/* Read at most `max_rows` rows into the arena. False with *error filled, as above. */
bool prepared_fetch(struct prepared *prepared, size_t max_rows, struct arena *arena,
    struct db_rows *out, struct db_error *error);

#endif
