/* Bridge and refresh: both end with cookies for browsers and an access token for everybody. */
#include "platform.h"
#include "endpoint/session_sign_in.h"

#include <string.h>

#include "endpoint/cross_site.h"
#include "endpoint/session_reply.h"

/* A page could read what the body holds, so only a client that says it is no browser, and does not
 * look like one, gets its refresh token there. */
static bool is_native(const struct call *call)
{
	return text_is(session_field(call, "client"), "native") &&
	       !text_present(call->request.origin) &&
	       !text_present(request_header(&call->request, "SEC_FETCH_SITE"));
}

/* The same sign-in may be signed in two ways (a legacy secret, a key set): the issuer names it. */
static struct text provider_of(const struct call *call)
{
	const struct config *config = call->service->config;

	for (size_t i = 0; i < config->credential_count; i++)
		if (strcmp(config->credentials[i].name, call->identity.credential) == 0 &&
		    config->credentials[i].issuer)
			return text_of(config->credentials[i].issuer);
	return text_of(call->identity.credential);
}

static void answer(
    struct call *call, const struct session *session, const struct session_secrets *secrets)
{
	struct session_secrets kept = *secrets;
	bool native = is_native(call);

	if (native)
		kept = (struct session_secrets){0};
	session_set_cookies(call, session, &kept);
	if (verdict_allows(call->verdict))
		session_answer(call, session, native ? secrets->refresh_token : (struct text){0});
}

void session_bridge_serve(struct call *call)
{
	struct session_sign_in sign_in;
	struct session_secrets secrets;
	struct session session;
	struct value provider_session;

	call->verdict = call_admit(call, verdict_of(OUTCOME_ALLOWED));
	/* another site could sign its visitors in as somebody it chose, wherever the token stood */
	if (verdict_allows(call->verdict) &&
	    cross_site_request(call->endpoint->config, &call->request))
		call->verdict = verdict_of(OUTCOME_CROSS_SITE_REQUEST);
	if (!verdict_allows(call->verdict))
		return;
	provider_session = identity_value(&call->identity, TEXT("session"));
	if (provider_session.kind != VALUE_TEXT || call->identity.id.kind != VALUE_TEXT) {
		call->verdict = (struct verdict){OUTCOME_CLAIM_MISSING,
		    "the value \"session\", which names the sign-in; see claims"};
		return;
	}
	sign_in = (struct session_sign_in){.provider = provider_of(call),
	    .provider_session_id = provider_session.text,
	    .user_id = call->identity.id.text,
	    .user_agent = request_header(&call->request, "USER_AGENT"),
	    .ip_address = call->client.text};
	call->verdict =
	    sessions_bridge(call->service->sessions, &sign_in, call->arena, &session, &secrets);
	if (verdict_allows(call->verdict))
		answer(call, &session, &secrets);
}

void session_keys_serve(struct call *call)
{
	call->body = sessions_public_keys(call->service->sessions, call->arena);
	call->verdict =
	    verdict_of(text_present(call->body) ? OUTCOME_ALLOWED : OUTCOME_RESOURCES_EXHAUSTED);
}

/* Refusals after which no later request with the same cookies could succeed. */
static bool is_over(struct verdict verdict)
{
	return outcome_row(verdict.outcome)->status == 401 &&
	       verdict.outcome != OUTCOME_CREDENTIAL_MISSING;
}

void session_refresh_serve(struct call *call)
{
	struct text from_cookie = session_refresh_cookie(call);
	struct text from_body = session_field(call, "refresh_token");
	struct text token = text_present(from_body) ? from_body : from_cookie;
	struct session_secrets secrets;
	struct session session;

	call->verdict = verdict_of(OUTCOME_CREDENTIAL_MISSING);
	if (!text_present(token))
		return;
	if (cross_site_request(call->endpoint->config, &call->request)) {
		call->verdict = verdict_of(OUTCOME_CROSS_SITE_REQUEST);
		return;
	}
	call->verdict =
	    sessions_refresh(call->service->sessions, token, call->arena, &session, &secrets);
	if (is_over(call->verdict)) {
		/* a token in the body says nothing about the one that the browser keeps */
		if (!text_present(from_body))
			session_clear_cookies(call);
		return;
	}
	if (!verdict_allows(call->verdict))
		return;
	call->identity.id = (struct value){VALUE_TEXT, session.user_id};
	call->identity.token_id = session.id;
	if (text_present(from_body)) {
		session_answer(call, &session, secrets.refresh_token);
		return;
	}
	session_set_cookies(call, &session, &secrets);
	if (verdict_allows(call->verdict))
		session_answer(call, &session, (struct text){0});
}
