/* Decides channels one by one: rule, row, channel_data, signature; a batch proves its credential once. */
#include "platform.h"
#include "endpoint/channel_auth.h"

#include "base/buffer.h"
#include "endpoint/batch.h"
#include "endpoint/developer.h"
#include "endpoint/endpoint_open.h"

static void trace_miss(struct call *call, const struct rule *rule, size_t reached)
{
	struct trace_step *step = call->trace ? trace_add(call->trace, TRACE_MISS) : NULL;

	if (!step)
		return;
	step->subject = text_of(rule_label(rule));
	step->title = rule_title(rule);
	step->reached = reached;
}

static struct trace_step *trace_rule(struct call *call, enum trace_kind kind,
    const struct rule *rule, const struct captures *captures)
{
	struct trace_step *step = call->trace ? trace_add(call->trace, kind) : NULL;

	if (!step)
		return NULL;
	step->subject = text_of(rule_label(rule));
	step->title = rule_title(rule);
	step->values = trace_copy(call->trace, captures->values, captures->count);
	step->value_count = step->values ? captures->count : 0;
	return step;
}

/* Which of the rules after the one that decided would have matched, too? For the operator alone. */
static void trace_later(struct call *call, struct text channel, size_t next)
{
	const struct endpoint *endpoint = call->endpoint;

	for (; call->trace && next < endpoint->rule_count; next++) {
		const struct rule *rule = endpoint->rules[next];
		struct captures captures;
		size_t reached;

		if (rule_matches(rule, &call->path, channel, &captures, &reached))
			(void)trace_rule(call, TRACE_LATER, rule, &captures);
		else
			trace_miss(call, rule, reached);
	}
}

/* The first rule that matches decides; a template that builds another channel lets the next try. */
static struct verdict decide(struct call *call, struct text channel, struct rule_grant *grant)
{
	struct endpoint *endpoint = call->endpoint;
	struct verdict verdict = verdict_of(OUTCOME_NO_RULE);

	if (channel_name_kind(channel) == CHANNEL_PUBLIC)
		return verdict_of(OUTCOME_CHANNEL_NOT_GUARDED);
	for (size_t i = 0; i < endpoint->rule_count; i++) {
		struct trace_step *step;
		struct captures captures;
		struct scope scope;
		size_t reached;

		if (!rule_matches(endpoint->rules[i], &call->path, channel, &captures, &reached)) {
			trace_miss(call, endpoint->rules[i], reached);
			continue;
		}
		scope = call_scope(call, &captures);
		call->rule = rule_label(endpoint->rules[i]);
		step = trace_rule(call, TRACE_RULE, endpoint->rules[i], &captures);
		verdict = rule_decide(endpoint->rules[i], &scope, channel, call->arena, grant);
		if (step)
			step->verdict = verdict;
		developer_explain(call, endpoint->rules[i], &scope, verdict);
		if (verdict.outcome != OUTCOME_TEMPLATE_MISMATCH) {
			trace_later(call, channel, i + 1);
			break;
		}
	}
	return verdict;
}

static struct text presence_id(const struct identity *identity)
{
	return identity->broadcast_id.kind != VALUE_NONE ? identity->broadcast_id.text
	                                                 : identity->id.text;
}

/* Decide and sign one channel. *body is the ticket's JSON when allowed. */
static struct verdict authorize(struct call *call, struct text channel, struct text *body)
{
	struct endpoint *endpoint = call->endpoint;
	enum json_style style = endpoint->dialect->json_style;
	struct text channel_data = {0};
	struct rule_grant grant = {0};
	struct ticket ticket;
	struct verdict verdict;

