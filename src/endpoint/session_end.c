/* Logout, and the list from which users end what they do not recognise. */
#include "platform.h"
#include "endpoint/session_end.h"

#include "endpoint/cross_site.h"
#include "endpoint/session_reply.h"

/* Nobody to log out: the caller's aim is reached. */
static bool is_nobody(struct verdict verdict)
{
	return outcome_row(verdict.outcome)->status == 401;
}

static struct verdict end_one(
    struct call *call, struct text user_id, struct text id, enum session_end why)
{
	unsigned long long ended;

	return sessions_end(call->service->sessions, user_id, id, why, call->arena, &ended);
}

/* The browser may hold a refresh token whose session's cookie is gone. */
static struct verdict end_by_refresh(struct call *call)
{
	struct text token = session_refresh_cookie(call);
	struct session session;
	struct verdict verdict;

	if (!text_present(token))
		token = session_field(call, "refresh_token");
	if (!text_present(token))
		return verdict_of(OUTCOME_ALLOWED);
	verdict = sessions_find_by_refresh(call->service->sessions, token, call->arena, &session);
	if (verdict_allows(verdict))
		return end_one(call, session.user_id, session.id, SESSION_LOGOUT);
	return is_nobody(verdict) ? verdict_of(OUTCOME_ALLOWED) : verdict;
}

void session_logout_serve(struct call *call)
{
	struct verdict verdict = call_admit(call, verdict_of(OUTCOME_ALLOWED));

	if (is_nobody(verdict) && cross_site_request(call->endpoint->config, &call->request))
		verdict = verdict_of(OUTCOME_CROSS_SITE_REQUEST);
	if (verdict_allows(verdict))
		verdict = end_one(call, call->identity.id.text,
		    identity_value(&call->identity, TEXT("session_id")).text, SESSION_LOGOUT);
	else if (is_nobody(verdict))
		verdict = end_by_refresh(call);
	call->verdict = verdict;
	if (!verdict_allows(verdict))
		return;
	session_clear_cookies(call);
	call->body = TEXT("{\"success\":true}");
}

static struct text path_id(const struct call *call)
{
	for (size_t i = 0; i < call->path.count; i++)
		if (text_is(call->path.values[i].name, "id"))
			return call->path.values[i].value.text;
	return (struct text){0};
}

static void list_sessions(struct call *call, struct text current)
{
	struct text id = path_id(call);
	struct session *list;
	size_t count;
	size_t kept = 0;

	call->verdict = sessions_of_user(
	    call->service->sessions, call->identity.id.text, call->arena, &list, &count);
	if (!verdict_allows(call->verdict))
		return;
	for (size_t i = 0; i < count; i++)
		if (!text_present(id) || text_equal(list[i].id, id))
			list[kept++] = list[i];
	if (text_present(id) && kept == 0)
		call->verdict = verdict_of(OUTCOME_SESSION_NOT_FOUND);
	else
		session_answer_list(call, list, kept, current);
}

static void end_sessions(struct call *call, struct text current)
{
	struct sessions *sessions = call->service->sessions;
	struct text user_id = call->identity.id.text;
	struct text id = path_id(call);
	unsigned long long ended;

	if (text_present(id))
		call->verdict =
		    sessions_end(sessions, user_id, id, SESSION_ENDED_BY_USER, call->arena, &ended);
	else
		call->verdict = sessions_end_all(
		    sessions, user_id, SESSION_LOGOUT_EVERYWHERE, call->arena, &ended);
	if (!verdict_allows(call->verdict))
		return;
	if (text_present(id) && ended == 0) {
		call->verdict = verdict_of(OUTCOME_SESSION_NOT_FOUND);
		return;
	}
	if (!text_present(id) || text_equal(id, current))
		session_clear_cookies(call);
	call->body = text_of(arena_printf(call->arena, "{\"success\":true,\"ended\":%llu}", ended));
	if (!text_present(call->body))
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}

void sessions_serve(struct call *call)
{
	struct text current;

	call->verdict = call_admit(call, verdict_of(OUTCOME_ALLOWED));
	if (!verdict_allows(call->verdict))
		return;
	current = identity_value(&call->identity, TEXT("session_id")).text;
	if (text_is(call->request.method, "DELETE"))
		end_sessions(call, current);
	else
		list_sessions(call, current);
}
