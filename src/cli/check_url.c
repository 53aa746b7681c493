/* A probe, and what each answer to it means. */
#include "platform.h"
#include "cli/check_url.h"

#include <string.h>

#include "base/ascii.h"
#include "cli/reach.h"
#include "codec/json_object.h"
#include "endpoint/mount.h"
#include "endpoint/probe.h"

#define BODY_BYTES 65536u
#define REQUEST_ID_DIGITS 16

/* What it means when the web server itself answers; the first row that fits. */
static const struct {
	unsigned from;
	unsigned to;
	const char *cause;
} causes[] = {
    {200, 299,
        "so an application or a file answers at this path, and castgate is not asked: put "
        "castgate's lines above the application's"},
    {301, 399,
        "which turns POST into GET for most clients: let clients ask at that very address, "
        "and keep the application's rules away from this path"},
    {401, 401,
        "asking for a password of its own: take AuthType, auth_basic or auth.require away "
        "from this path"},
    {403, 403,
        "itself, before castgate: for Apache look for \"Require all granted\" and ExecCGI, "
        "and in its error log"},
    {404, 404,
        "itself: castgate is not mounted at this path; the paths in the web server's file "
        "must be those that clients ask"},
    {405, 405, "itself: it takes the path for a file; castgate is not mounted there"},
    {500, 500,
        "itself: castgate did not start, or a line of an .htaccess is not allowed there; its "
        "error log says which"},
    {502, 504,
        "itself: it cannot reach castgate; look whether castgate runs, and whether the web "
        "server may write to its socket"},
    {100, 999, "itself; look in its error log"},
};

static bool send_probe(struct reach *reach, struct text probe)
{
	const struct web_address *address = &reach->address;
	struct arena *arena = reach->check->arena;
	struct text authorization = probe_authorization(probe, arena);
	struct text request = text_of(arena_printf(arena,
	    "POST %s HTTP/1.0\r\nHost: %.*s\r\nAccept: application/json\r\nUser-Agent: castgate\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n"
	    "Authorization: %s\r\n" PROBE_HEADER ": %s\r\nConnection: close\r\n\r\n" PROBE_FIELD
	    "%s",
	    address->path, (int)address->authority.length, address->authority.data,
	    strlen(PROBE_FIELD) + probe.length, authorization.data, probe.data, probe.data));

	if (!text_present(request))
		return report_no_memory(reach->check->report);
	return reach_send(reach, request);
}

/* Read the body as long as it says, or to its end; of a longer one the beginning will do. */
static bool read_body(
    struct reach *reach, const struct https_head *head, struct text came, struct text *body)
{
	char *data = arena_alloc(reach->check->arena, BODY_BYTES);
	uint64_t wanted = BODY_BYTES;
	size_t length = came.length < BODY_BYTES ? came.length : BODY_BYTES;
	long got = 1;

	if (!data)
		return report_no_memory(reach->check->report);
	(void)text_to_u64(https_head_field(head, "Content-Length"), TEXT_DIGITS_ANY, &wanted);
	memcpy(data, came.data, length);
	while (got > 0 && length < wanted && length < BODY_BYTES) {
		got = reach_receive(reach, data + length, BODY_BYTES - length);
		length += got > 0 ? (size_t)got : 0;
	}
	*body = (struct text){data, length};
	return got >= 0;
}

static bool is_castgate(const struct https_head *head)
{
	struct text id = https_head_field(head, "X-Request-Id");
	size_t digits = 0;

	while (digits < id.length && ascii_is_lower_hex(id.data[digits]))
		digits++;
	return digits == REQUEST_ID_DIGITS && id.length == digits;
}

static void complain_of_castgate(const struct reach *reach, const struct https_head *head)
{
	struct text id = https_head_field(head, "X-Request-Id");

	if (head->status == 503)
		reach_complain(reach,
		    "leads to a castgate that answers 503: its log says why at request %.*s; does "
		    "it read this configuration, and can its user read the files?",
		    (int)id.length, id.data);
	else
		reach_complain(reach,
		    "leads to a castgate that answers %u and does not know the probe: it reads "
		    "another configuration, is an older version, or its clock differs by more than "
		    "%d s (request %.*s)",
		    head->status, PROBE_SECONDS, (int)id.length, id.data);
}

static void complain_of_server(
    const struct reach *reach, const struct https_head *head, struct text body)
{
	struct text location = https_head_field(head, "Location");
	struct text start = text_trim(body);
	bool html = text_starts_with(start, "<");
	size_t row = 0;

	while (head->status < causes[row].from || head->status > causes[row].to)
		row++;
	if (head->status / 100 == 3)
		reach_complain(reach, "redirects (%u) to %.*s, %s", head->status,
		    (int)location.length, location.length ? location.data : "", causes[row].cause);
	else
		reach_complain(reach, "answers %u%s %s", head->status,
		    html && head->status < 300 ? " with HTML," : "", causes[row].cause);
}

/* The variable that castgate reads: the first of its list that is not empty. */
static const char *variable_read(const struct json_object *variables, struct text *state)
{
	bool is_read;

	for (size_t i = 0; probe_variable(i, &is_read); i++) {
		*state = json_object_string(variables, probe_variable(i, &is_read));
		if (is_read && text_present(*state) && !text_is(*state, PROBE_EMPTY))
			return probe_variable(i, &is_read);
	}
	return NULL;
}

