/* Liveness, readiness and counters, for the machines that look after this one. */
#include "platform.h"
#include "endpoint/status_action.h"

#include "base/buffer.h"
#include "codec/subscription_syntax.h"
#include "crypto/digest.h"
#include "endpoint/exposition.h"

static bool has_token(const struct call *call)
{
	return secret_equal(
	    bearer_token(call->request.authorization), text_of(call->endpoint->config->token));
}

/* Who brings the token, else loopback, unless the endpoint says who. */
static bool is_welcome(const struct call *call)
{
	const struct config_endpoint *config = call->endpoint->config;
	const struct address *address = &call->client.address;
	struct network loopback;

	if (config->token && has_token(call))
		return true;
	if (!call->client.known || call->client.doubtful)
		return false;
	if (config->clients.count || config->token)
		return network_list_has(&call->endpoint->clients, address);
	return (network_parse(TEXT("127.0.0.0/8"), &loopback) && network_has(&loopback, address)) ||
	       (network_parse(TEXT("::1"), &loopback) && network_has(&loopback, address));
}

static bool admit(struct call *call)
{
	call->unmeasured = true;
	call->verdict = verdict_of(is_welcome(call) ? OUTCOME_ALLOWED : OUTCOME_CLIENT_NOT_ALLOWED);
	return verdict_allows(call->verdict);
}

/* What is asked every few seconds is no decision to remember. */
static void answer(struct call *call, struct text body)
{
	call->body = body;
	call->audited = text_present(body);
	if (!text_present(body))
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}

void live_serve(struct call *call)
{
	if (admit(call))
		answer(call, TEXT("{\"status\":\"live\"}"));
}

void ready_serve(struct call *call)
{
	struct service *service = call->service;

	if (!admit(call))
		return;
	if (!call_can_record(call))
		call->verdict = verdict_of(OUTCOME_AUDIT_FAILED);
	else if (service->config->database.origin.file && !db_ping(service->db))
		call->verdict = db_verdict(service->db, call->arena);
	else
		answer(call, TEXT("{\"status\":\"ready\"}"));
}

void metrics_serve(struct call *call)
{
	struct buffer out = buffer_start(call->arena);

	if (!admit(call))
		return;
	exposition_write(call->service, &out);
	call->content_type = "text/plain; version=0.0.4; charset=utf-8";
	answer(call, buffer_text(&out));
}
