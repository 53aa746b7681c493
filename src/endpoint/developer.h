/* Who may be told why, and what are they told? */
#ifndef CASTGATE_ENDPOINT_DEVELOPER_H
#define CASTGATE_ENDPOINT_DEVELOPER_H

#include "endpoint/call.h"

/* May the client be told reasons? With development = true, the client's address in
 * development_clients, and no doubt about that address. */
bool developer_is(const struct service *service, const struct client_address *client);

/* The code that the client is told for a refusal: the label of the deny section that explains it, else the
 * reason code. NULL for those who are told nothing, and for no refusal. */
const char *developer_code(
    const struct call *call, struct verdict verdict, const struct rule_reason *why);

/* When the client is a developer and `rule` refused with 403, look for the reason with the rule's
 * deny sections, into call->why. The refusal stands, whatever the database says to that. At most one
 * SELECT a section, and none for other clients. A rehearsal tries every section. */
void developer_explain(
    struct call *call, struct rule *rule, const struct scope *scope, struct verdict verdict);

#endif
