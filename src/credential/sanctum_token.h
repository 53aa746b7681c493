/* What may the operator know of a Sanctum token that was presented? */
#ifndef CASTGATE_CREDENTIAL_SANCTUM_TOKEN_H
#define CASTGATE_CREDENTIAL_SANCTUM_TOKEN_H

#include "credential/credential.h"

/* What goes on after "token 17": ` ("phone"), owner App\Models\User 42, never expires, last used 2 min
 * ago`; never the token or its hash. `has_expires_at` as in sanctum_select. Without the name where the account may
 * not read that; NULL when the database does not say. One or two SELECTs that nothing depends on; in the
 * arena. */
const char *sanctum_token_tell(const struct config_credential *config,
    const struct credential_context *context, bool has_expires_at, struct text id,
    struct arena *arena);

#endif
