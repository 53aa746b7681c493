/* The better-auth kind's one statement. With the column "name" it reads:
 *
 *   SELECT s.`id`, s.`token`, s.`expiresAt`, s.`userId`, s.`activeOrganizationId`, u.`id`, u.`name`
 *     FROM `session` s
 *     LEFT JOIN `user` u ON u.`id` = s.`userId`
 *    WHERE s.`token` IN (?)
 *
 * Names come from the configuration, quoted; values are always parameters. */
#include "platform.h"
#include "credential/better_auth_sql.h"

#include <string.h>

#include "db/sql_name.h"

/* The column that holds a field of the session, which has the field's name unless configured. */
static const char *column_of(const struct config_credential *config, const char *field)
{
	for (size_t i = 0; i < config->session_field_count; i++)
		if (strcmp(config->session_fields[i].name, field) == 0)
			return config->session_fields[i].value;
	return field;
}

static void add_field(struct buffer *sql, const struct config_credential *config, const char *field)
{
	sql_add_column(sql, "s", column_of(config, field));
	buffer_add_string(sql, ", ");
}

static void add_columns(
    struct buffer *sql, const struct config_credential *config, bool has_organization)
{
	add_field(sql, config, "id");
	add_field(sql, config, "token");
	add_field(sql, config, "expiresAt");
	add_field(sql, config, "userId");
	if (has_organization)
		add_field(sql, config, "activeOrganizationId");
	else
		buffer_add_string(sql, "NULL, ");
	sql_add_column(sql, "u", "id");
	for (size_t i = 0; i < config->columns.count; i++) {
		buffer_add_string(sql, ", ");
		sql_add_column(sql, "u", config->columns.items[i]);
	}
}

const char *better_auth_select(const struct config_credential *config, size_t tokens,
    bool has_organization, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql, "SELECT ");
	add_columns(&sql, config, has_organization);
	buffer_add_string(&sql, " FROM ");
	sql_add_name(&sql, config->session_table);
	buffer_add_string(&sql, " s LEFT JOIN ");
	sql_add_name(&sql, config->user_table);
	buffer_add_string(&sql, " u ON ");
	sql_add_column(&sql, "u", "id");
	buffer_add_string(&sql, " = ");
	sql_add_column(&sql, "s", column_of(config, "userId"));
	buffer_add_string(&sql, " WHERE ");
	sql_add_column(&sql, "s", column_of(config, "token"));
	buffer_add_string(&sql, " IN (");
	for (size_t i = 0; i < tokens; i++)
		buffer_add_string(&sql, i ? ", ?" : "?");
	buffer_add_string(&sql, ")");
	return buffer_text(&sql).data;
}
