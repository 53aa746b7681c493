/* Looks up the session of a cookie or an access token; what is seen is written after the reply. */
#include "platform.h"
#include "credential/own_session.h"

#include <string.h>

#include "credential/source.h"

struct own_session {
	const struct config_credential *config;
	struct sessions *sessions;
	bool development;
	struct credential_names names;
	const char *name;    /* the one of them */
	struct session seen; /* in the request in hand; its id is absent without one */
};

static void *own_session_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report)
{
	struct own_session *own = arena_alloc(context->lifetime, sizeof(*own));

	if (!own) {
		report_add(report, REPORT_ERROR, config->origin, "out of memory");
		return NULL;
	}
	own->config = config;
	own->development = context->development;
	own->name = "session_id";
	own->names.values = (struct config_list){&own->name, 1};
	own->sessions =
	    sessions_open(config, context->db, context->clock, context->lifetime, report);
	return own->sessions ? own : NULL;
}

static void own_session_close(void *state)
{
	struct own_session *own = state;

	sessions_close(own->sessions);
}

static bool own_session_check(void *state, struct report *report, bool *outage)
{
	struct own_session *own = state;

	return sessions_check(own->sessions, report, outage);
}

/* The places to look at, in order; "cookie" stands for the names of ours. */
static const char *place_at(const struct own_session *own, size_t index)
{
	static const char *const usual[] = {"cookie", "bearer"};
	const struct config_list *from = &own->config->from;

	if (from->count == 0)
		return index < sizeof(usual) / sizeof(usual[0]) ? usual[index] : NULL;
	return index < from->count ? from->items[index] : NULL;
}

static bool is_own_cookie(const char *place)
{
	return strcmp(place, "cookie") == 0;
}

/* The one text at a place. False when there is none. */
static bool find_text(const struct own_session *own, const char *place,
    const struct request *request, struct text *text)
{
	struct source_walk walk;

	if (!is_own_cookie(place)) {
		walk = source_walk_start(place, request);
		return source_walk_next(&walk, text);
	}
	walk = source_walk_start("cookie:" OWN_SESSION_COOKIE, request);
	if (source_walk_next(&walk, text))
		return true;
	walk = source_walk_start("cookie:" OWN_SESSION_PLAIN_COOKIE, request);
	return own->development && source_walk_next(&walk, text);
}

static bool own_session_presented(void *state, const struct request *request)
{
	const struct own_session *own = state;
	const char *place;
	struct text text;

	for (size_t i = 0; (place = place_at(own, i)) != NULL; i++)
		if (find_text(own, place, request, &text))
			return true;
	return false;
}

static struct verdict fill_identity(
    struct own_session *own, struct arena *arena, struct identity *identity)
{
	struct named_value *values = arena_array(arena, 1, sizeof(*values));

	if (!values)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	values[0] = (struct named_value){TEXT("session_id"), {VALUE_TEXT, own->seen.id}};
	identity->id = (struct value){VALUE_TEXT, own->seen.user_id};
	identity->values = values;
	identity->value_count = 1;
	identity->session_value_count = 1;
	identity->expires_microseconds = own->seen.expires;
	identity->token_id = own->seen.id;
	return verdict_of(OUTCOME_ALLOWED);
}

static struct verdict try_place(
    struct own_session *own, const char *place, const struct request *request, struct arena *arena)
{
	struct text text;

	if (!find_text(own, place, request, &text))
		return verdict_of(OUTCOME_CREDENTIAL_MISSING);
	if (!text_present(text))
		return (struct verdict){OUTCOME_CREDENTIAL_MALFORMED, "no text"};
	return is_own_cookie(place)
	           ? sessions_find_by_cookie(own->sessions, text, arena, &own->seen)
	           : sessions_find_by_access(own->sessions, text, arena, &own->seen);
}

static struct verdict own_session_prove(
    void *state, const struct request *request, struct arena *arena, struct identity *identity)
{
	struct own_session *own = state;
	struct verdict answer = verdict_of(OUTCOME_CREDENTIAL_MISSING);
	const char *place;

	own->seen = (struct session){0};
	for (size_t i = 0; (place = place_at(own, i)) != NULL; i++) {
		struct verdict verdict = try_place(own, place, request, arena);

		if (verdict_allows(verdict)) {
			identity->carrier = source_carrier(place);
			return fill_identity(own, arena, identity);
		}
		own->seen = (struct session){0};
		if (verdict_is_outage(verdict))
			return verdict;
		if (answer.outcome == OUTCOME_CREDENTIAL_MISSING)
			answer = verdict;
	}
	return answer;
}

static void own_session_finish(void *state)
{
	struct own_session *own = state;

	if (text_present(own->seen.id))
		sessions_touch(own->sessions, &own->seen);
	own->seen = (struct session){0};
}

static const struct credential_names *own_session_names(void *state)
{
	const struct own_session *own = state;

	return &own->names;
}

const struct credential_kind credential_own_session = {
    .name = "session",
    .open = own_session_open,
    .close = own_session_close,
    .check = own_session_check,
    .presented = own_session_presented,
    .prove = own_session_prove,
    .finish = own_session_finish,
    .names = own_session_names,
};

struct sessions *own_session_find(struct credential *const *credentials, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (credentials[i] && credentials[i]->kind == &credential_own_session) {
			const struct own_session *own = credentials[i]->state;

			return own->sessions;
		}
	return NULL;
}
