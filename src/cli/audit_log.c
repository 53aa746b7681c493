/* JSON lines, parsed only where a word that is looked for stands in them. */
#include "platform.h"
#include "cli/audit_log.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (64u * 1024)
#define CLIENT_BYTES 64

static bool read_members(struct text input, struct arena *arena, struct audit_line *line)
{
	struct json_object object;
	const struct json_member *status;
	const char *problem;

	*line = (struct audit_line){0};
	if (!json_object_read(text_trim(input), MOST_BYTES, arena, &object, &problem))
		return false;
	status = json_object_member(&object, TEXT("http.response.status_code"));
	line->status = status && status->kind == JSON_MEMBER_INTEGER ? status->integer : 0;
	line->time = json_object_string(&object, "@timestamp");
	line->reason = json_object_string(&object, "event.reason");
	line->request_id = json_object_string(&object, "http.request.id");
	line->client = json_object_string(&object, "client.ip");
	line->method = json_object_string(&object, "http.request.method");
	line->path = json_object_string(&object, "url.path");
	line->endpoint = json_object_string(&object, "castgate.endpoint");
	line->channel = json_object_string(&object, "castgate.channel");
	line->rule = json_object_string(&object, "castgate.rule");
	line->credential = json_object_string(&object, "castgate.credential");
	line->token_id = json_object_string(&object, "castgate.token_id");
	line->user = json_object_string(&object, "user.id");
	line->detail = json_object_string(&object, "castgate.detail");
	line->deny = json_object_string(&object, "castgate.deny");
	return text_present(line->reason) && text_present(line->request_id);
}

bool audit_log_next(
    FILE *log, const char *word, const char *other, struct arena *arena, struct audit_line *line)
{
	char *input = NULL;
	size_t capacity = 0;
	bool found = false;

	while (!found && getline(&input, &capacity, log) > 0) {
		const char *start = strchr(input, '{');

		if (!start || (!strstr(start, word) && !(other && strstr(start, other))))
			continue;
		arena_wipe(arena);
		found = read_members(text_of(start), arena, line);
	}
	free(input);
	return found;
}

/* Two absent texts are alike, too. */
static bool alike(struct text a, struct text b)
{
	return text_equal(a, b) || (!text_present(a) && !text_present(b));
}

static void keep_time(char out[32], struct text time)
{
	(void)snprintf(out, 32, "%.*s", (int)time.length, time.data ? time.data : "");
}

/* Addresses seen in one run. */
struct crowd {
	char clients[AUDIT_LOG_MOST_CLIENTS][CLIENT_BYTES];
	unsigned long count;
};

static void add_client(struct crowd *crowd, struct text client)
{
	for (unsigned long i = 0; i < crowd->count; i++)
		if (text_is(client, crowd->clients[i]))
			return;
	if (crowd->count == AUDIT_LOG_MOST_CLIENTS || !text_present(client) ||
	    client.length >= CLIENT_BYTES)
		return;
	memcpy(crowd->clients[crowd->count], client.data, client.length);
	crowd->clients[crowd->count++][client.length] = '\0';
}

static void add_refusal(struct audit_run *run, struct crowd *crowd, const struct audit_line *line)
{
	if (run->count++ == 0)
		keep_time(run->first, line->time);
	keep_time(run->last, line->time);
	add_client(crowd, line->client);
	run->clients = crowd->count;
}

struct audit_run audit_log_run(FILE *log, const struct audit_line *around, struct arena *arena)
{
	struct audit_run run = {0};
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	const char *reason = arena_copy(arena, around->reason.data, around->reason.length);
	struct arena *scratch = arena_new(MOST_BYTES * 16);
	struct audit_line line;
	bool reached = false;

	rewind(log);
	while (crowd && reason && scratch &&
	       audit_log_next(log, reason, "\"allowed\"", scratch, &line)) {
		if (!alike(line.endpoint, around->endpoint))
			continue;
		if (text_is(line.reason, "allowed")) {
			if (reached) {
				keep_time(run.allowed_after, line.time);
				break;
			}
			run = (struct audit_run){0};
			crowd->count = 0;
			keep_time(run.allowed_before, line.time);
		} else if (text_is(line.reason, reason)) {
			reached = reached || text_equal(line.request_id, around->request_id);
			add_refusal(&run, crowd, &line);
		}
	}
	arena_free(scratch);
	free(crowd);
	return run;
}
