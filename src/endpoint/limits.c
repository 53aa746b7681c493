/* Failures are looked at first and charged afterwards; requests, where limited, are taken. */
#include "platform.h"
#include "endpoint/limits.h"

#include "endpoint/call.h"

/* The part of an address's failures that one credential may have. */
#define CREDENTIAL_PART 4
/* The network of one IPv6 customer; an IPv4 address counts alone. */
#define IPV6_NETWORK_BYTES 8

void limits_open(
    struct limits *limits, const struct throttle *throttle, const struct config_endpoint *config)
{
	unsigned failures = config->throttle.failures;
	unsigned part = (failures + CREDENTIAL_PART - 1) / CREDENTIAL_PART;
	unsigned requests = config->throttle.requests;
	unsigned burst = config->throttle.burst;
	const char *path = config->path;

	limits->failures = (struct limit){"failures",
	    throttle_meter(throttle, path, "failures by address", failures, failures),
	    throttle_meter(throttle, path, "failures by credential", part, part)};
	limits->requests = (struct limit){"requests",
	    throttle_meter(throttle, path, "requests by address", requests, burst),
	    throttle_meter(throttle, path, "requests by credential", requests, burst)};
}

/* Who asks, as bytes. All who come without an address are one: there is no telling them apart. */
static struct text address_of(const struct call *call)
{
	const struct address *address = &call->client.address;

	if (!call->client.known)
		return TEXT("unknown");
	return (struct text){(const char *)address->bytes,
	    address_is_ipv4(address) ? sizeof(address->bytes) : IPV6_NETWORK_BYTES};
}

static struct text credential_of(const struct call *call)
{
	return credential_chain_token(call->endpoint->credentials, call->endpoint->credential_count,
	    &call->request, call->arena);
}

/* Keep the tighter of two for the reply; a refusal is the tightest. */
static void note(struct call *call, const struct limit *limit, const struct throttle_meter *meter,
    struct throttle_state state)
{
	if (!meter->quota)
		return;
	if (call->limit.policy == limit->policy && !state.refused &&
	    call->limit.state.remaining <= state.remaining)
		return;
	call->limit = (struct limit_report){limit->policy, meter, state};
}

/* Failures are only told of where they refuse: a limit nobody meets is no news. */
static struct verdict look_at_failures(
    struct call *call, const struct throttle_meter *meter, struct text who, const char *detail)
{
	const struct limit *failures = &call->endpoint->limits.failures;
	struct throttle_state state = throttle_look(
	    call->service->throttle, meter, who, call->started_monotonic_microseconds);

	if (!state.refused)
		return verdict_of(OUTCOME_ALLOWED);
	note(call, failures, meter, state);
	return (struct verdict){OUTCOME_TOO_MANY_FAILURES, detail};
}

static struct verdict take_request(
    struct call *call, const struct throttle_meter *meter, struct text who, const char *detail)
{
	const struct limit *requests = &call->endpoint->limits.requests;
	struct throttle_state state = call->trace ? throttle_look(call->service->throttle, meter,
	                                                who, call->started_monotonic_microseconds)
	                                          : throttle_take(call->service->throttle, meter,
	                                                who, call->started_monotonic_microseconds);

	note(call, requests, meter, state);
	if (!state.refused)
		return verdict_of(OUTCOME_ALLOWED);
	return (struct verdict){OUTCOME_TOO_MANY_REQUESTS, detail};
}

struct verdict limits_screen_address(struct call *call)
{
	return look_at_failures(call, &call->endpoint->limits.failures.by_address, address_of(call),
	    "failures of the address");
}

struct verdict limits_screen_request(struct call *call)
{
	const struct limits *limits = &call->endpoint->limits;
	struct text credential = credential_of(call);
	struct verdict verdict = verdict_of(OUTCOME_ALLOWED);

	if (credential.length)
		verdict = look_at_failures(call, &limits->failures.by_credential, credential,
		    "failures of the credential");
	if (verdict_allows(verdict))
		verdict = take_request(call, &limits->requests.by_address, address_of(call),
		    "requests of the address");
	if (verdict_allows(verdict) && credential.length)
		verdict = take_request(call, &limits->requests.by_credential, credential,
		    "requests of the credential");
	return verdict;
}

bool limits_is_failure(struct verdict verdict)
{
	int status = outcome_row(verdict.outcome)->status;

	/* else any page could use up what its visitors have: it can make a browser ask */
	if (verdict.outcome == OUTCOME_CROSS_SITE_REQUEST ||
	    verdict.outcome == OUTCOME_CREDENTIAL_MISSING)
		return false;
	return status == 401 || status == 403;
}

void limits_charge(struct call *call)
{
	const struct limit *failures;
	struct text credential;
	unsigned count = call->refused_entries + limits_is_failure(call->verdict);

	if (!call->endpoint || !count)
		return;
	failures = &call->endpoint->limits.failures;
	credential = credential_of(call);
	if (failures->by_address.quota)
		metrics_add(call->service->metrics, METRICS_THROTTLE_CHARGED, count);
	throttle_charge(call->service->throttle, &failures->by_address, address_of(call), count,
	    call->started_monotonic_microseconds);
	if (credential.length)
		throttle_charge(call->service->throttle, &failures->by_credential, credential,
		    count, call->started_monotonic_microseconds);
}
