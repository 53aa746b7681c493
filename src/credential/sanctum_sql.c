/* The sanctum kind's statements. For one owner "users" they read, but for "castgate_" before t and o0:
 *
 *   SELECT t.id, t.token, t.tokenable_type, t.tokenable_id, t.created_at, t.last_used_at,
 *          t.expires_at, o0.id, o0.name
 *     FROM personal_access_tokens t
 *     LEFT JOIN (SELECT id, name FROM users WHERE deleted_at IS NULL) o0 ON o0.id = t.tokenable_id
 *    WHERE t.id = ?                                                    (or: WHERE t.token = ?)
 *
 * (NULL for created_at where no age counts, for last_used_at where nothing touches it, for expires_at where
 * the table has none), and with a companion, here a rule that lets members of a company in:
 *
 *   SELECT t.id, ..., o0.name, m.company_id AS company, m.user_id AS user
 *     FROM personal_access_tokens t
 *     LEFT JOIN users o0 ON o0.id = t.tokenable_id
 *     JOIN (company_user m) ON (m.company_id = ? AND m.user_id = o0.id)
 *    WHERE t.id = ?
 *
 * With several owners each has "t.tokenable_type = ? AND" before that; the type decides in any case when
 * the row is judged, and for one owner the condition would cost the server a tenth of the statement.
 *
 * Names come from the configuration, quoted; values are always parameters. */
#include "platform.h"
#include "credential/sanctum_sql.h"

#include <strings.h>

#include "db/sql_name.h"

static void add_owner_column(struct buffer *sql, size_t owner, const char *name)
{
	buffer_printf(sql, "castgate_o%zu.", owner);
	sql_add_name(sql, name);
}

static void add_owner_columns(struct buffer *sql, size_t index, const struct config_owner *owner)
{
	add_owner_column(sql, index, owner->key);
	if (owner->broadcast_id) {
		buffer_add_string(sql, ", ");
		add_owner_column(sql, index, owner->broadcast_id);
	}
	for (size_t i = 0; i < owner->columns.count; i++) {
		buffer_add_string(sql, ", ");
		add_owner_column(sql, index, owner->columns.items[i]);
	}
}

/* Is a column among those before it? The server takes A for a, and no name twice in a derived table. */
static bool is_repeated(const char *const *names, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcasecmp(names[i], names[index]) == 0)
			return true;
	return false;
}

/* By name, so that an account needs no privilege on what nobody asked for. */
static void add_needed_columns(struct buffer *sql, const struct config_owner *owner)
{
	const char *own[] = {owner->key, owner->broadcast_id ? owner->broadcast_id : owner->key};

	sql_add_name(sql, own[0]);
	if (!is_repeated(own, 1)) {
		buffer_add_string(sql, ", ");
		sql_add_name(sql, own[1]);
	}
	for (size_t i = 0; i < owner->columns.count; i++) {
		const char *names[] = {own[0], own[1], owner->columns.items[i]};

		if (is_repeated(names, 2) ||
		    is_repeated((const char *const *)owner->columns.items, i))
			continue;
		buffer_add_string(sql, ", ");
		sql_add_name(sql, owner->columns.items[i]);
	}
}

size_t sanctum_type_parameters(const struct config_credential *config)
{
	return config->owner_count > 1 ? config->owner_count : 0;
}

/* The rows that meet the owner's condition. */
static void add_owner_table(struct buffer *sql, size_t index, const struct config_owner *owner)
{
	if (owner->where) {
		buffer_add_string(sql, "(SELECT ");
		add_needed_columns(sql, owner);
		buffer_add_string(sql, " FROM ");
		sql_add_name(sql, owner->table);
		buffer_printf(sql, " WHERE (%s\n))", owner->where);
	} else {
		sql_add_name(sql, owner->table);
	}
	buffer_printf(sql, " castgate_o%zu", index);
}

static void add_owner_join(
    struct buffer *sql, size_t index, const struct config_owner *owner, bool names_type)
{
	buffer_add_string(sql, " LEFT JOIN ");
	add_owner_table(sql, index, owner);
	buffer_add_string(sql, " ON ");
	if (names_type)
		buffer_add_string(sql, "castgate_t.`tokenable_type` = ? AND ");
	add_owner_column(sql, index, owner->key);
	buffer_add_string(sql, " = castgate_t.`tokenable_id`");
}