static const char *variable_not_read(const struct json_object *variables)
{
	bool is_read;
	const char *name;

	for (size_t i = 0; (name = probe_variable(i, &is_read)) != NULL; i++)
		if (!is_read && json_object_member(variables, text_of(name)))
			return name;
	return NULL;
}

static void complain_of_loss(
    const struct reach *reach, const struct mount *mount, const char *elsewhere)
{
	const char *arrived =
	    elsewhere ? arena_printf(reach->check->arena,
	                    "drops the Authorization header (it arrives as %s only, which castgate "
	                    "does not read)",
	                    elsewhere)
	              : "drops the Authorization header";

	if (mount && mount->line)
		reach_complain(reach, "%s, so every user is refused. Add the line  %s  %s", arrived,
		    mount->line, mount->place);
	else
		reach_complain(reach, "%s, so every user is refused: %s", arrived,
		    mount ? mount->place : "let it hand it over as HTTP_AUTHORIZATION");
}

static void judge_authorization(
    const struct reach *reach, const struct json_object *reply, const struct mount *mount)
{
	const struct json_member *member = json_object_member(reply, TEXT("variables"));
	const struct json_object *variables = &member->inside;
	struct text state;
	const char *variable = variable_read(variables, &state);

	if (!variable) {
		complain_of_loss(reach, mount, variable_not_read(variables));
		return;
	}
	check_say(reach->check, "authorization", "arrives as %s", variable);
	if (!text_is(state, PROBE_WHOLE))
		reach_complain(reach,
		    "puts another value in place of the Authorization header: look for a password "
		    "of its own at this path, or for a proxy in front that signs in by itself");
}

static void judge_path(const struct reach *reach, const struct json_object *reply)
{
	struct text path = json_object_string(reply, "path");
	struct text endpoint = json_object_string(reply, "endpoint");

	if (!text_present(path))
		reach_complain(reach,
		    "does not hand REQUEST_URI over: add  fastcgi_param REQUEST_URI "
		    "$request_uri;  or what your server has for it");
	else if (!text_present(endpoint))
		reach_complain(reach,
		    "hands the path over as %.*s, which is no endpoint of %s: add it to an "
		    "endpoint, or to its \"also\" list",
		    (int)path.length, path.data, reach->check->service->config->path);
	else
		check_say(reach->check, "path", "%.*s, endpoint %.*s", (int)path.length, path.data,
		    (int)endpoint.length, endpoint.data);
}

static void judge_reply(const struct reach *reach, const struct json_object *reply)
{
	struct text code = json_object_string(reply, "mount");
	struct text version = json_object_string(reply, "castgate");
	const struct mount *mount = mount_named(code);

	check_say(reach->check, "mount", "%s, castgate %.*s", mount ? mount->name : "another",
	    (int)version.length, version.data);
	if (!text_is(version, PACKAGE_VERSION))
		report_add(reach->check->report, REPORT_WARNING, (struct origin){0},
		    "the castgate that serves is version %.*s, this one is %s", (int)version.length,
		    version.data, PACKAGE_VERSION);
	judge_path(reach, reply);
	if (!text_is(json_object_string(reply, "method"), "POST"))
		reach_complain(reach, "hands POST over as another method");
	if (!text_is(json_object_string(reply, "body"), PROBE_WHOLE))
		reach_complain(reach, "does not hand the body over whole: look for a limit such as "
		                      "LimitRequestBody, and for CONTENT_LENGTH");
	judge_authorization(reach, reply, mount);
}

static void judge(const struct reach *reach, const struct https_head *head, struct text body)
{
	struct json_object reply;
	const char *problem;
	bool answered = (int)head->status == outcome_row(OUTCOME_PROBE_ANSWERED)->status &&
	                json_object_read(body, BODY_BYTES, reach->check->arena, &reply, &problem) &&
	                text_present(json_object_string(&reply, "castgate")) &&
	                json_object_member(&reply, TEXT("variables"));

	if (answered)
		judge_reply(reach, &reply);
	else if (is_castgate(head))
		complain_of_castgate(reach, head);
	else
		complain_of_server(reach, head, body);
}

static void ask(const struct check *check, const char *url, struct text probe)
{
	static const char *const schemes[] = {"https", "http"};
	struct https_head head;
	struct reach reach;
	struct text rest;
	struct text body = {0};

	if (reach_open(&reach, check, "the web server", url, schemes)) {
		check_say(check, "url", "%s", url);
		if (send_probe(&reach, probe) && reach_read_head(&reach, &head, &rest) &&
		    read_body(&reach, &head, rest, &body))
			judge(&reach, &head, body);
	}
	reach_close(&reach);
}

void check_url(const struct check *check, const char *url)
{
	struct clock *clock = &check->service->clock;
	struct hmac_key *key = probe_key_new(check->service->config);
	struct text probe = {0};

	if (key)
		probe = probe_make(key, clock_now(clock), check->arena);
	if (text_present(probe))
		ask(check, url, probe);
	else
		report_add(check->report, REPORT_ERROR, (struct origin){0},
		    key ? "cannot make a probe: out of memory or random bytes"
		        : "--url needs an app with a secret in the configuration: the probe is "
		          "signed with it");
	hmac_key_free(key);
}
