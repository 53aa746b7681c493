/* Groups the channels of a batch by the rule that will be asked first. */
#include "platform.h"
#include "endpoint/batch.h"

/* A channel with the first rule that matches it; NULL: none does. */
struct member {
	struct rule *rule;
	struct captures captures;
};

static void find_rule(struct call *call, struct text channel, struct member *member)
{
	struct endpoint *endpoint = call->endpoint;

	if (!channel_name_valid(channel, endpoint->config->max_channel_bytes))
		return;
	for (size_t i = 0; i < endpoint->rule_count && !member->rule; i++)
		if (rule_matches(endpoint->rules[i], &call->path, channel, &member->captures, NULL))
			member->rule = endpoint->rules[i];
}

/* Ask one rule for its members; one alone is asked as ever. */
static struct verdict bring_rule(struct call *call, const struct rule *rule,
    const struct member *members, struct question_answer *answers)
{
	size_t count = call->subscription.count;
	struct question_answer *found;
	struct scope *scopes;
	struct verdict verdict;
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		used += members[i].rule == rule;
	if (used < 2)
		return verdict_of(OUTCOME_ALLOWED);
	scopes = arena_array(call->arena, used, sizeof(*scopes));
	found = arena_array(call->arena, used, sizeof(*found));
	if (!scopes || !found)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	used = 0;
	for (size_t i = 0; i < count; i++)
		if (members[i].rule == rule)
			scopes[used++] = call_scope(call, &members[i].captures);
	verdict = rule_ask_together(rule, scopes, used, call->arena, found);
	used = 0;
	for (size_t i = 0; i < count; i++) {
		if (members[i].rule != rule)
			continue;
		if (used == 0 && !verdict_allows(verdict)) { /* the log names one it is about */
			call->channel = call->subscription.channels[i];
			call->rule = rule_label(rule);
		}
		answers[i] = found[used++];
	}
	return verdict;
}

struct verdict batch_bring(struct call *call, struct question_answer *answers)
{
	struct endpoint *endpoint = call->endpoint;
	size_t count = call->subscription.count;
	struct member *members = arena_array(call->arena, count, sizeof(*members));
	struct verdict verdict = verdict_of(OUTCOME_ALLOWED);

	if (!members)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	for (size_t i = 0; i < count; i++)
		find_rule(call, call->subscription.channels[i], &members[i]);
	for (size_t r = 0; r < endpoint->rule_count && verdict_allows(verdict); r++)
		verdict = bring_rule(call, endpoint->rules[r], members, answers);
	return verdict;
}
