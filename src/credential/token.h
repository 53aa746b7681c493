/* Whom does an opaque token, looked up by the operator's own statement, belong to? */
#ifndef CASTGATE_CREDENTIAL_TOKEN_H
#define CASTGATE_CREDENTIAL_TOKEN_H

#include "credential/credential.h"

/* `identify` is asked with ":token" (the token, or its SHA-256 in lower-case hexadecimal), captures of
 * the endpoint's path and ":now". Its row proves itself as a rule's does: the token and each capture
 * come back as base-table columns of their names and are compared in C, so that no collation, padding
 * or cast lets in a token that is merely like a stored one. Exactly one row may be found: who is asking
 * must not depend on the order of rows. Column "id" is the identity's id, "session_id" names the token
 * in the log, "token" is never told to anybody, and all others are the identity's values. One SELECT. */
extern const struct credential_kind credential_token;

#endif
