/* Steps that every action shares: admission in the dialect's order, scope, status, audit line. */
#include "platform.h"
#include "endpoint/call.h"

#include "endpoint/cross_site.h"
#include "endpoint/mount.h"

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

/* What came along, though no credential of the endpoint takes it. */
static struct verdict tell_missing(const struct call *call, struct verdict verdict)
{
	bool has_header = text_present(call->request.authorization);
	bool has_cookies = text_present(request_header(&call->request, "COOKIE"));

	if (verdict.outcome != OUTCOME_CREDENTIAL_MISSING)
		return verdict;
	verdict.detail = has_header
	                     ? has_cookies
	                           ? "an Authorization header and cookies, none of them looked for"
	                           : "an Authorization header that is not looked for, no cookie"
	                 : has_cookies ? "no Authorization header, no cookie castgate knows"
	                               : "no Authorization header, no cookie";
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
			return tell_missing(call, verdict);
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

/* What a web server in front does wrong looks like this from here. */
static const char *suspect_mount(const struct call *call)
{
	static const enum outcome suspicious[] = {OUTCOME_CREDENTIAL_MISSING,
	    OUTCOME_ENDPOINT_UNKNOWN, OUTCOME_METHOD_NOT_ALLOWED, OUTCOME_REQUEST_INCOMPLETE};

	for (size_t i = 0; i < sizeof(suspicious) / sizeof(suspicious[0]); i++)
		if (call->verdict.outcome == suspicious[i])
			return mount_of(call->request.exchange)->code;
	return NULL;
}

static bool must_record(const struct call *call)
{
	return call->service->config && call->service->config->audit_required;
}

/* The database's number for the connection that this request asked last. */
static unsigned long connection_of(const struct call *call)
{
	const struct service *service = call->service;

	return service->current && service->db ? db_connection_id(service->db) : 0;
}

static struct audit_entry entry_of(const struct call *call, int status)
{
	const struct clock *clock = &call->service->clock;
	int64_t monotonic = clock_monotonic(clock);

	return (struct audit_entry){
	    .time_microseconds = call->started_microseconds,
	    .duration_microseconds = monotonic - call->started_monotonic_microseconds,
	    .request_id = call->request_id,
	    .client_address = call->client.text,
	    .method = call->request.method,
	    .path = call->request.path,
	    .origin = call->request.origin,
	    .trace_id = call->request.caller.trace_id,
	    .parent_id = call->request.caller.parent_id,
	    .action = call->endpoint ? call->endpoint->config->action : NULL,
	    .endpoint = call->endpoint ? call->endpoint->config->path : NULL,
	    .channel = call->channel,
	    .credential = call->identity.credential,
	    .token_id = call->identity.token_id,
	    .user_id = call->identity.id.text,
	    .rule = call->rule,
	    .verdict = call->verdict,
	    .mount = suspect_mount(call),
	    .deny = call->why.label,
	    .connection = connection_of(call),
	    .status = status,
	    .tell_cure = needs_cure(call),
	};
}

bool call_record(struct call *call, int status)
{
	struct audit_entry entry = entry_of(call, status);

	return audit_write(call->service->audit, &entry, call->arena) || !must_record(call);
}

bool call_gather(struct call *call, int status, struct audit_lines *lines)
{
	struct audit_entry entry = entry_of(call, status);

	return audit_gather(call->service->audit, &entry, lines) || !must_record(call);
}

bool call_give(struct call *call, struct audit_lines *lines)
{
	return audit_give(call->service->audit, call->started_microseconds, lines) ||
	       !must_record(call);
}

void call_count(const struct call *call)
{
	struct metrics_kind kind = {call->endpoint ? call->endpoint->config->path : NULL,
	    call->rule, outcome_row(call->verdict.outcome)->reason};

	if (call->service->metrics)
		metrics_count(call->service->metrics, &kind);
}

bool call_can_record(const struct call *call)
{
	return !must_record(call) || call->trace ||
	       audit_has_room(call->service->audit, call->started_microseconds, call->arena);
}
