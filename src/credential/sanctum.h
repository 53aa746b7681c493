/* Is this a valid Laravel Sanctum personal access token, and whose is it? */
#ifndef CASTGATE_CREDENTIAL_SANCTUM_H
#define CASTGATE_CREDENTIAL_SANCTUM_H

#include "credential/credential.h"

/* Follows Sanctum 4's Guard and PersonalAccessToken::findToken: "ID|PLAIN" is looked up by id,
 * anything without a '|' by hash; SHA-256 of the plain part is compared in constant time; expiry by
 * column and by age; the owner row must exist and meet its condition. Abilities are not consulted.
 * One SELECT for token and owner together. `finish` updates last_used_at when it is stale. */
extern const struct credential_kind credential_sanctum;

#endif