	*body = (struct text){0};
	call->channel = channel;
	call->rule = NULL;
	call->why = (struct rule_reason){0};
	trace_note(call->trace, TRACE_CHANNEL, channel, verdict_of(OUTCOME_ALLOWED));
	if (!channel_name_valid(channel, endpoint->config->max_channel_bytes))
		return verdict_of(OUTCOME_CHANNEL_INVALID);
	verdict = decide(call, channel, &grant);
	if (!verdict_allows(verdict))
		return verdict;
	if (grant.wants_channel_data)
		verdict =
		    ticket_channel_data(endpoint->app.verifier, style, presence_id(&call->identity),
		        grant.members, grant.member_count, call->arena, &channel_data);
	if (verdict_allows(verdict))
		verdict = ticket_sign_channel(endpoint_app(endpoint), call->subscription.socket_id,
		    channel, channel_data, call->arena, &ticket);
	trace_note(call->trace, TRACE_TICKET, channel_data, verdict);
	if (!verdict_allows(verdict))
		return verdict;
	*body = ticket_body(&ticket, style, call->arena);
	return text_present(*body) ? verdict : verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}

/* What became of one channel of a batch. */
struct entry {
	struct verdict verdict;
	const char *rule;
	struct rule_reason why;
	struct text body;
};

/* {"NAME":{"status":200,"data":{...}}} or {"NAME":{"status":403}}, for developers
 * {"NAME":{"status":403,"code":"..."}} */
static void add_entry(struct buffer *out, const struct call *call, struct text channel,
    const struct entry *entry, enum json_style style)
{
	const char *code = developer_code(call, entry->verdict, &entry->why);

	if (out->length > 1)
		buffer_add_byte(out, ',');
	(void)json_add_string(out, channel, style);
	buffer_printf(out, ":{\"status\":%d", call_status(call, entry->verdict));
	if (code) {
		buffer_add_string(out, ",\"code\":");
		(void)json_add_string(out, text_of(code), style);
	}
	if (text_present(entry->body)) {
		buffer_add_string(out, ",\"data\":");
		buffer_add(out, entry->body);
	}
	buffer_add_byte(out, '}');
}

static void show_entry(struct call *call, const struct entry *entry, struct text channel)
{
	call->channel = channel;
	call->rule = entry->rule;
	call->why = entry->why;
	call->verdict = entry->verdict;
}

/* One audit line an entry. A batch of which one could not be written counts as none. */
static bool record_batch(struct call *call, const struct entry *entries)
{
	struct audit_lines lines = audit_lines_start(call->arena);
	bool recorded = true;

	for (size_t i = 0; recorded && i < call->subscription.count; i++) {
		show_entry(call, &entries[i], call->subscription.channels[i]);
		recorded = call_gather(call, call_status(call, call->verdict), &lines);
	}
	recorded = call_give(call, &lines) && recorded;
	if (!recorded)
		return false;
	for (size_t i = 0; i < call->subscription.count; i++) {
		show_entry(call, &entries[i], call->subscription.channels[i]);
		call_count(call);
	}
	return true;
}

/* What fails here is not what the last channel was refused for. */
static struct verdict fail_batch(struct call *call, enum outcome outcome)
{
	call->why = (struct rule_reason){0};
	return verdict_of(outcome);
}

/* Write the reply and the audit lines, once it is certain that no outage spoils them. */
static struct verdict report_batch(struct call *call, const struct entry *entries)
{
	enum json_style style = call->endpoint->dialect->json_style;
	struct buffer out = buffer_start(call->arena);

	buffer_add_byte(&out, '{');
	for (size_t i = 0; i < call->subscription.count; i++)
		add_entry(&out, call, call->subscription.channels[i], &entries[i], style);
	buffer_add_byte(&out, '}');
	call->body = buffer_text(&out);
	if (!text_present(call->body))
		return fail_batch(call, OUTCOME_RESOURCES_EXHAUSTED);
	for (size_t i = 0; i < call->subscription.count; i++)
		call->refused_entries += limits_is_failure(entries[i].verdict);
	if (!call->trace && !record_batch(call, entries))
		return fail_batch(call, OUTCOME_AUDIT_FAILED);
	call->audited = true;
	return verdict_of(OUTCOME_ALLOWED);
}

