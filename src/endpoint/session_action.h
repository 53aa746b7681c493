/* The action that tells a front end who is signed in. */
#ifndef CASTGATE_ENDPOINT_SESSION_ACTION_H
#define CASTGATE_ENDPOINT_SESSION_ACTION_H

#include "endpoint/call.h"

/* Every refusal of the action, whatever the dialect. */
#define SESSION_REFUSAL "{\"message\":\"Invalid or expired session\"}"

/* Answer {"user":{"id":...},"session":{"id":...,"expiresAt":...}} for a valid credential: what the
 * credential's identity knows, NULL and binary values left out, and never the token. Queries: at most
 * one per credential presented. */
void session_serve(struct call *call);

#endif
