/* What does the operator's own probe learn of how a request arrives, and who can make one? */
#ifndef CASTGATE_ENDPOINT_PROBE_H
#define CASTGATE_ENDPOINT_PROBE_H

#include "config/config.h"
#include "crypto/digest.h"
#include "endpoint/call.h"

/* A probe is "TIME.NONCE.SIGNATURE": seconds since 1970, 16 random bytes and an HMAC-SHA256 over both, in
 * hex. The key is derived from the secret of the first app that has one, under words that no message of
 * Pusher's protocol begins with, so only who can read the configuration makes a probe, and no ticket is
 * one. It is good for PROBE_SECONDS. It travels in the header X-Castgate-Probe and in the body, as
 * "castgate_probe=...": one of them arrives even where the other is dropped.
 *
 * The reply names which variables hold the probe's Authorization header, the path as it arrived, the
 * endpoint it leads to, whether the body came whole, the mount and the version; never a value. Nothing is
 * decided or signed, so the status is 202, which no client takes for an allow; it is logged as probe_answered. What is no good probe is a request like any
 * other. */
#define PROBE_SECONDS 60
#define PROBE_HEADER "X-Castgate-Probe"
#define PROBE_FIELD "castgate_probe="

/* How much of what was sent a variable holds. */
#define PROBE_WHOLE "whole"
#define PROBE_CHANGED "changed"
#define PROBE_EMPTY "empty"

/* The key, prepared; NULL when no app has a secret. The caller ends it with hmac_key_free. */
struct hmac_key *probe_key_new(const struct config *config);

/* A fresh probe; absent without random bytes and when the arena is full. */
struct text probe_make(struct hmac_key *key, int64_t now_microseconds, struct arena *arena);

/* The Authorization header that goes with a probe: "Bearer castgate-probe-NONCE". It is no user's. */
struct text probe_authorization(struct text probe, struct arena *arena);

/* True when the request is a good probe: call->verdict and call->body are set then. No query. Costs two
 * HMACs where a probe seems to be present, else next to nothing. */
bool probe_answer(struct call *call, const struct exchange *exchange, const char *endpoint);

/* The variables in which the header may arrive, the ones that castgate reads first, in its order; NULL
 * beyond the last. */
const char *probe_variable(size_t index, bool *is_read);

#endif
