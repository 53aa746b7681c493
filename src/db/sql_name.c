/* Names in backticks, backticks doubled. */
#include "platform.h"
#include "db/sql_name.h"

void sql_add_name(struct buffer *sql, const char *name)
{
	buffer_add_byte(sql, '`');
	for (; *name; name++) {
		if (*name == '.')
			buffer_add_string(sql, "`.`");
		else if (*name == '`')
			buffer_add_string(sql, "``");
		else
			buffer_add_byte(sql, *name);
	}
	buffer_add_byte(sql, '`');
}

void sql_add_column(struct buffer *sql, const char *alias, const char *name)
{
	buffer_add_string(sql, alias);
	buffer_add_byte(sql, '.');
	sql_add_name(sql, name);
}
