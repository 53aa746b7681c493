/* May this client ask at all, now? */
#ifndef CASTGATE_ENDPOINT_LIMITS_H
#define CASTGATE_ENDPOINT_LIMITS_H

#include "base/verdict.h"
#include "config/config.h"
#include "guard/throttle.h"

struct call;

/* One limit, counted for each address and for each credential. */
struct limit {
	const char *policy; /* its name in the RateLimit fields */
	struct throttle_meter by_address;
	struct throttle_meter by_credential;
};

/* What an endpoint limits. */
struct limits {
	struct limit failures;
	struct limit requests;
};

/* What the reply tells about the limit that decided, or would have. Zeroed: nothing. */
struct limit_report {
	const char *policy; /* NULL: no limit was asked */
	const struct throttle_meter *meter;
	struct throttle_state state;
};

/* Compile an endpoint's limits. A credential may fail a quarter as often as an address, so that one
 * client with one bad token does not use up what all behind its address have. */
void limits_open(
    struct limits *limits, const struct throttle *throttle, const struct config_endpoint *config);

/* Before the body is looked at: is the address in penalty? Counts nothing. ALLOWED, or
 * TOO_MANY_FAILURES with call->limit set. */
struct verdict limits_screen_address(struct call *call);

/* With the body read: is the credential in penalty, and are there requests left? Counts one request
 * where the endpoint limits them. ALLOWED, or the refusal; call->limit is set by both where requests
 * are limited. No query. */
struct verdict limits_screen_request(struct call *call);

/* True for what counts as a failure: a credential or channel refused (401 and 403). Outages, malformed
 * requests, those without a credential and what another site's page made a browser send do not. */
bool limits_is_failure(struct verdict verdict);

/* After the verdict: charge a failure, and each of a batch, to the address and the credential. */
void limits_charge(struct call *call);

#endif
