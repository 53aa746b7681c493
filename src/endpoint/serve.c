/* The way of one request: path, method, body, action, and one door out for reply and audit line. */
#include "platform.h"
#include "endpoint/serve.h"

#include <string.h>

#include "codec/base64.h"
#include "crypto/digest.h"
#include "endpoint/call.h"
#include "endpoint/developer.h"
#include "endpoint/probe.h"
#include "endpoint/reply.h"

#define REQUEST_ID_BYTES 8

static struct endpoint *route(struct service *service, struct text path, struct captures *captures)
{
	for (size_t i = 0; i < service->endpoint_count; i++)
		for (size_t k = 0; k < service->endpoints[i].path_count; k++)
			if (pattern_match(service->endpoints[i].paths[k], path, captures, NULL))
				return &service->endpoints[i];
	return NULL;
}

/* Is the method one of the words of an Allow list ("POST, OPTIONS")? */
static bool method_listed(struct text method, const char *allow)
{
	struct text rest = text_of(allow);

	while (rest.length) {
		size_t comma = text_find(rest, ',');

		if (text_equal(text_trim((struct text){rest.data, comma}), method))
			return true;
		rest = text_skip(rest, comma < rest.length ? comma + 1 : comma);
	}
	return false;
}

/* What can be refused without looking at credentials. ALLOWED means: let the action answer. */
static struct verdict screen_message(const struct call *call)
{
	const struct exchange *exchange = call->request.exchange;

	if (text_is(call->request.method, "OPTIONS"))
		return verdict_of(OUTCOME_PREFLIGHT);
	if (!method_listed(call->request.method, call->endpoint->action->allow))
		return verdict_of(OUTCOME_METHOD_NOT_ALLOWED);
	if (exchange->body_state == BODY_TOO_LARGE ||
	    exchange->body.length > call->endpoint->config->max_body)
		return verdict_of(OUTCOME_BODY_TOO_LARGE);
	if (exchange->body_state != BODY_COMPLETE)
		return (struct verdict){
		    OUTCOME_REQUEST_INCOMPLETE, "the body does not have CONTENT_LENGTH bytes"};
	return verdict_of(OUTCOME_ALLOWED);
}

static bool screen(struct call *call)
{
	call->verdict = screen_message(call);
	if (verdict_allows(call->verdict) && call->endpoint->needs->asks && !call_can_record(call))
		call->verdict = verdict_of(OUTCOME_AUDIT_FAILED);
	trace_note(call->trace, TRACE_SCREEN, call->request.method, call->verdict);
	return verdict_allows(call->verdict);
}

/* The address first: what it sent is read only afterwards. */
static bool screen_limits(struct call *call)
{
	call->verdict = limits_screen_address(call);
	if (verdict_allows(call->verdict)) {
		request_read_fields(&call->request, call->arena);
		call->verdict = limits_screen_request(call);
	}
	trace_note(call->trace, TRACE_LIMITS, call->client.text, call->verdict);
	return verdict_allows(call->verdict);
}

static void answer_call(struct call *call, const struct exchange *exchange)
{
	struct service *service = call->service;
	bool readable = request_read(exchange, call->arena, &call->request);

	call->client = client_address_find(exchange, &service->trusted_proxies, call->arena);
	call->is_developer = developer_is(service, &call->client);
	if (service->broken) {
		call->verdict = verdict_of(OUTCOME_CONFIGURATION_BROKEN);
		return;
	}
	if (readable)
		call->endpoint = route(service, call->request.path, &call->path);
	if (probe_answer(call, exchange, call->endpoint ? call->endpoint->config->path : NULL)) {
		call->endpoint = NULL; /* whose dialect and origins are not the probe's */
		return;
	}
	if (!readable) {
		call->verdict = (struct verdict){OUTCOME_REQUEST_INCOMPLETE,
		    "REQUEST_METHOD or REQUEST_URI is missing or unreadable"};
		return;
	}
	call->verdict = verdict_of(call->endpoint ? OUTCOME_ALLOWED : OUTCOME_ENDPOINT_UNKNOWN);
	trace_note(call->trace, TRACE_ROUTE, call->request.path, call->verdict);
	if (!call->endpoint || !screen(call) || !screen_limits(call))
		return;
	if (call->trace && call->endpoint->action->changes) {
		call->verdict = (struct verdict){
		    OUTCOME_UNDECIDED, "what the action changes cannot be tried out"};
		return;
	}
	call->verdict = verdict_of(OUTCOME_UNDECIDED);
	call->request.captures = call->path.values;
	call->request.capture_count = call->path.count;
	service->current = call->endpoint;
	db_request_start(service->db);
	call->endpoint->action->serve(call);
}

static struct text make_request_id(struct arena *arena)
{
	unsigned char random[REQUEST_ID_BYTES];
	char *hex = arena_alloc(arena, 2 * REQUEST_ID_BYTES + 1);

	if (!hex || !random_bytes(random, sizeof(random)))
		return (struct text){"unknown", 7};
	hex_encode(random, sizeof(random), hex);
	return (struct text){hex, 2 * REQUEST_ID_BYTES};
}

static struct text naive_now(struct service *service, int64_t now)
{
	char text[CLOCK_EXACT_BYTES];
	char *copy;

	if (!clock_format_exact(now, &service->zone, text))
		return (struct text){0};
	copy = arena_copy(service->memory, text, CLOCK_EXACT_BYTES - 1);
	return copy ? (struct text){copy, CLOCK_EXACT_BYTES - 1} : (struct text){0};
}

static struct call start_call(struct service *service)
{
	struct clock *clock = &service->clock;
	struct call call = {.service = service, .arena = service->memory};

	service->current = NULL;
	call.started_microseconds = clock_now(clock);
	call.started_monotonic_microseconds = clock_monotonic(clock);
	call.request_id = make_request_id(call.arena);
	call.now = naive_now(service, call.started_microseconds);
	return call;
}

/* No charge, no audit line, and by forgetting the endpoint no late work of its credentials. */
void service_rehearse(struct service *service, const struct exchange *exchange, struct trace *trace,
    struct call *call)
{
	*call = start_call(service);
	call->trace = trace;
	answer_call(call, exchange);
	service->current = NULL;
}

/* What was decided could not be written, so nobody learns of it. */
static struct text withhold(struct call *call)
{
	call->verdict = verdict_of(OUTCOME_AUDIT_FAILED);
	call->why = (struct rule_reason){0};
	call->body = (struct text){0};
	call->headers = (struct text){0};
	return reply_build(call, call_status(call, call->verdict));
}

struct text service_answer(void *context, const struct exchange *exchange)
{
	struct service *service = context;
	struct call call = start_call(service);
	struct text reply;
	int status;

	answer_call(&call, exchange);
	limits_charge(&call);
	status = call_status(&call, call.verdict);
	reply = reply_build(&call, status);
	if (!call.audited) {
		if (!call_record(&call, status))
			reply = withhold(&call);
		call_count(&call);
	}
	if (service->metrics && !call.unmeasured)
		metrics_time(service->metrics,
		    clock_monotonic(&service->clock) - call.started_monotonic_microseconds);
	return reply;
}

void service_finish(void *context)
{
	struct service *service = context;

	if (service->current)
		credential_chain_finish(
		    service->current->credentials, service->current->credential_count);
	service->current = NULL;
	if (service->db)
		db_request_end(service->db);
	arena_wipe(service->memory);
}
