/* REQUEST_URI is the only path that is the same in every mount; Authorization hides in three. */
#include "platform.h"
#include "http/request.h"

#include <string.h>

#include "codec/percent.h"

/* The path of a request target: scheme and host cut off an absolute one, the query split away. */
static void split_target(struct text target, struct text *path, struct text *query)
{
	size_t mark;

	if (text_starts_with(target, "http://") || text_starts_with(target, "https://")) {
		target = text_skip(target, text_find(target, ':') + 3);
		target = text_skip(target, text_find(target, '/'));
	}
	mark = text_find(target, '#');
	target.length = mark;
	mark = text_find(target, '?');
	*path = (struct text){target.data, mark};
	*query = mark < target.length ? text_skip(target, mark + 1) : (struct text){0};
}

/* Decode %XX once. False on a NUL: such a path names no endpoint. */
static bool decode_path(struct text raw, struct arena *arena, struct text *path)
{
	if (!percent_decode(raw, PERCENT_PLUS_STAYS, arena, path))
		return false;
	if (path->length > 1 && path->data[path->length - 1] == '/')
		path->length--;
	return text_find(*path, '\0') == path->length;
}

static struct text non_empty(struct text text)
{
	return text.length ? text : (struct text){0};
}

struct text request_header(const struct request *request, const char *name)
{
	static const struct text prefix = TEXT("HTTP_");
	char variable[80];
	size_t length = strlen(name);

	if (prefix.length + length >= sizeof(variable))
		return (struct text){0};
	memcpy(variable, prefix.data, prefix.length);
	memcpy(variable + prefix.length, name, length + 1);
	return non_empty(exchange_variable(request->exchange, variable));
}

static struct text find_authorization(const struct exchange *exchange)
{
	static const char *const names[] = {"HTTP_AUTHORIZATION", "REDIRECT_HTTP_AUTHORIZATION",
	    "REDIRECT_REDIRECT_HTTP_AUTHORIZATION"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct text value = non_empty(exchange_variable(exchange, names[i]));

		if (text_present(value))
			return value;
	}
	return (struct text){0};
}

/* More than one is none: each of them may be another client's. */
static void find_caller(const struct exchange *exchange, struct trace_context *caller)
{
	struct text header = exchange_variable(exchange, "HTTP_TRACEPARENT");
	struct text second = {0};

	if (text_present(header))
		second = exchange_variable_at(exchange, "HTTP_TRACEPARENT", 1);
	if (!text_present(header) || text_present(second) || !trace_context_read(header, caller))
		*caller = (struct trace_context){0};
}

bool request_read(const struct exchange *exchange, struct arena *arena, struct request *request)
{
	struct text target = exchange_variable(exchange, "REQUEST_URI");
	struct text raw;

	*request = (struct request){.exchange = exchange};
	request->method = non_empty(exchange_variable(exchange, "REQUEST_METHOD"));
	request->authorization = find_authorization(exchange);
	request->origin = request_header(request, "ORIGIN");
	find_caller(exchange, &request->caller);
	if (!text_present(request->method) || !target.length)
		return false;
	split_target(target, &raw, &request->query);
	return decode_path(raw, arena, &request->path);
}

static bool read_body(struct request *request, struct arena *arena)
{
	struct text body = request->exchange->body;
	struct text trimmed = text_trim(body);
	struct text boundary =
	    fields_multipart_boundary(exchange_variable(request->exchange, "CONTENT_TYPE"));

	if (trimmed.length == 0)
		return true;
	if (trimmed.data[0] == '{')
		return fields_read_json(trimmed, arena, &request->fields, &request->problem);
	if (boundary.length && body.length > boundary.length + 2 && text_starts_with(body, "--") &&
	    text_equal((struct text){body.data + 2, boundary.length}, boundary))
		return fields_read_multipart(
		    boundary, body, arena, &request->fields, &request->problem);
	return fields_read_form(body, arena, &request->fields, &request->problem);
}

void request_read_fields(struct request *request, struct arena *arena)
{
	request->problem = NULL;
	if (!read_body(request, arena) || !request->query.length)
		return;
	(void)fields_read_form(request->query, arena, &request->query_fields, &request->problem);
}
