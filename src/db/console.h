/* How does an operator's tool run statements of any kind on one connection, as the plain client would? */
#ifndef CASTGATE_DB_CONSOLE_H
#define CASTGATE_DB_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/value.h"
#include "config/config.h"
#include "db/db.h"

struct console;

/* Connect once, to the socket or to the first of the hosts that answers; never to a replica. The
 * deadline and session_init are the responder's and have no effect here: a statement may take a day.
 * autocommit is on. NULL with *error filled. `settings` must outlive it; ended with console_close, which
 * allows NULL and gives back the named locks that the connection holds. */
struct console *console_open(const struct config_database *settings, struct db_error *error);
void console_close(struct console *console);

/* Called about once a second while the server works on a statement. */
struct console_watch {
	void (*waiting)(void *context, unsigned seconds);
	void *context;
};

/* Rows as text; NULL is the absent text. */
struct console_rows {
	struct text *values; /* row after row */
	size_t column_count;
	size_t row_count;
};

/* Run one statement by the text protocol, which knows statements that cannot be prepared. `watch` may be
 * NULL; `rows` too, and then a result is read and dropped. Rows beyond `max_rows` are dropped. Never
 * repeated: false with console_error filled. */
bool console_run(struct console *console, struct text sql, const struct console_watch *watch,
    size_t max_rows, struct arena *arena, struct console_rows *rows);

/* Prepare and run one statement with `count` parameters, then forget it: three round trips. `rows` NULL
 * for a statement without a result. False as console_run. */
bool console_ask(struct console *console, const char *sql, const struct value *parameters,
    size_t count, size_t max_rows, struct arena *arena, struct db_rows *rows);

/* The last failure; unavailable: the connection is of no more use. */
const struct db_error *console_error(const struct console *console);

#endif
