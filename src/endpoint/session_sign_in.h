/* How does somebody come to a session, and keep it? */
#ifndef CASTGATE_ENDPOINT_SESSION_SIGN_IN_H
#define CASTGATE_ENDPOINT_SESSION_SIGN_IN_H

#include "endpoint/call.h"

/* The action session-bridge: the credential that the endpoint's chain proves becomes a session. Its
 * value "session" names the sign-in at the provider (claims = {"session = session_id"}); the
 * provider is the credential's issuer, or its name. Pages of other sites are refused, even with a good
 * token: the cookies would make their visitors somebody else. */
void session_bridge_serve(struct call *call);

/* The action session-refresh: the refresh token of the cookie, or of the body's member refresh_token,
 * is replaced. Pages of other sites are refused. Cookies are taken away only when the session that
 * they belong to is certainly over. */
void session_refresh_serve(struct call *call);

/* The action jwks: the public halves of access_keys, which anybody may have. */
void session_keys_serve(struct call *call);

#endif
