/* Will the server read a whole table to answer a statement? */
#ifndef CASTGATE_DB_PLAN_H
#define CASTGATE_DB_PLAN_H

#include "base/report.h"
#include "db/db.h"

/* Ask for the plan (EXPLAIN) of a SELECT with `count` parameters, called `what` ("the statement"), and warn at `origin` of every table
 * that no index leads to, or that is read whole although it has more than a thousand rows. One
 * round trip more than the statement; for the operator, not for requests. Silent when the server
 * gives no plan, as where it knows already that there is no row. */
void plan_check(struct db *db, const char *what, const char *sql, const struct value *parameters,
    size_t count, struct origin origin, struct report *report);

#endif
