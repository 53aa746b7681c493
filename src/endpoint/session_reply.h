/* What do browsers and clients get to keep, and what are they told about sessions? */
#ifndef CASTGATE_ENDPOINT_SESSION_REPLY_H
#define CASTGATE_ENDPOINT_SESSION_REPLY_H

#include "endpoint/call.h"
#include "session/session.h"

/* The refresh token's cookie, sent to the session endpoints only. */
#define SESSION_REFRESH_COOKIE "__Secure-castgate_refresh"
#define SESSION_REFRESH_PLAIN_COOKIE "castgate_refresh"

/* Add Set-Cookie lines for both secrets to the call's headers; an absent one is left out. They last
 * as long as the session. HttpOnly and Secure; the session's cookie SameSite=Lax for the whole host,
 * the refresh token's SameSite=Strict for the folder of the refresh endpoint. In development, for
 * listed clients, with plain names and without Secure, since localhost has no TLS. RFC 6265bis. */
void session_set_cookies(
    struct call *call, const struct session *session, const struct session_secrets *secrets);

/* Add Set-Cookie lines that take both away. */
void session_clear_cookies(struct call *call);

/* Make the body of a sign-in or refresh, with an access token: {"success":true,"session":{...},
 * "access_token","token_type","expires_in"} and, unless it is absent, "refresh_token". Sets
 * call->body, or the verdict when that cannot be done. */
void session_answer(struct call *call, const struct session *session, struct text refresh_token);

/* {"success":true,"sessions":[...]}, the current one marked. As session_answer. */
void session_answer_list(
    struct call *call, const struct session *list, size_t count, struct text current);

/* The value of the refresh cookie in the request; absent without one. */
struct text session_refresh_cookie(const struct call *call);

/* A text member of the body, or of the query; absent when there is none. */
struct text session_field(const struct call *call, const char *name);

#endif
