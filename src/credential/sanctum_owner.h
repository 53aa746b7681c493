/* Who does an owner's row say the user is? */
#ifndef CASTGATE_CREDENTIAL_SANCTUM_OWNER_H
#define CASTGATE_CREDENTIAL_SANCTUM_OWNER_H

#include "credential/credential.h"

/* `columns`: those that sanctum_sql.h has for the owner. ALLOWED with id, broadcast_id and values of
 * *identity set; OWNER_MISSING unless the key is `id` byte by byte, since the database matches more loosely.
 * Values lie in the arena and in the columns. No query. */
struct verdict sanctum_owner_read(const struct config_owner *owner, const struct value *columns,
    struct text id, struct arena *arena, struct identity *identity);

/* credential_kind's `load`. statements[i] is that of the i-th owner, made when it is first needed: NULL at the
 * start. */
struct verdict sanctum_owner_load(const struct config_credential *config, struct db *db,
    struct db_statement **statements, const struct credential_user *user, struct arena *arena,
    struct identity *identity);

#endif
