/* The table of kinds, and the chain that asks them one after another. */
#include "platform.h"
#include "credential/credential.h"

#include <string.h>

#include "base/buffer.h"
#include "credential/better_auth.h"
#include "credential/jwt.h"
#include "credential/own_session.h"
#include "credential/sanctum.h"
#include "credential/source.h"
#include "credential/token.h"

/* A new kind is one file and one row. */
static const struct credential_kind *const kinds[] = {
    &credential_sanctum,
    &credential_better_auth,
    &credential_token,
    &credential_jwt,
    &credential_own_session,
};

const struct credential_kind *credential_kind_named(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

struct credential *credential_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report)
{
	struct credential *credential = arena_alloc(context->lifetime, sizeof(*credential));
	const struct credential_kind *kind = credential_kind_named(config->kind);

	if (!credential) {
		report_add(report, REPORT_ERROR, config->origin, "out of memory");
		return NULL;
	}
	if (!kind) {
		report_add(report, REPORT_ERROR, config->origin,
		    "credential \"%s\": kind \"%s\" is not served by this version of castgate",
		    config->name, config->kind);
		return NULL;
	}
	credential->config = config;
	credential->kind = kind;
	credential->state = kind->open(config, context, report);
	return credential->state ? credential : NULL;
}

void credential_close(struct credential *credential)
{
	if (credential && credential->kind->close)
		credential->kind->close(credential->state);
}

void credential_examine(const struct credential *credential, struct report *report)
{
	if (credential && credential->kind->examine)
		credential->kind->examine(credential->state, report);
}

bool credential_chain_presented(
    struct credential *const *chain, size_t count, const struct request *request)
{
	for (size_t i = 0; i < count; i++)
		if (chain[i]->kind->presented(chain[i]->state, request))
			return true;
	return false;
}

static void note_refusal(
    struct buffer *notes, const struct credential *credential, struct verdict verdict)
{
	if (notes->length)
		buffer_add_string(notes, "; ");
	buffer_printf(
	    notes, "%s: %s", credential->config->name, outcome_row(verdict.outcome)->reason);
	if (verdict.detail)
		buffer_printf(notes, " (%s)", verdict.detail);
}

/* Who presents a token that is not the one of its id is told nothing about that one. */
static bool is_genuine(struct verdict verdict, const struct identity *identity)
{
	return text_present(identity->token_id) &&
	       (verdict_allows(verdict) || verdict.outcome == OUTCOME_TOKEN_EXPIRED ||
	           verdict.outcome == OUTCOME_OWNER_TYPE_UNKNOWN ||
	           verdict.outcome == OUTCOME_OWNER_MISSING);
}

static void trace_candidate(struct trace *trace, const struct credential *credential,
    struct verdict verdict, const struct identity *identity)
{
	struct trace_step *step = trace ? trace_add(trace, TRACE_CREDENTIAL) : NULL;

	if (!step)
		return;
	step->subject = text_of(credential->config->name);
	step->verdict = verdict;
	step->expires_microseconds = identity->expires_microseconds;
	if (is_genuine(verdict, identity))
		step->token_id = identity->token_id;
}

struct verdict credential_chain_prove(struct credential *const *chain, size_t count,
    const struct request *request, struct arena *arena, struct identity *identity,
    struct trace *trace)
{
	struct verdict answer = {OUTCOME_CREDENTIAL_MISSING, NULL};
	struct buffer notes = buffer_start(arena);

	*identity = (struct identity){0};
	for (size_t i = 0; i < count; i++) {
		struct verdict verdict;

		verdict = chain[i]->kind->prove(chain[i]->state, request, arena, identity);
		if (verdict_allows(verdict) && identity->id.kind == VALUE_NONE)
			verdict = verdict_of(OUTCOME_UNDECIDED); /* allows, but names nobody */
		trace_candidate(trace, chain[i], verdict, identity);
		if (verdict_allows(verdict)) {
			identity->credential = chain[i]->config->name;
			return verdict;
		}
		*identity = (struct identity){0};
		if (verdict_is_outage(verdict))
			return verdict;
		note_refusal(&notes, chain[i], verdict);
		if (answer.outcome == OUTCOME_CREDENTIAL_MISSING)
			answer.outcome = verdict.outcome;
	}
	answer.detail = buffer_text(&notes).data;
	return answer;
}

struct text credential_chain_token(struct credential *const *chain, size_t count,
    const struct request *request, struct arena *arena)
{
	for (size_t i = 0; i < count; i++) {
		struct source_token token;

		if (source_find(&chain[i]->config->from, request, arena, &token) == SOURCE_FOUND)
			return token.text;
	}
	return request_header(request, "COOKIE");
}

void credential_chain_finish(struct credential *const *chain, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (chain[i]->kind->finish)
			chain[i]->kind->finish(chain[i]->state);
}

struct value identity_value(const struct identity *identity, struct text name)
{
	if (name.length == 0)
		return identity->id;
	for (size_t i = 0; i < identity->value_count; i++)
		if (text_equal(identity->values[i].name, name))
			return identity->values[i].value;
	if (text_is(name, "session_id") && text_present(identity->token_id))
		return (struct value){VALUE_TEXT, identity->token_id};
	return (struct value){0};
}
