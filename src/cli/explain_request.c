/* A request as a client would send it, made of options or read whole. */
#include "platform.h"
#include "cli/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buffer.h"

#define MAX_VARIABLES 128
#define MAX_INPUT (1024u * 1024)
#define SOCKET_ID "1.1"

struct draft {
	struct arena *arena;
	const char **environment;
	size_t count;
};

static void add_variable(struct draft *draft, const char *name, struct text value)
{
	if (draft->count + 1 < MAX_VARIABLES && text_present(value))
		draft->environment[draft->count++] =
		    arena_printf(draft->arena, "%s=%.*s", name, (int)value.length, value.data);
}

static struct text read_input(struct arena *arena)
{
	char *input = arena_alloc(arena, MAX_INPUT + 1);
	size_t length = input ? fread(input, 1, MAX_INPUT + 1, stdin) : 0;

	if (!input || length > MAX_INPUT || ferror(stdin))
		return (struct text){0};
	return (struct text){input, length};
}

/* "Content-Type" to CONTENT_TYPE, others to HTTP_NAME. */
static void add_header(struct draft *draft, struct text name, struct text value)
{
	bool bare = text_is_nocase(name, "Content-Type") || text_is_nocase(name, "Content-Length");
	char *variable =
	    arena_printf(draft->arena, "%s%.*s", bare ? "" : "HTTP_", (int)name.length, name.data);

	for (char *p = variable; p && *p; p++) {
		if (ascii_is_lower(*p))
			*p = (char)(*p - 'a' + 'A');
		if (*p == '-')
			*p = '_';
	}
	if (variable)
		add_variable(draft, variable, value);
}

static struct text take_line(struct text *rest)
{
	size_t end = text_find(*rest, '\n');
	struct text line = {rest->data, end};

	*rest = text_skip(*rest, end < rest->length ? end + 1 : end);
	if (line.length && line.data[line.length - 1] == '\r')
		line.length--;
	return line;
}

static bool read_whole(struct draft *draft, struct text input, struct text *body)
{
	struct text line = take_line(&input);
	size_t space = text_find(line, ' ');
	struct text target = text_skip(line, space < line.length ? space + 1 : space);

	target.length = text_find(target, ' ');
	if (space == 0 || target.length == 0)
		return false;
	add_variable(draft, "REQUEST_METHOD", (struct text){line.data, space});
	add_variable(draft, "REQUEST_URI", target);
	for (line = take_line(&input); line.length; line = take_line(&input)) {
		size_t colon = text_find(line, ':');

		if (colon == 0 || colon == line.length)
			return false;
		add_header(
		    draft, (struct text){line.data, colon}, text_trim(text_skip(line, colon + 1)));
	}
	*body = input;
	return true;
}

static void add_field(struct buffer *body, const char *name, const char *value)
{
	buffer_printf(body, "%s%s=", body->length ? "&" : "", name);
	for (; *value; value++) {
		if (ascii_is_word(*value, "-_."))
			buffer_add_byte(body, *value);
		else
			buffer_printf(body, "%%%02X", (unsigned)(unsigned char)*value);
	}
}

/* The path that was named, or the first on which channels are decided. */
static const char *find_path(const struct explain_options *options, const struct service *service,
    struct arena *arena, const char **problem)
{
	const char *path = options->endpoint;

	for (size_t i = 0; !path && i < service->endpoint_count; i++)
		if (strcmp(service->endpoints[i].config->action, "channel-auth") == 0)
			path = service->endpoints[i].config->path;
	if (!path)
		*problem = "no endpoint decides about channels";
	else if (strchr(path, '{'))
		*problem = arena_printf(
		    arena, "give --endpoint a path as clients ask for it, of the form %s", path);
	return *problem ? NULL : path;
}

static void write_message(struct draft *draft, const struct explain_options *options,
    const char *path, struct text input, struct text *body)
{
	struct buffer fields = buffer_start(draft->arena);
	bool in_query = options->from == EXPLAIN_STDIN_QUERY;

	add_variable(draft, "REQUEST_METHOD", TEXT("POST"));
	add_variable(draft, "REQUEST_URI",
	    text_of(in_query
	                ? arena_printf(draft->arena, "%s?%.*s", path, (int)input.length, input.data)
	                : path));
	add_variable(draft, "CONTENT_TYPE", TEXT("application/x-www-form-urlencoded"));
	if (options->from == EXPLAIN_STDIN_BEARER)
		add_variable(draft, "HTTP_AUTHORIZATION",
		    text_of(
		        arena_printf(draft->arena, "Bearer %.*s", (int)input.length, input.data)));
	if (options->from == EXPLAIN_STDIN_COOKIE)
		add_variable(draft, "HTTP_COOKIE", input);
	add_field(&fields, "socket_id", options->socket_id ? options->socket_id : SOCKET_ID);
	if (options->channel)
		add_field(&fields, "channel_name", options->channel);
	*body = buffer_text(&fields);
}

static bool build(struct draft *draft, const struct explain_options *options,
    const struct service *service, struct text *body, const char **problem)
{
	struct text input = {0};
	const char *path;

	if (options->from != EXPLAIN_STDIN_NONE) {
		input = read_input(draft->arena);
		if (!text_present(input))
			*problem = "standard input cannot be read, or is longer than 1 MiB";
	}
	if (*problem)
		return false;
	if (options->from == EXPLAIN_STDIN_REQUEST) {
		if (!read_whole(draft, input, body))
			*problem = "standard input is no HTTP request: a request line, headers, an "
			           "empty line, the body";
		return !*problem;
	}
	path = find_path(options, service, draft->arena, problem);
	if (path)
		write_message(draft, options, path, text_trim(input), body);
	return path != NULL;
}

bool explain_request(const struct explain_options *options, const struct service *service,
    size_t max_body, struct arena *arena, struct exchange *exchange, const char **problem)
{
	struct draft draft = {.arena = arena,
	    .environment = arena_array(arena, MAX_VARIABLES, sizeof(*draft.environment))};
	struct text body = {0};

	*problem = draft.environment ? NULL : "out of memory";
	if (*problem || !build(&draft, options, service, &body, problem))
		return false;
	if (options->ip)
		add_variable(&draft, "REMOTE_ADDR", text_of(options->ip));
	for (size_t i = 0; i < draft.count; i++)
		if (!draft.environment[i])
			*problem = "out of memory";
	*exchange = (struct exchange){.environment = draft.environment,
	    .body = body.length > max_body ? (struct text){0} : body,
	    .body_state = body.length > max_body ? BODY_TOO_LARGE : BODY_COMPLETE};
	return !*problem;
}
