/* The sanctum kind's statements. For one owner "users" they read:
 *
 *   SELECT t.id, t.token, t.tokenable_type, t.tokenable_id, t.created_at, t.last_used_at,
 *          t.expires_at, o0.id, o0.id, o0.name
 *     FROM personal_access_tokens t
 *     LEFT JOIN (SELECT * FROM users WHERE deleted_at IS NULL) o0
 *            ON t.tokenable_type = ? AND o0.id = t.tokenable_id
 *    WHERE t.id = ?                                                    (or: WHERE t.token = ?)
 *
 *   UPDATE personal_access_tokens SET last_used_at = ?, updated_at = ?
 *    WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)
 *
 * Names come from the configuration, quoted; values are always parameters. */
#include "platform.h"
#include "credential/sanctum_sql.h"

#include "db/sql_name.h"

static void add_owner_column(struct buffer *sql, size_t owner, const char *name)
{
	buffer_printf(sql, ", o%zu.", owner);
	sql_add_name(sql, name);
}

static void add_owner_columns(struct buffer *sql, size_t index, const struct config_owner *owner)
{
	add_owner_column(sql, index, owner->key);
	add_owner_column(sql, index, owner->broadcast_id ? owner->broadcast_id : owner->key);
	for (size_t i = 0; i < owner->columns.count; i++)
		add_owner_column(sql, index, owner->columns.items[i]);
}

static void add_owner_join(struct buffer *sql, size_t index, const struct config_owner *owner)
{
	buffer_add_string(sql, " LEFT JOIN ");
	if (owner->where) {
		buffer_add_string(sql, "(SELECT * FROM ");
		sql_add_name(sql, owner->table);
		buffer_printf(sql, " WHERE (%s\n))", owner->where);
	} else {
		sql_add_name(sql, owner->table);
	}
	buffer_printf(sql, " o%zu ON t.`tokenable_type` = ? AND o%zu.", index, index);
	sql_add_name(sql, owner->key);
	buffer_add_string(sql, " = t.`tokenable_id`");
}

size_t sanctum_owner_width(const struct config_owner *owner)
{
	return 2 + owner->columns.count;
}

const char *sanctum_select(const struct config_credential *config, enum sanctum_lookup lookup,
    bool has_expires_at, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql, "SELECT t.`id`, t.`token`, t.`tokenable_type`, t.`tokenable_id`,"
	                        " t.`created_at`, t.`last_used_at`, ");
	buffer_add_string(&sql, has_expires_at ? "t.`expires_at`" : "NULL");
	for (size_t i = 0; i < config->owner_count; i++)
		add_owner_columns(&sql, i, &config->owners[i]);
	buffer_add_string(&sql, " FROM ");
	sql_add_name(&sql, config->table);
	buffer_add_string(&sql, " t");
	for (size_t i = 0; i < config->owner_count; i++)
		add_owner_join(&sql, i, &config->owners[i]);
	buffer_add_string(
	    &sql, lookup == SANCTUM_BY_ID ? " WHERE t.`id` = ?" : " WHERE t.`token` = ?");
	return buffer_text(&sql).data;
}

const char *sanctum_touch(const struct config_credential *config, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql, "UPDATE ");
	sql_add_name(&sql, config->table);
	buffer_add_string(&sql, " SET `last_used_at` = ?, `updated_at` = ? WHERE `id` = ?"
	                        " AND (`last_used_at` IS NULL OR `last_used_at` < ?)");
	return buffer_text(&sql).data;
}

const char *sanctum_insert(
    const struct config_credential *config, bool own_id, bool expires, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql, "INSERT INTO ");
	sql_add_name(&sql, config->table);
	buffer_printf(&sql,
	    " (%s%s`tokenable_type`, `tokenable_id`, `name`, `token`, `abilities`,"
	    " `created_at`, `updated_at`) VALUES (%s%s?, ?, ?, ?, '[\"*\"]', ?, ?)",
	    own_id ? "`id`, " : "", expires ? "`expires_at`, " : "", own_id ? "?, " : "",
	    expires ? "?, " : "");
	return buffer_text(&sql).data;
}

const char *sanctum_delete(const struct config_credential *config, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql, "DELETE FROM ");
	sql_add_name(&sql, config->table);
	buffer_add_string(&sql, " WHERE `id` = ?");
	return buffer_text(&sql).data;
}

const char *sanctum_owner_exists(const struct config_owner *owner, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql, "SELECT ");
	sql_add_name(&sql, owner->key);
	buffer_add_string(&sql, " FROM ");
	sql_add_name(&sql, owner->table);
	buffer_add_string(&sql, " WHERE ");
	sql_add_name(&sql, owner->key);
	buffer_add_string(&sql, " = ?");
	if (owner->where)
		buffer_printf(&sql, " AND (%s\n)", owner->where);
	return buffer_text(&sql).data;
}
