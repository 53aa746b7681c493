/* Which SQL does the sanctum kind send? All of it is built here, once, from the configuration. */
#ifndef CASTGATE_CREDENTIAL_SANCTUM_SQL_H
#define CASTGATE_CREDENTIAL_SANCTUM_SQL_H

#include <stdbool.h>

#include "base/arena.h"
#include "config/config.h"
#include "db/db.h"
#include "db/plain_select.h"

/* Result columns before those of the owners. */
enum sanctum_column {
	SANCTUM_ID,
	SANCTUM_TOKEN,
	SANCTUM_OWNER_TYPE,
	SANCTUM_OWNER_ID,
	SANCTUM_CREATED_AT,   /* NULL where no age counts */
	SANCTUM_LAST_USED_AT, /* NULL where it is not touched */
	SANCTUM_EXPIRES_AT,   /* NULL in tables that have no such column */
	SANCTUM_OWNERS        /* then per owner: key, broadcast_id where it has one, columns... */
};

enum sanctum_lookup { SANCTUM_BY_ID, SANCTUM_BY_HASH };

/* How many parameters of sanctum_select are the types of owners, in their order: none where there is one
 * owner, whose row may then come with a token of any type. */
size_t sanctum_type_parameters(const struct config_credential *config);

/* SELECT of a token and, by LEFT JOIN, its owner of each configured type; SANCTUM_OWNER_TYPE tells which
 * one counts. Parameters: types, then the id or the hexadecimal hash. With a `companion` (NULL: none), which takes one
 * owner, its tables are joined to that; see credential/companion.h for columns and parameters. NULL
 * when the arena is full. */
const char *sanctum_select(const struct config_credential *config, enum sanctum_lookup lookup,
    bool has_expires_at, const struct plain_select *companion, struct arena *arena);

/* Result columns of sanctum_facts. */
enum sanctum_fact {
	SANCTUM_FACT_NAME,
	SANCTUM_FACT_OWNER_TYPE,
	SANCTUM_FACT_OWNER_ID,
	SANCTUM_FACT_CREATED_AT,
	SANCTUM_FACT_LAST_USED_AT,
	SANCTUM_FACT_EXPIRES_AT
};

/* SELECT of what an operator may know of a token; its name only `with_name`, since the account needs no
 * right to read that. Parameter: the id. */
const char *sanctum_facts(const struct config_credential *config, bool has_expires_at,
    bool with_name, struct arena *arena);

/* UPDATE of last_used_at and updated_at of one token, unless somebody else just did it.
 * Parameters: now, now, id, the moment before which a value is stale. */
const char *sanctum_touch(const struct config_credential *config, struct arena *arena);

/* Which of the lookup's columns that end a token's life would that UPDATE renew, since the table says ON UPDATE of it?
 * A token would live as long as it is used. NULL: none that counts. */
const char *sanctum_prolonged(const struct db_column *columns);

/* INSERT of a token. Parameters: the id (with `own_id`), the expiry (with `expires`), owner type,
 * owner id, name, hexadecimal hash, now, now. */
const char *sanctum_insert(
    const struct config_credential *config, bool own_id, bool expires, struct arena *arena);

/* DELETE of a token by id. */
const char *sanctum_delete(const struct config_credential *config, struct arena *arena);

/* SELECT of an owner's columns, as sanctum_select has them, by its key; the owner's condition included. */
const char *sanctum_owner_select(const struct config_owner *owner, struct arena *arena);

/* The number of result columns an owner takes in sanctum_select. */
size_t sanctum_owner_width(const struct config_owner *owner);

#endif
