/* Which rows shall the rules find in place of the database's own? */
#ifndef CASTGATE_CLI_FIXTURE_H
#define CASTGATE_CLI_FIXTURE_H

#include <stdbool.h>

#include "base/report.h"
#include "config/config.h"
#include "db/db.h"

/* A file of SQL that makes temporary tables and fills them: nothing but
 *
 *   CREATE TEMPORARY TABLE name ...  with no row asked for, and no comment that servers execute
 *   INSERT INTO name ...             a table that the file has made before
 *
 * A temporary table hides the one of its name, for one connection, until that ends. Everything but making
 * them is done in read-only transactions, and so is what comes afterwards: whatever the account may do,
 * nothing that anybody else can see is changed. */
struct fixture {
	struct text *statements; /* between others that say what the next ones may do */
	unsigned *lines;         /* of the file; 0 for the last */
	size_t count;
};

/* Read and check it; `path` NULL for none, which leaves the last statement alone. False with errors by file
 * and line in the report. Lives in the arena. */
bool fixture_read(
    const char *path, struct arena *arena, struct report *report, struct fixture *out);

/* Try it out on a connection of its own: what the server has against a statement is an error by file and
 * line in the report, and false. */
bool fixture_try(const struct fixture *fixture, const char *path,
    const struct config_database *settings, struct arena *arena, struct report *report);

#endif
