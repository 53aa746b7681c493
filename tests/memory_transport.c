/* The service without a web server: one JSON request a line in, one JSON reply a line out.
 *
 *   in   {"method":"POST","uri":"/broadcasting/auth","headers":{"Authorization":"Bearer ..."},
 *         "body":"..." or "body_base64":"...","remote_addr":"127.0.0.1"}
 *   out  {"status":200,"headers":[["Content-Type","application/json"]],"body":"..."} */
#include "platform.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"
#include "endpoint/service.h"

#define MAX_VARIABLES 128

static void add_variable(struct arena *arena, const char **environment, size_t *count,
    const char *name, const char *value)
{
	if (*count + 1 < MAX_VARIABLES)
		environment[(*count)++] = arena_printf(arena, "%s=%s", name, value);
}

/* "Content-Type" to CONTENT_TYPE, others to HTTP_NAME. */
static void add_header(struct arena *arena, const char **environment, size_t *count,
    const char *name, const char *value)
{
	bool bare =
	    strcasecmp(name, "Content-Type") == 0 || strcasecmp(name, "Content-Length") == 0;
	char *variable = arena_printf(arena, "%s%s", bare ? "" : "HTTP_", name);

	for (char *p = variable; *p; p++)
		*p = *p == '-' ? '_' : (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	add_variable(arena, environment, count, variable, value);
}

static struct text read_body(struct arena *arena, json_t *request)
{
	json_t *plain = json_object_get(request, "body");
	json_t *encoded = json_object_get(request, "body_base64");
	struct text body = {"", 0};

	if (json_is_string(plain))
		body = (struct text){json_string_value(plain), json_string_length(plain)};
	else if (json_is_string(encoded) &&
	         !base64_decode(text_of(json_string_value(encoded)), arena, &body))
		fprintf(stderr, "memory_transport: bad base64\n");
	return body;
}

/* Header lines of a CGI reply into a list of pairs. */
static json_t *read_reply(struct text reply)
{
	json_t *out = json_object();
	json_t *headers = json_array();
	int status = 200;

	while (reply.length && reply.data[0] != '\r') {
		size_t end = text_find(reply, '\r');
		struct text line = {reply.data, end};
		size_t colon = text_find(line, ':');
		struct text value = text_trim(text_skip(line, colon + 1));
		char name[64] = "";

		memcpy(name, line.data, colon < sizeof(name) ? colon : sizeof(name) - 1);
		if (strcmp(name, "Status") == 0)
			status = (int)strtol(value.data, NULL, 10);
		else
			json_array_append_new(
			    headers, json_pack("[s, s%]", name, value.data, value.length));
		reply = text_skip(reply, end + 2);
	}
	reply = text_skip(reply, reply.length >= 2 ? 2 : reply.length);
	json_object_set_new(out, "status", json_integer(status));
	json_object_set_new(out, "headers", headers);
	json_object_set_new(out, "body", json_stringn(reply.data, reply.length));
	return out;
}

static void serve_line(const struct responder *responder, const char *line)
{
	json_t *request = json_loads(line, JSON_ALLOW_NUL, NULL);
	struct arena *arena = arena_new(4 * 1024 * 1024);
	const char *environment[MAX_VARIABLES] = {NULL};
	struct exchange exchange = {.environment = environment, .body_state = BODY_COMPLETE};
	const char *address = json_string_value(json_object_get(request, "remote_addr"));
	const char *name;
	json_t *value;
	json_t *reply;
	size_t count = 0;

	exchange.body = read_body(arena, request);
	add_variable(arena, environment, &count, "REQUEST_METHOD",
	    json_string_value(json_object_get(request, "method")));
	add_variable(arena, environment, &count, "REQUEST_URI",
	    json_string_value(json_object_get(request, "uri")));
	add_variable(arena, environment, &count, "REMOTE_ADDR", address ? address : "127.0.0.1");
	json_object_foreach(json_object_get(request, "headers"), name, value)
	    add_header(arena, environment, &count, name, json_string_value(value));
	if (exchange.body.length > responder->max_body) {
		exchange.body_state = BODY_TOO_LARGE;
		exchange.body = (struct text){0};
	}
	reply = read_reply(responder->answer(responder->context, &exchange));
	responder->finish(responder->context);
	json_dumpf(reply, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(reply);
	json_decref(request);
	arena_free(arena);
}

int main(int argc, char **argv)
{
	struct report *report = report_new();
	const char *path = argc == 2 ? argv[1] : getenv("CASTGATE_CONFIG");
	struct service *service = service_new(path, clock_system(), NULL, report);
	struct responder responder = service_responder(service);
	size_t capacity = 0;
	char *line = NULL;

	report_print(report, stderr);
	while (getline(&line, &capacity, stdin) > 0)
		serve_line(&responder, line);
	free(line);
	service_free(service);
	report_free(report);
	return EXIT_SUCCESS;
}
