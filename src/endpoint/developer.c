/* Reasons go to listed addresses alone, and looking for one never changes a decision. */
#include "platform.h"
#include "endpoint/developer.h"

bool developer_is(const struct service *service, const struct client_address *client)
{
	return service->config && service->config->development && client->known &&
	       !client->doubtful && network_list_has(&service->developers, &client->address);
}

const char *developer_code(
    const struct call *call, struct verdict verdict, const struct rule_reason *why)
{
	if (!call->is_developer || verdict_allows(verdict))
		return NULL;
	return why->label ? why->label : outcome_row(verdict.outcome)->reason;
}

void developer_explain(
    struct call *call, struct rule *rule, const struct scope *scope, struct verdict verdict)
{
	call->why = (struct rule_reason){0};
	if (outcome_row(verdict.outcome)->status != 403)
		return;
	if (call->trace)
		(void)rule_explain_all(rule, scope, call->trace->arena, &call->why);
	else if (call->is_developer)
		(void)rule_explain(rule, scope, call->arena, &call->why);
}
