/* Is this a JSON Web Token of our issuer, and whose is it? */
#ifndef CASTGATE_CREDENTIAL_JWT_H
#define CASTGATE_CREDENTIAL_JWT_H

#include "credential/credential.h"

/* Follows RFC 7519 and RFC 8725; see crypto/jwt.h for what a token may look like. The algorithm is one
 * of the configured ones, the key comes from the configured secret or key set and from nowhere else.
 * The id is the claim "sub"; `claims` become values where they are strings or integers, anything else
 * is no value. No SELECT. A key set that cannot be had is KEY_SET_UNAVAILABLE; a token whose key is not
 * in it causes at most one fetch for each cool-down (crypto/jwks.h). */
extern const struct credential_kind credential_jwt;

#endif
