/* JSON as it stands; NAME=VALUE turned into JSON first; OCSF by the places its values have there. */
#include "platform.h"
#include "cli/audit_parse.h"

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "codec/json_object.h"

#define MOST_BYTES (64u * 1024)
#define PAIRS_START "@timestamp="

/* Where each text is: in ECS under one name, in OCSF along a path, whose steps are names; of a list the
 * first element is meant. */
#define MOST_STEPS 4
static const struct place {
	size_t offset;
	const char *ecs;
	const char *ocsf[MOST_STEPS];
} places[] = {
    {offsetof(struct audit_line, time), "@timestamp", {NULL}},
    {offsetof(struct audit_line, reason), "event.reason", {"status_code"}},
    {offsetof(struct audit_line, request_id), "http.request.id", {"http_request", "uid"}},
    {offsetof(struct audit_line, trace_id), "trace.id", {"trace", "uid"}},
    {offsetof(struct audit_line, client), "client.ip", {"src_endpoint", "ip"}},
    {offsetof(struct audit_line, method), "http.request.method",
        {"unmapped", "http.request.method"}},
    {offsetof(struct audit_line, path), "url.path", {"http_request", "url", "path"}},
    {offsetof(struct audit_line, endpoint), "castgate.endpoint", {"api", "service", "name"}},
    {offsetof(struct audit_line, channel), "castgate.channel", {"resources", "", "name"}},
    {offsetof(struct audit_line, rule), "castgate.rule", {"policy", "name"}},
    {offsetof(struct audit_line, credential), "castgate.credential",
        {"unmapped", "castgate.credential"}},
    {offsetof(struct audit_line, token_id), "castgate.token_id",
        {"actor", "user", "credential_uid"}},
    {offsetof(struct audit_line, user), "user.id", {"actor", "user", "uid"}},
    {offsetof(struct audit_line, detail), "castgate.detail", {"unmapped", "castgate.detail"}},
    {offsetof(struct audit_line, mount), "castgate.mount", {"unmapped", "castgate.mount"}},
    {offsetof(struct audit_line, deny), "castgate.deny", {"unmapped", "castgate.deny"}},
};

/* The member at the end of a path; NULL when there is none. */
static const struct json_member *find(const struct json_object *object, const char *const *steps)
{
	const struct json_member *member = NULL;

	for (size_t i = 0; i < MOST_STEPS && steps[i]; i++) {
		const struct json_object *inside = member ? &member->inside : object;

		if (*steps[i])
			member = json_object_member(inside, text_of(steps[i]));
		else
			member = inside->count ? inside->members : NULL;
		if (!member)
			return NULL;
	}
	return member;
}

static struct text string_of(const struct json_member *member)
{
	return member && member->kind == JSON_MEMBER_STRING ? member->string : (struct text){0};
}

/* Numbers of pairs are texts. */
static int64_t number_of(const struct json_member *member)
{
	uint64_t number = 0;

	if (member && member->kind == JSON_MEMBER_INTEGER)
		return member->integer;
	(void)text_to_u64(string_of(member), TEXT_DIGITS_CANONICAL, &number);
	return number <= INT64_MAX ? (int64_t)number : 0;
}

static void read_members(
    const struct json_object *object, bool is_ocsf, struct arena *arena, struct audit_line *line)
{
	static const char *const connection[] = {"unmapped", "castgate.connection_id", NULL, NULL};
	static const char *const status[] = {"http_response", "code", NULL, NULL};
	static const char *const time[] = {"time", NULL, NULL, NULL};
	char *moment = arena_alloc(arena, CLOCK_RFC3339_BYTES);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct text *text = (struct text *)((char *)line + places[i].offset);

		*text = is_ocsf ? string_of(find(object, places[i].ocsf))
		                : json_object_string(object, places[i].ecs);
	}
	if (!is_ocsf) {
		line->status =
		    number_of(json_object_member(object, TEXT("http.response.status_code")));
		line->connection =
		    number_of(json_object_member(object, TEXT("castgate.connection_id")));
		return;
	}
	line->status = number_of(find(object, status));
	line->connection = number_of(find(object, connection));
	if (moment && clock_format_rfc3339(number_of(find(object, time)) * 1000, moment))
		line->time = text_of(moment);
}

/* The end of a JSON string that starts here; the text's end when it is not closed. */
static size_t quoted_length(struct text text)
{
	for (size_t i = 1; i < text.length; i++) {
		if (text.data[i] == '\\')
			i++;
		else if (text.data[i] == '"')
			return i + 1;
	}
	return text.length;
}

/* NAME=VALUE NAME="VALUE" ... as the JSON object of strings that says the same. Whatever is not of that
 * form gives what is no JSON. */
static struct text pairs_as_json(struct text rest, struct arena *arena)
{
	struct buffer out = buffer_start(arena);

	while (rest.length) {
		size_t equals = text_find(rest, '=');
		size_t length;

		buffer_add_string(&out, out.length ? ",\"" : "{\"");
		buffer_add(&out, (struct text){rest.data, equals});
		buffer_add_string(&out, "\":");
		rest = text_skip(rest, equals < rest.length ? equals + 1 : equals);
		length =
		    rest.length && rest.data[0] == '"' ? quoted_length(rest) : text_find(rest, ' ');
		if (rest.length && rest.data[0] == '"') {
			buffer_add(&out, (struct text){rest.data, length});
		} else {
			buffer_add_byte(&out, '"');
			buffer_add(&out, (struct text){rest.data, length});
			buffer_add_byte(&out, '"');
		}
		rest = text_skip(rest, length);
		if (rest.length)
			rest = text_skip(rest, 1);
	}
	buffer_add_byte(&out, '}');
	return buffer_text(&out);
}

/* From where the line itself begins. */
static struct text find_start(struct text input, const char *mark)
{
	size_t length = strlen(mark);

	while (input.length >= length && !text_starts_with(input, mark))
		input = text_skip(input, 1);
	return input.length >= length ? input : (struct text){0};
}

bool audit_parse(struct text input, struct arena *arena, struct audit_line *line)
{
	struct text trimmed = text_trim(input);
	struct text json = find_start(trimmed, "{\"");
	struct text pairs = find_start(trimmed, PAIRS_START);
	struct json_object object;
	const char *problem;

	*line = (struct audit_line){0};
	/* of two beginnings the earlier is the line's: the other is a client's words */
	if (text_present(pairs) && (!text_present(json) || pairs.length > json.length))
		json = pairs_as_json(pairs, arena);
	if (!text_present(json) || !json_object_read(json, MOST_BYTES, arena, &object, &problem))
		return false;
	read_members(&object, json_object_member(&object, TEXT("class_uid")) != NULL, arena, line);
	return text_present(line->reason) && text_present(line->request_id);
}
