/* The plans of both lookups, and whether the touch can be prepared. */
#include "platform.h"
#include "credential/sanctum_examine.h"

#include "credential/sanctum_sql.h"
#include "db/plan.h"

#define ARENA_BYTES 65536

/* Any values will do to see which index leads to them. */
static void examine_lookup(const struct config_credential *config, enum sanctum_lookup lookup,
    bool has_expires_at, struct db *db, struct arena *arena, struct report *report)
{
	const char *sql = sanctum_select(config, lookup, has_expires_at, NULL, arena);
	size_t types = sanctum_type_parameters(config);
	struct value *parameters = arena_array(arena, types + 1, sizeof(*parameters));
	const char *what = arena_printf(
	    arena, "the lookup of a token in %s, which it calls castgate_t,", config->table);

	if (!sql || !parameters || !what)
		return;
	for (size_t i = 0; i < types; i++)
		parameters[i] = (struct value){VALUE_TEXT, text_of(config->owners[i].type)};
	parameters[types] = (struct value){
	    lookup == SANCTUM_BY_ID && config->token_id == CONFIG_TOKEN_ID_INT ? VALUE_INTEGER
	                                                                       : VALUE_TEXT,
	    TEXT("1")};
	plan_check(db, what, sql, parameters, types + 1, config->origin, report);
}

/* Nobody is refused for it, so it is no error. */
static void examine_touch(const struct config_credential *config, bool has_expires_at,
    struct db *db, struct arena *arena, struct report *report)
{
	const struct db_purpose purpose = {.kind = "check"};
	const char *sql = sanctum_select(config, SANCTUM_BY_ID, has_expires_at, NULL, arena);
	struct db_statement *lookup = sql ? db_statement_new(db, &purpose, "lookup", sql) : NULL;
	struct db_statement *touch;
	const char *prolonged = NULL;
	struct db_rows rows;
	size_t parameters;

	if (lookup && db_describe(db, lookup, &parameters, &rows) == DB_FOUND)
		prolonged = sanctum_prolonged(rows.columns);
	if (prolonged) {
		report_add(report, REPORT_WARNING, config->origin,
		    "credential \"%s\": last_used_at is not written: the server would write %s of "
		    "%s anew with it, and no token would expire that is used; take ON UPDATE from "
		    "the column, or set touch = off",
		    config->name, prolonged, config->table);
		return;
	}
	sql = sanctum_touch(config, arena);
	touch = sql ? db_statement_new(db, &purpose, "touch", sql) : NULL;
	if (touch && db_describe(db, touch, &parameters, &rows) == DB_BROKEN)
		report_add(report, REPORT_WARNING, config->origin,
		    "credential \"%s\": last_used_at cannot be written: %s; grant UPDATE "
		    "(last_used_at, updated_at) on %s, or set touch = off",
		    config->name, db_error(db)->message, config->table);
}

void sanctum_examine(const struct config_credential *config, bool has_expires_at, struct db *db,
    struct report *report)
{
	struct arena *arena = arena_new(ARENA_BYTES);

	if (!arena)
		return;
	examine_lookup(config, SANCTUM_BY_ID, has_expires_at, db, arena, report);
	examine_lookup(config, SANCTUM_BY_HASH, has_expires_at, db, arena, report);
	if (config->touch_seconds != CONFIG_TOUCH_OFF)
		examine_touch(config, has_expires_at, db, arena, report);
	arena_free(arena);
}
