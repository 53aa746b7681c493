/* How does a session end, and who may see and end which? */
#ifndef CASTGATE_ENDPOINT_SESSION_END_H
#define CASTGATE_ENDPOINT_SESSION_END_H

#include "endpoint/call.h"

/* The action session-logout: ends the session that the cookie, access token or refresh token names,
 * and takes the cookies away. Success also when there is nothing left to end. */
void session_logout_serve(struct call *call);

/* The action sessions: GET lists the user's living sessions, DELETE ends all of them. On a path with
 * a capture {id}, both speak of that one, and 404 means that the user has no such session. */
void sessions_serve(struct call *call);

#endif
