/* How is one connection to the database opened as the configuration asks? Inside db/ only. */
#ifndef CASTGATE_DB_CONNECTION_H
#define CASTGATE_DB_CONNECTION_H

#include <mysql.h>

#include "config/config.h"
#include "db/db.h"

/* Open a connection to the host at `host_index` (ignored with a socket): time limits, TLS and its
 * cipher checked, utf8mb4, no LOCAL INFILE, session_init run. NULL with *error filled. The caller
 * closes it with mysql_close. */
MYSQL *connection_open(
    const struct config_database *settings, size_t host_index, struct db_error *error);

/* Fill *error from a client library's number and text. */
void connection_error(struct db_error *error, unsigned code, const char *message);

#endif