/* Every entry gets its own status; an outage half way is the whole answer. */
static struct verdict authorize_batch(struct call *call)
{
	size_t count = call->subscription.count;
	struct entry *entries = arena_array(call->arena, count, sizeof(*entries));
	struct question_answer *answers = arena_array(call->arena, count, sizeof(*answers));
	struct verdict verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);

	if (entries && answers)
		verdict = batch_bring(call, answers);
	if (!verdict_allows(verdict))
		return verdict;
	for (size_t i = 0; i < count; i++) {
		call->answer = &answers[i];
		entries[i].verdict =
		    authorize(call, call->subscription.channels[i], &entries[i].body);
		trace_note(
		    call->trace, TRACE_ENTRY, call->subscription.channels[i], entries[i].verdict);
		entries[i].rule = call->rule;
		entries[i].why = call->why;
		if (verdict_is_outage(entries[i].verdict))
			return entries[i].verdict;
	}
	return report_batch(call, entries);
}

/* Let the lookup of the credential answer the rule that will be asked first, where that is possible. */
static void bring_rule(struct call *call)
{
	struct endpoint *endpoint = call->endpoint;

	for (size_t i = 0; i < endpoint->rule_count; i++) {
		struct captures captures;
		struct scope scope = call_scope(call, &captures);

		if (!rule_matches(endpoint->rules[i], &call->path, call->channel, &captures, NULL))
			continue;
		(void)rule_bring(endpoint->rules[i], &scope, call->arena, &call->brought);
		return;
	}
}

void channel_auth_serve(struct call *call)
{
	const struct config_endpoint *config = call->endpoint->config;
	struct subscription_limits limits = {config->max_batch, config->max_channel_bytes};
	struct verdict syntax =
	    subscription_read(&call->request, &limits, call->arena, &call->subscription);

	if (call->subscription.count == 1)
		call->channel = call->subscription.channels[0];
	if (verdict_allows(syntax) && !call->subscription.is_batch)
		bring_rule(call);
	call->verdict = call_admit(call, syntax);
	if (!verdict_allows(call->verdict))
		return;
	if (call->subscription.is_batch)
		call->verdict = authorize_batch(call);
	else
		call->verdict = authorize(call, call->subscription.channels[0], &call->body);
}

/* What user_data selects about the user, after the row proved itself. */
static struct verdict collect_user_data(
    struct call *call, struct ticket_member **members, size_t *count)
{
	static const struct captures none = {.count = 0};
	struct query *query = call->endpoint->user_data;
	struct member_source source = {.query = query};
	struct scope scope = call_scope(call, &none);
	struct query_row row;
	struct verdict verdict;

	*count = 0;
	*members = NULL;
	if (!query)
		return verdict_of(OUTCOME_ALLOWED);
	verdict = query_run(query, &scope, call->arena, &row);
	if (!verdict_allows(verdict))
		return verdict;
	return members_collect(&source, &row, &scope, call->arena, members, count);
}

void user_auth_serve(struct call *call)
{
	struct endpoint *endpoint = call->endpoint;
	enum json_style style = endpoint->dialect->json_style;
	struct ticket_member *members;
	struct text user_data;
	struct ticket ticket;
	size_t count;

	call->verdict = call_admit(
	    call, subscription_read_socket(&call->request, &call->subscription.socket_id));
	if (verdict_allows(call->verdict))
		call->verdict = collect_user_data(call, &members, &count);
	if (verdict_allows(call->verdict))
		call->verdict = ticket_user_data(
		    style, call->identity.id.text, members, count, call->arena, &user_data);
	if (verdict_allows(call->verdict))
		call->verdict = ticket_sign_user(endpoint_app(endpoint),
		    call->subscription.socket_id, user_data, call->arena, &ticket);
	if (!verdict_allows(call->verdict))
		return;
	call->body = ticket_body(&ticket, style, call->arena);
	if (!text_present(call->body))
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}
