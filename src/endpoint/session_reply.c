/* Cookies with every attribute that keeps them where they belong, and bodies about sessions. */
#include "platform.h"
#include "endpoint/session_reply.h"

#include <string.h>

#include "base/buffer.h"
#include "credential/own_session.h"
#include "credential/source.h"

#define SECONDS 1000000LL

/* One cookie, as it is set and as it is taken away. */
struct cookie {
	const char *name;
	const char *plain_name;
	const char *same_site;
	struct text path;
};

static struct cookie session_cookie_row(void)
{
	return (struct cookie){OWN_SESSION_COOKIE, OWN_SESSION_PLAIN_COOKIE, "Lax", TEXT("/")};
}

/* The folder of the first refresh endpoint: a browser sends the token nowhere else. Absent without
 * such an endpoint: then nobody could use the token. */
static struct text refresh_path(const struct service *service)
{
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct config_endpoint *config = service->endpoints[i].config;
		const char *slash = strrchr(config->path, '/');

		if (strcmp(config->action, "session-refresh") != 0)
			continue;
		if (slash == config->path)
			return TEXT("/");
		return (struct text){config->path, (size_t)(slash - config->path)};
	}
	return (struct text){0};
}

static struct cookie refresh_cookie_row(const struct call *call)
{
	return (struct cookie){SESSION_REFRESH_COOKIE, SESSION_REFRESH_PLAIN_COOKIE, "Strict",
	    refresh_path(call->service)};
}

static void add_cookie(
    struct call *call, const struct cookie *cookie, struct text value, int64_t lasts_seconds)
{
	struct buffer out = buffer_start(call->arena);

	if (!text_present(cookie->path) || !text_present(value))
		return;
	if (text_present(call->headers))
		buffer_add(&out, call->headers);
	buffer_printf(
	    &out, "Set-Cookie: %s=", call->is_developer ? cookie->plain_name : cookie->name);
	buffer_add(&out, value);
	buffer_add_string(&out, "; Path=");
	buffer_add(&out, cookie->path);
	buffer_printf(&out, "; Max-Age=%lld; HttpOnly%s; SameSite=%s\r\n", (long long)lasts_seconds,
	    call->is_developer ? "" : "; Secure", cookie->same_site);
	call->headers = buffer_text(&out);
	if (!text_present(call->headers))
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}

void session_set_cookies(
    struct call *call, const struct session *session, const struct session_secrets *secrets)
{
	struct cookie own = session_cookie_row();
	struct cookie refresh = refresh_cookie_row(call);
	int64_t left = (session->expires - call->started_microseconds) / SECONDS;

	add_cookie(call, &own, secrets->cookie, left);
	add_cookie(call, &refresh, secrets->refresh_token, left);
}

void session_clear_cookies(struct call *call)
{
	struct cookie own = session_cookie_row();
	struct cookie refresh = refresh_cookie_row(call);

	add_cookie(call, &own, TEXT(""), 0);
	add_cookie(call, &refresh, TEXT(""), 0);
}

static void add_string(struct buffer *out, const char *name, struct text value)
{
	buffer_printf(out, ",\"%s\":", name);
	if (text_present(value))
		(void)json_add_string(out, value, JSON_PLAIN);
	else
		buffer_add_string(out, "null");
}

static void add_time(struct buffer *out, const char *name, int64_t moment)
{
	char text[CLOCK_RFC3339_BYTES];

	add_string(
	    out, name, clock_format_rfc3339(moment, text) ? text_of(text) : (struct text){0});
}

static void finish_body(struct call *call, struct buffer *out)
{
	call->body = buffer_text(out);
	if (!text_present(call->body))
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}

void session_answer(struct call *call, const struct session *session, struct text refresh_token)
{
	struct buffer out = buffer_start(call->arena);
	int64_t lasts;
	struct text access =
	    sessions_access_token(call->service->sessions, session, call->arena, &lasts);

	if (!text_present(access)) {
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
		return;
	}
	buffer_add_string(&out, "{\"success\":true,\"session\":{\"id\":");
	(void)json_add_string(&out, session->id, JSON_PLAIN);
	add_string(&out, "user_id", session->user_id);
	add_time(&out, "created_at", session->created);
	add_time(&out, "expires_at", session->expires);
	buffer_add_byte(&out, '}');
	add_string(&out, "access_token", access);
	add_string(&out, "token_type", TEXT("Bearer"));
	buffer_printf(&out, ",\"expires_in\":%lld", (long long)lasts);
	if (text_present(refresh_token))
		add_string(&out, "refresh_token", refresh_token);
	buffer_add_byte(&out, '}');
	finish_body(call, &out);
}

void session_answer_list(
    struct call *call, const struct session *list, size_t count, struct text current)
{
	struct buffer out = buffer_start(call->arena);

	buffer_add_string(&out, "{\"success\":true,\"sessions\":[");
	for (size_t i = 0; i < count; i++) {
		buffer_add_string(&out, i ? ",{\"id\":" : "{\"id\":");
		(void)json_add_string(&out, list[i].id, JSON_PLAIN);
		add_string(&out, "user_agent", list[i].user_agent);
		add_string(&out, "ip_address", list[i].ip_address);
		add_time(&out, "created_at", list[i].created);
		add_time(&out, "last_seen_at", list[i].last_seen);
		add_time(&out, "expires_at", list[i].expires);
		buffer_printf(
		    &out, ",\"current\":%s}", text_equal(list[i].id, current) ? "true" : "false");
	}
	buffer_add_string(&out, "]}");
	finish_body(call, &out);
}

/* The first text at one of the places of credential/source.h. */
static struct text find_text(const struct call *call, const char *place)
{
	struct source_walk walk = source_walk_start(place, &call->request);
	struct text text;

	return source_walk_next(&walk, &text) ? text : (struct text){0};
}

struct text session_refresh_cookie(const struct call *call)
{
	struct text value = find_text(call, "cookie:" SESSION_REFRESH_COOKIE);

	if (!text_present(value) && call->is_developer)
		value = find_text(call, "cookie:" SESSION_REFRESH_PLAIN_COOKIE);
	return value;
}

struct text session_field(const struct call *call, const char *name)
{
	char *place = arena_printf(call->arena, "form:%s", name);

	return place ? find_text(call, place) : (struct text){0};
}
