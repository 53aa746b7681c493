/* Lines, parsed only where a word that is looked for stands in them. */
#include "platform.h"
#include "cli/audit_log.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (64u * 1024)
#define CLIENT_BYTES 64

bool audit_log_next(
    FILE *log, const char *word, const char *other, struct arena *arena, struct audit_line *line)
{
	char *input = NULL;
	size_t capacity = 0;
	bool found = false;

	while (!found && getline(&input, &capacity, log) > 0) {
		if (!strstr(input, word) && !(other && strstr(input, other)))
			continue;
		arena_wipe(arena);
		found = audit_parse(text_of(input), arena, line);
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
	text_defuse(out);
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
	while (
	    crowd && reason && scratch && audit_log_next(log, reason, "allowed", scratch, &line)) {
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
