/* May this identity listen to this channel, and what does the channel learn about it? */
#ifndef CASTGATE_CHANNEL_RULE_H
#define CASTGATE_CHANNEL_RULE_H

#include "base/report.h"
#include "channel/query.h"
#include "channel/scope.h"
#include "codec/subscription_syntax.h"
#include "config/config.h"
#include "ticket/ticket.h"

struct rule;

/* Compile a configured channel. `path` is the endpoint's path pattern, whose captures the rule may
 * use; `identity_names` are all names the endpoint's credentials may yield, which captures must not
 * share. NULL with errors in the report. */
struct rule *rule_open(const struct config_channel *config, const struct pattern *path,
    const struct config_list *identity_names, struct db *db, struct arena *lifetime,
    struct report *report);

/* Check that no capture has one of these names of identity values, as rule_open did for those known
 * then. False with an error in the report. */
bool rule_check_names(
    const struct rule *rule, const struct config_list *identity_names, struct report *report);

/* Check against the database, as query_check; an outage after something wrong was found is none. */
bool rule_check(struct rule *rule, struct report *report, bool *outage);

/* Let the rule's SELECT ride along with the lookup of the endpoint's only credential, where that is
 * certain to decide the same (credential/companion.h). */
void rule_accompany(struct rule *rule, struct credential *credential, struct arena *lifetime);

/* What to bring to that lookup for a channel that matched; the scope's identity is not known yet. False:
 * nothing. No query. */
bool rule_bring(const struct rule *rule, const struct scope *scope, struct arena *arena,
    struct companion_ask *ask);

/* Let the rule's SELECT be asked for several channels of a batch at once, where that is certain to decide the
 * same (db/question_group.h). */
void rule_group(
    struct rule *rule, struct db *db, const struct clock *clock, struct arena *lifetime);

/* Ask for `count` channels that matched the rule, their scopes with everything but `answer`. answers[i] belongs into
 * scopes[i].answer of rule_decide; it has no question where there is nothing to say. ALLOWED, which says nothing
 * of any channel, or an outage. No query where the rule cannot be asked so, and for one channel. */
struct verdict rule_ask_together(const struct rule *rule, const struct scope *scopes, size_t count,
    struct arena *arena, struct question_answer *answers);

/* Does the rule speak about this channel? Its prefixes must include the channel's kind and its
 * pattern must match what follows the prefix. The first of private-encrypted-, private-, presence-
 * is taken off once, as Laravel does, so that a pattern may begin with "cache-"; a rule that lists
 * private-cache or presence-cache has that whole prefix taken off. A rule with a template alone
 * speaks about every name that begins as the template does up to its first value of the identity,
 * the captures of the request's `path` filled in. On false *reached, which may be NULL, is the byte of
 * the channel's name where it stopped fitting, 0 where not even the prefix does. No query. */
bool rule_matches(const struct rule *rule, const struct captures *path, struct text channel,
    struct captures *captures, size_t *reached);

/* What an allowed subscription carries. `members` is the user_info in order. */
struct rule_grant {
	bool wants_channel_data;
	const struct ticket_member *members;
	size_t member_count;
};

/* Decide for a channel that matched. `scope` holds identity, captures and clock. ALLOWED with
 * *grant; otherwise a refusal, TEMPLATE_MISMATCH for a channel that is not the one built, or an
 * outage. Nothing is selected for a channel that the template refuses. At most one SELECT. */
struct verdict rule_decide(struct rule *rule, const struct scope *scope, struct text channel,
    struct arena *arena, struct rule_grant *grant);

/* Why was it refused? `label`, `message` and `cure` are the deny section's, NULL where there is none;
 * the cure, with this request's values in it, and `row`, which its statement selected, are for the operator
 * only. */
struct rule_reason {
	const char *label;
	const char *message;
	const char *cure;
	struct query_row row;
};

/* Explain a refusal of rule_decide with the same scope: the first deny section, in the order of the
 * configuration, whose statement returns a row. One that lacks a value is passed over. Never part of
 * a decision: with RULE_EXPLAIN_BROKEN (the database did not answer) the refusal stands as it was.
 * At most one SELECT a section. */
enum rule_explained { RULE_EXPLAIN_BROKEN, RULE_UNEXPLAINED, RULE_EXPLAINED };
enum rule_explained rule_explain(
    struct rule *rule, const struct scope *scope, struct arena *arena, struct rule_reason *reason);

/* Warn where the server would read a whole table for the rule's statement. For the operator, after
 * rule_check. */
void rule_check_plan(const struct rule *rule, struct report *report);

/* Try every deny section, not just up to the first that holds, and keep each as a step of scope->trace.
 * For castgate explain: *reason is rule_explain's. */
enum rule_explained rule_explain_all(
    struct rule *rule, const struct scope *scope, struct arena *arena, struct rule_reason *reason);

/* The title of its section: its pattern, or its name where a template stands alone. */
const char *rule_title(const struct rule *rule);

/* "FILE:LINE", for the log. */
const char *rule_label(const struct rule *rule);

/* Take the members of user_info (or user_data) from a proven row and the scope: those listed, or
 * every column that proves nothing. Shared with user authentication. Refuses with VALUE_MISSING
 * when a listed name does not exist at all (a NULL value is merely left out), and with
 * RESOURCES_EXHAUSTED. */
struct member_source {
	const struct query *query;        /* NULL: no row */
	const struct config_list *listed; /* NULL: every column that proves nothing */
	const struct config_list *json;
};
struct verdict members_collect(const struct member_source *source, const struct query_row *row,
    const struct scope *scope, struct arena *arena, struct ticket_member **members, size_t *count);

#endif
