/* Steps that every action shares: admission in the dialect's order, scope, status, audit line. */
#include "platform.h"
#include "endpoint/call.h"

#include "endpoint/cross_site.h"

/* A proven credential that is not meant for this request. */
static struct verdict check_use(const struct call *call)
{
	struct scope scope = call_scope(call, NULL);

	if (call->identity.carrier != CARRIER_DELIBERATE &&
	    cross_site_request(call->endpoint->config, &call->request))
		return verdict_of(OUTCOME_CROSS_SITE_REQUEST);
	return scope_agrees(&scope, call->arena);
}

/* Ask the chain. Only the one credential of a chain takes anything along: of two candidates nobody knows
 * beforehand who it will be. */
static struct verdict prove(struct call *call)
{
	struct endpoint *endpoint = call->endpoint;
	struct credential *only = call->brought.companion ? endpoint->credentials[0] : NULL;
	struct verdict verdict;

	if (only)
		only->kind->bring(only->state, &call->brought);
	verdict = credential_chain_prove(endpoint->credentials, endpoint->credential_count,
	    &call->request, call->arena, &call->identity, call->trace);
	if (only)
		only->kind->bring(only->state, NULL);
	if (verdict_allows(verdict))
		verdict = check_use(call);
	trace_note(call->trace, TRACE_PROVEN, (struct text){0}, verdict);
	return verdict;
}

static bool is_presented(const struct call *call)
{
	return credential_chain_presented(
	    call->endpoint->credentials, call->endpoint->credential_count, &call->request);
}

static struct verdict take_step(struct call *call, enum dialect_step step, struct verdict syntax)
{
	const struct dialect *dialect = call->endpoint->dialect;
	struct verdict verdict = verdict_of(OUTCOME_ALLOWED);

	if (step == STEP_PROVEN)
		return prove(call);
	if (step == STEP_PRESENTED && !is_presented(call))
		verdict = verdict_of(OUTCOME_CREDENTIAL_MISSING);
	else if (step == STEP_SYNTAX && !(syntax.outcome == OUTCOME_CHANNEL_MISSING &&
	                                    dialect->missing_channel_is_refusal))
		verdict = syntax;
	trace_note(call->trace, step == STEP_SYNTAX ? TRACE_SYNTAX : TRACE_PRESENTED,
	    (struct text){0}, verdict);
	return verdict;
}

struct verdict call_admit(struct call *call, struct verdict syntax)
{
	const struct dialect *dialect = call->endpoint->dialect;
	struct verdict verdict = verdict_of(OUTCOME_UNDECIDED);
	bool lacks_channel = syntax.outcome == OUTCOME_CHANNEL_MISSING;

	for (const enum dialect_step *step = dialect->steps; *step != STEP_END; step++) {
		verdict = take_step(call, *step, syntax);
		if (!verdict_allows(verdict))
			return verdict;
	}
	if (lacks_channel && dialect->missing_channel_is_refusal)
		return verdict_of(OUTCOME_CHANNEL_EMPTY);
	return verdict;
}

struct scope call_scope(const struct call *call, const struct captures *channel)
{
	return (struct scope){.identity = &call->identity,
	    .channel = channel,
	    .path = &call->path,
	    .now = call->now,
	    .brought = &call->brought,
	    .answer = call->answer,
	    .trace = call->trace};
}

int call_status(const struct call *call, struct verdict verdict)
{
	int status = call->endpoint ? dialect_status(call->endpoint->dialect, verdict)
	                            : outcome_row(verdict.outcome)->status;
	int meant = outcome_row(verdict.outcome)->status;

	if (call->endpoint && call->endpoint->action->refusal && (meant == 401 || meant == 403))
		return 401;
	return status;
}

/* Apache drops the Authorization header unless told otherwise; the log then says how. */
static bool needs_cure(const struct call *call)
{
	return call->verdict.outcome == OUTCOME_CREDENTIAL_MISSING ||
	       call->verdict.outcome == OUTCOME_CONFIGURATION_BROKEN;
}

void call_audit(struct call *call, int status)
{
	const struct clock *clock = &call->service->clock;
	int64_t monotonic = clock->monotonic_microseconds(clock->context);
	struct audit_entry entry = {
	    .time_microseconds = call->started_microseconds,
	    .duration_microseconds = monotonic - call->started_monotonic_microseconds,
	    .request_id = call->request_id,
	    .client_address = call->client.text,
	    .method = call->request.method,
	    .path = call->request.path,
	    .origin = call->request.origin,
	    .endpoint = call->endpoint ? call->endpoint->config->path : NULL,
	    .channel = call->channel,
	    .credential = call->identity.credential,
	    .token_id = call->identity.token_id,
	    .user_id = call->identity.id.text,
	    .rule = call->rule,
	    .verdict = call->verdict,
	    .deny = call->why.label,
	    .status = status,
	    .tell_cure = needs_cure(call),
	};

	struct metrics_kind kind = {
	    entry.endpoint, call->rule, outcome_row(call->verdict.outcome)->reason};

	(void)audit_write(call->service->audit, &entry, call->arena);
	if (call->service->metrics)
		metrics_count(call->service->metrics, &kind);
}
