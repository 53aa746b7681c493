/* How is one connection to the database opened as the configuration asks? Inside db/ only. */
#ifndef CASTGATE_DB_CONNECTION_H
#define CASTGATE_DB_CONNECTION_H

#include <mysql.h>

#include "config/config.h"
#include "db/db.h"

/* Open a connection to `host` ("host", "host:port" or "[address]:port"; NULL: settings->socket):
 * time limits, TLS and its cipher checked, utf8mb4, no LOCAL INFILE, session_init run. NULL with
 * *error filled. The caller closes it with mysql_close. */
MYSQL *connection_open(
    const struct config_database *settings, const char *host, struct db_error *error);

/* The descriptor of an open connection, which stays the library's. */
int connection_socket(MYSQL *mysql);

/* Let an open connection call `wait` where the library would wait. Nothing where it cannot be told to. */
void connection_wait_by(MYSQL *mysql, int (*wait)(int fd, char is_read, int milliseconds));

/* Numbers for failures of our own, below all that servers and the client library use. */
enum { CONNECTION_NO_SLOT = 1, CONNECTION_UNCONFIRMED = 2 };

/* Fill *error from a number, of the client library's or the above, and a text. */
void connection_error(struct db_error *error, unsigned code, const char *message);

#endif
