/* Does this browser or client hold one of castgate's own sessions? */
#ifndef CASTGATE_CREDENTIAL_OWN_SESSION_H
#define CASTGATE_CREDENTIAL_OWN_SESSION_H

#include "credential/credential.h"
#include "session/session.h"

/* The browser's cookie. The prefix makes browsers take it from this host over TLS only, so no other
 * site can plant one; the plain name counts in development only. */
#define OWN_SESSION_COOKIE "__Host-castgate_session"
#define OWN_SESSION_PLAIN_COOKIE "castgate_session"

/* The cookie, then an access token as Bearer, unless `from` lists other places. The id is the user's;
 * values: session_id. At most one SELECT for each candidate; a session that was ended is refused from
 * the next request on. */
extern const struct credential_kind credential_own_session;

/* The sessions of the first configured credential of this kind; NULL without one. */
struct sessions *own_session_find(struct credential *const *credentials, size_t count);

#endif
