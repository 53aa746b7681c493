/* How does a configured name stand in SQL so that nobody reads it as anything else? */
#ifndef CASTGATE_DB_SQL_NAME_H
#define CASTGATE_DB_SQL_NAME_H

#include "base/buffer.h"

/* Append a column's or table's name in backticks; "schema.table" becomes two names. Any bytes are
 * safe. */
void sql_add_name(struct buffer *sql, const char *name);

/* Append "ALIAS.`name`". */
void sql_add_column(struct buffer *sql, const char *alias, const char *name);

#endif
