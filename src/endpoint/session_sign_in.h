/* How does somebody come to a session, and keep it? */
#ifndef CASTGATE_ENDPOINT_SESSION_SIGN_IN_H
#define CASTGATE_ENDPOINT_SESSION_SIGN_IN_H

#include "endpoint/call.h"

/* The action session-bridge: the credential that the endpoint's chain proves becomes a session. Its
 * value "session" names the sign-in at the provider (claims = {"session = session_id"}); the
 * provider is the credential's issuer, or its name. */
void session_bridge_serve(struct call *call);

/* The action session-refresh: the refresh token of the cookie, or of the body's member refresh_token,
 * is replaced. Cookies are taken away only when the session is certainly over. */
void session_refresh_serve(struct call *call);

/* The action jwks: the public halves of access_keys, which anybody may have. */
void session_keys_serve(struct call *call);

#endif