size_t sanctum_owner_width(const struct config_owner *owner)
{
	return (owner->broadcast_id ? 2 : 1) + owner->columns.count;
}

/* The companion's conditions in brackets, the first owner's key for its subject. */
static void add_conditions(
    struct buffer *sql, const struct plain_select *companion, const struct config_owner *owner)
{
	buffer_add_byte(sql, '(');
	for (const char *p = companion->conditions; *p; p++) {
		if (*p != PLAIN_SELECT_SUBJECT) {
			buffer_add_byte(sql, *p);
			continue;
		}
		add_owner_column(sql, 0, owner->key);
	}
	buffer_add_byte(sql, ')');
}

static void add_companion_join(
    struct buffer *sql, const struct plain_select *companion, const struct config_owner *owner)
{
	buffer_printf(sql, " JOIN (%s) ON ", companion->tables);
	add_conditions(sql, companion, owner);
}

/* A column costs the server a hundredth of the statement, NULL in its place hardly anything. */
static void add_time(struct buffer *sql, const char *name, bool counts)
{
	if (counts)
		buffer_printf(sql, ", castgate_t.`%s`", name);
	else
		buffer_add_string(sql, ", NULL");
}

const char *sanctum_select(const struct config_credential *config, enum sanctum_lookup lookup,
    bool has_expires_at, const struct plain_select *companion, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql,
	    "SELECT castgate_t.`id`, castgate_t.`token`, castgate_t.`tokenable_type`,"
	    " castgate_t.`tokenable_id`");
	add_time(&sql, "created_at", config->expiration_minutes != 0);
	add_time(&sql, "last_used_at", config->touch_seconds != CONFIG_TOUCH_OFF);
	add_time(&sql, "expires_at", has_expires_at);
	for (size_t i = 0; i < config->owner_count; i++) {
		buffer_add_string(&sql, ", ");
		add_owner_columns(&sql, i, &config->owners[i]);
	}
	if (companion)
		buffer_printf(&sql, ", %s", companion->columns);
	buffer_add_string(&sql, " FROM ");
	sql_add_name(&sql, config->table);
	buffer_add_string(&sql, " castgate_t");
	for (size_t i = 0; i < config->owner_count; i++)
		add_owner_join(&sql, i, &config->owners[i], sanctum_type_parameters(config) > 0);
	if (companion)
		add_companion_join(&sql, companion, &config->owners[0]);
	buffer_add_string(&sql, lookup == SANCTUM_BY_ID ? " WHERE castgate_t.`id` = ?"
	                                                : " WHERE castgate_t.`token` = ?");
	return buffer_text(&sql).data;
}

const char *sanctum_facts(const struct config_credential *config, bool has_expires_at,
    bool with_name, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_printf(&sql,
	    "SELECT %s, `tokenable_type`, `tokenable_id`, `created_at`, `last_used_at`, %s FROM ",
	    with_name ? "`name`" : "NULL", has_expires_at ? "`expires_at`" : "NULL");
	sql_add_name(&sql, config->table);
	buffer_add_string(&sql, " WHERE `id` = ?");
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

const char *sanctum_prolonged(const struct db_column *columns)
{
	if (columns[SANCTUM_EXPIRES_AT].is_renewed)
		return "expires_at";
	return columns[SANCTUM_CREATED_AT].is_renewed ? "created_at" : NULL;
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

const char *sanctum_owner_select(const struct config_owner *owner, struct arena *arena)
{
	struct buffer sql = buffer_start(arena);

	buffer_add_string(&sql, "SELECT ");
	add_owner_columns(&sql, 0, owner);
	buffer_add_string(&sql, " FROM ");
	add_owner_table(&sql, 0, owner);
	buffer_add_string(&sql, " WHERE ");
	add_owner_column(&sql, 0, owner->key);
	buffer_add_string(&sql, " = ?");
	return buffer_text(&sql).data;
}
