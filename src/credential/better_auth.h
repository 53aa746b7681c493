/* Is this a live better-auth session, and whose is it? */
#ifndef CASTGATE_CREDENTIAL_BETTER_AUTH_H
#define CASTGATE_CREDENTIAL_BETTER_AUTH_H

#include "credential/credential.h"

/* Follows better-auth 1.2 to 1.7 (getSessionFromCtx, its bearer plugin, better-call's signed cookies):
 * the cookies __Secure-P.session_token, P.session_token and __Host-P.session_token, then Bearer, each
 * "TOKEN.SIGNATURE", percent-encoded or not, the signature HMAC-SHA256 of the token by one of the
 * secrets in padded base64. All candidates that are signed well are looked up in one SELECT of session
 * and user; the first in the order of `from` that is live decides, and one that is not falls through.
 * A raw token is taken from Bearer only, and only when configured. Expiry is judged here; the session
 * is never written to, so that "updateAge" stays better-auth's affair. */
extern const struct credential_kind credential_better_auth;

#endif
