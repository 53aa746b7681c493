/* The row of a user, whether it came with a token or is asked for by its key. */
#include "platform.h"
#include "credential/sanctum_owner.h"

#include <string.h>

#include "credential/sanctum_sql.h"

struct verdict sanctum_owner_read(const struct config_owner *owner, const struct value *columns,
    struct text id, struct arena *arena, struct identity *identity)
{
	if (columns->kind == VALUE_NONE || !text_equal(columns->text, id))
		return (struct verdict){OUTCOME_OWNER_MISSING, owner->type};
	identity->id = *columns++;
	identity->broadcast_id = owner->broadcast_id ? *columns++ : identity->id;
	identity->value_count = owner->columns.count;
	identity->values = arena_array(arena, owner->columns.count + 1, sizeof(*identity->values));
	if (!identity->values)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	for (size_t i = 0; i < owner->columns.count; i++)
		identity->values[i] =
		    (struct named_value){text_of(owner->columns.items[i]), columns[i]};
	return verdict_of(OUTCOME_ALLOWED);
}

static bool make_statement(const struct config_owner *owner, struct db *db,
    struct db_statement **statement, struct arena *arena)
{
	static const struct db_purpose purpose = {.kind = "owner"};
	const char *sql = sanctum_owner_select(owner, arena);

	if (sql)
		*statement = db_statement_new(db, &purpose, owner->type, sql);
	return *statement != NULL;
}

static struct verdict look_up(const struct config_owner *owner, struct db *db,
    struct db_statement **statement, struct value id, struct arena *arena,
    struct identity *identity)
{
	struct db_rows rows;

	if (!*statement && !make_statement(owner, db, statement, arena))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	switch (db_select(db, *statement, &id, 1, 1, arena, &rows)) {
	case DB_FOUND:
		return sanctum_owner_read(owner, rows.values, id.text, arena, identity);
	case DB_EMPTY:
		return (struct verdict){OUTCOME_OWNER_MISSING, owner->type};
	case DB_BROKEN:
	default:
		return db_verdict(db, arena);
	}
}

struct verdict sanctum_owner_load(const struct config_credential *config, struct db *db,
    struct db_statement **statements, const struct credential_user *user, struct arena *arena,
    struct identity *identity)
{
	if (!user->type && config->owner_count > 1)
		return verdict_of(OUTCOME_UNDECIDED);
	for (size_t i = 0; i < config->owner_count; i++) {
		const struct config_owner *owner = &config->owners[i];
		struct verdict verdict;

		if (user->type && strcmp(user->type, owner->type) != 0)
			continue;
		verdict = look_up(owner, db, &statements[i], user->id, arena, identity);
		if (verdict_allows(verdict))
			verdict.detail = owner->type;
		return verdict;
	}
	return (struct verdict){OUTCOME_OWNER_TYPE_UNKNOWN, user->type};
}
