/* What are the parts of the doctor, and what do they share? */
#ifndef CASTGATE_CLI_DOCTOR_PARTS_H
#define CASTGATE_CLI_DOCTOR_PARTS_H

#include "cli/check.h"
#include "db/db.h"

#define DOCTOR_ROWS 200

/* Run a SELECT or SHOW of the tool's own on a database: at most DOCTOR_ROWS rows. False when there is none, or
 * the server does not say. */
bool doctor_ask(const struct check *check, struct db *db, const char *sql, struct db_rows *rows);

/* A value of the first row, to be printed; "-" for NULL. */
const char *doctor_shown(const struct check *check, const struct db_rows *rows, size_t column);

/* Can others change the files that decide who is allowed, or what processes share? No query. */
void doctor_examine_files(const struct check *check);

/* Would the kernel confine castgate as `sandbox` wants it? Tried in a process of its own. */
void doctor_examine_sandbox(const struct check *check);

/* Does each host and replica answer, with which clock and zones, and may it be written to? One connection to
 * each. */
void doctor_examine_servers(const struct check *check);

/* May the account do more than castgate needs, or open fewer connections than it will? Three queries. */
void doctor_examine_account(const struct check *check);

/* How does the server compare the texts that castgate reads, and which index leads to what each statement
 * wants? Two queries, and one for each statement. */
void doctor_examine_tables(const struct check *check);

#endif
