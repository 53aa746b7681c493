/* Header lines and body in CGI form; CORS headers go on every status, else a page sees status 0. */
#include "platform.h"
#include "endpoint/reply.h"

#include <string.h>

#include "base/buffer.h"
#include "endpoint/cross_site.h"
#include "endpoint/developer.h"

#define RETRY_AFTER_SECONDS 1
#define PREFLIGHT_MAX_AGE 7200

static const char exhausted[] = "Status: 503 Service Unavailable\r\n"
                                "Content-Type: application/json\r\n"
                                "Cache-Control: no-store\r\n"
                                "Retry-After: 1\r\n"
                                "Content-Length: 33\r\n"
                                "\r\n"
                                "{\"message\":\"Service Unavailable\"}";

static void add_preflight(struct buffer *out, const struct call *call)
{
	buffer_printf(out, "Access-Control-Allow-Methods: %s\r\n", call->endpoint->action->allow);
	buffer_add_string(out, "Access-Control-Allow-Headers: authorization, content-type, accept, "
	                       "x-csrf-token, x-xsrf-token, x-requested-with, x-socket-id\r\n");
	buffer_printf(out, "Access-Control-Max-Age: %d\r\n", PREFLIGHT_MAX_AGE);
}

static void add_cors(struct buffer *out, const struct call *call)
{
	const struct config_endpoint *config = call->endpoint ? call->endpoint->config : NULL;

	if (!config || config->cors_origins.count == 0)
		return;
	buffer_add_string(out, "Vary: Origin\r\n");
	if (!cross_site_listed(config, call->request.origin))
		return;
	buffer_add_string(out, "Access-Control-Allow-Origin: ");
	buffer_add(out, call->request.origin);
	buffer_add_string(out, "\r\n");
	if (config->cors_credentials)
		buffer_add_string(out, "Access-Control-Allow-Credentials: true\r\n");
	buffer_add_string(out, "Access-Control-Expose-Headers: X-Request-Id, Retry-After, "
	                       "RateLimit, RateLimit-Policy\r\n");
	if (call->verdict.outcome == OUTCOME_PREFLIGHT)
		add_preflight(out, call);
}

/* What the operator wrote for this reason, or for all others; absent without. */
static struct text find_message(const struct config_endpoint *config, const char *reason)
{
	const char *other = NULL;

	for (size_t i = 0; i < config->message_count; i++) {
		if (strcmp(config->messages[i].name, reason) == 0)
			return text_of(config->messages[i].value);
		if (strcmp(config->messages[i].name, "other") == 0)
			other = config->messages[i].value;
	}
	return text_of(other);
}

static struct dialect_words choose_words(const struct call *call)
{
	const struct outcome_row *row = outcome_row(call->verdict.outcome);
	const struct rule_reason *why = &call->why;
	struct dialect_words words = {0};

	if (call->endpoint)
		words.message = find_message(call->endpoint->config, row->reason);
	if (!call->is_developer)
		return words;
	words.explained = why->label != NULL;
	words.code = text_of(developer_code(call, call->verdict, why));
	words.meaning = text_of(why->label && why->message ? why->message : row->meaning);
	return words;
}

/* The RateLimit fields as draft-ietf-httpapi-ratelimit-headers-11 has them: a bucket of q requests
 * that is full again after w seconds, r of them left, t seconds to wait. */
static void add_limit(struct buffer *out, const struct call *call)
{
	const struct limit_report *limit = &call->limit;
	unsigned wait =
	    limit->state.refused ? limit->state.wait_seconds : limit->state.full_seconds;

	if (!limit->policy)
		return;
	if (limit->state.refused)
		buffer_printf(out, "Retry-After: %u\r\n", wait);
	buffer_printf(out, "RateLimit-Policy: \"%s\";q=%u;w=%u\r\n", limit->policy,
	    limit->meter->quota, throttle_window_seconds(limit->meter));
	buffer_printf(
	    out, "RateLimit: \"%s\";r=%u;t=%u\r\n", limit->policy, limit->state.remaining, wait);
	if (call->endpoint->dialect->has_rate_headers)
		buffer_printf(out, "X-RateLimit-Limit: %u\r\nX-RateLimit-Remaining: %u\r\n",
		    limit->meter->quota, limit->state.remaining);
}

/* The dialect of the endpoint; where there is none, that of all endpoints if they have the same. */
static const struct dialect *choose_dialect(const struct call *call)
{
	const struct config *config = call->service->config;
	const struct dialect *dialect = NULL;
	size_t same = 0;

	if (call->endpoint)
		return call->endpoint->dialect;
	while (config && same < config->endpoint_count &&
	       strcmp(config->endpoints[same].dialect, config->endpoints[0].dialect) == 0)
		same++;
	if (same > 0 && same == config->endpoint_count)
		dialect = dialect_named(config->endpoints[0].dialect);
	return dialect ? dialect : dialect_named("laravel");
}

static struct text choose_body(struct call *call, int status, const char **content_type)
{
	static const struct text empty = {"", 0};
	const struct dialect *dialect = choose_dialect(call);
	struct dialect_words words = choose_words(call);

	*content_type = call->content_type ? call->content_type : "application/json";
	if (status == 200 || call->verdict.outcome == OUTCOME_PROBE_ANSWERED)
		return call->body;
	if (status == 204)
		return empty;
	if (status == 401 && call->endpoint && call->endpoint->action->refusal)
		return dialect_add_code(
		    text_of(call->endpoint->action->refusal), words.code, call->arena);
	return dialect_body(dialect, status, &words, call->arena, content_type);
}

struct text reply_build(struct call *call, int status)
{
	struct buffer out = buffer_start(call->arena);
	const char *content_type;
	struct text body = choose_body(call, status, &content_type);
	struct text text;

	buffer_add_string(&out, "Status: ");
	buffer_add_number(&out, (unsigned)status);
	buffer_add_byte(&out, ' ');
	buffer_add_string(&out, http_phrase(status));
	if (status != 204) {
		buffer_add_string(&out, "\r\nContent-Type: ");
		buffer_add_string(&out, content_type);
		buffer_add_string(&out, "\r\nContent-Length: ");
		buffer_add_number(&out, body.length);
	}
	buffer_add_string(&out, "\r\n");
	buffer_add_string(&out, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
	buffer_add_string(&out, "X-Request-Id: ");
	buffer_add(&out, call->request_id);
	buffer_add_string(&out, "\r\n");
	if (status == 401)
		buffer_add_string(&out, "WWW-Authenticate: Bearer\r\n");
	if (status == 503)
		buffer_printf(&out, "Retry-After: %d\r\n", RETRY_AFTER_SECONDS);
	add_limit(&out, call);
	if ((status == 405 || status == 204) && call->endpoint)
		buffer_printf(&out, "Allow: %s\r\n", call->endpoint->action->allow);
	add_cors(&out, call);
	if (text_present(call->headers))
		buffer_add(&out, call->headers);
	buffer_add_string(&out, "\r\n");
	buffer_add(&out, body);
	text = buffer_text(&out);
	if (!text_present(text) || !text_present(body))
		return TEXT(exhausted);
	return text;
}
