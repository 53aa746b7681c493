/* What is known about the request in hand while an endpoint answers it? */
#ifndef CASTGATE_ENDPOINT_CALL_H
#define CASTGATE_ENDPOINT_CALL_H

#include "channel/scope.h"
#include "endpoint/service.h"
#include "endpoint/subscription.h"
#include "http/client_address.h"
#include "http/request.h"

/* Filled step by step; an action sets `verdict` and, when it allows, `body`. */
struct call {
	struct service *service;
	struct endpoint *endpoint; /* NULL until the path matched */
	struct request request;
	struct client_address client;
	struct captures path;
	struct arena *arena;
	struct text request_id;
	int64_t started_microseconds; /* wall clock */
	int64_t started_monotonic_microseconds;
	struct text now; /* naive text in the database's zone */
	struct subscription subscription;
	struct companion_ask brought; /* with the credential's lookup; no companion: nothing */
	struct identity identity;
	struct text channel;                  /* the one being decided */
	const struct question_answer *answer; /* to its rule, brought by its batch; NULL: none */
	const char *rule;                     /* "FILE:LINE" of the rule that decided */
	bool is_developer;      /* may be told why, by the configuration's development_clients */
	struct rule_reason why; /* of a developer's refusal */
	struct verdict verdict;
	struct text body;
	const char *content_type; /* of a 200; NULL: application/json */
	struct text headers; /* further lines of the reply, each ended with CRLF; may be absent */
	unsigned refused_entries; /* of a batch, with 401 or 403 */
	struct limit_report limit;
	struct trace *trace; /* of a rehearsal, in which nothing is changed; NULL in earnest */
	bool unmeasured;     /* asked by those who watch, not by a client */
	bool audited;        /* the action wrote its own lines (a batch) */
};

/* Run the dialect's steps: credential presented, `syntax` (what subscription_read said), credential
 * proven. ALLOWED with call->identity set, or what the client is refused with: also
 * CROSS_SITE_REQUEST for a cookie, and VALUE_DISAGREES where the path speaks of somebody else. At
 * most one SELECT per credential. */
struct verdict call_admit(struct call *call, struct verdict syntax);

/* The values a rule may refer to in this call, with the captures of one channel. */
struct scope call_scope(const struct call *call, const struct captures *channel);

/* Write the audit line for call->verdict with this status. False when it could not be written and the
 * configuration demands that: then the decision must not leave, and what leaves is AUDIT_FAILED. */
bool call_record(struct call *call, int status);

/* The same for several decisions of one request: a line each into `lines`, and then all that is left of them
 * there. One that could not be written may be told of by either. */
bool call_gather(struct call *call, int status, struct audit_lines *lines);
bool call_give(struct call *call, struct audit_lines *lines);

/* Count call->verdict. No query. */
void call_count(const struct call *call);

/* May this call be decided at all? Where every decision must be written, and one could not be, not before
 * there is room again. */
bool call_can_record(const struct call *call);

/* The HTTP status of a verdict at this endpoint, in its dialect. */
int call_status(const struct call *call, struct verdict verdict);

#endif
