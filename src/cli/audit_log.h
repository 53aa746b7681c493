/* What does the log say about a request, and about those like it? */
#ifndef CASTGATE_CLI_AUDIT_LOG_H
#define CASTGATE_CLI_AUDIT_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "codec/json_object.h"

/* One decision as guard/audit.c wrote it; absent what the line does not have. */
struct audit_line {
	struct text time;
	struct text reason;
	int64_t status;
	struct text request_id;
	struct text client;
	struct text method;
	struct text path;
	struct text endpoint;
	struct text channel;
	struct text rule;
	struct text credential;
	struct text token_id;
	struct text user;
	struct text detail;
	struct text deny;
};

#define AUDIT_LOG_MOST_LINES 100
#define AUDIT_LOG_MOST_CLIENTS 256

/* The next line of `log` that is a decision and contains one of two words (the second may be NULL), into
 * the arena, which is wiped first. What stands before the line's first '{' is ignored: web servers and syslog
 * put their own marks there. False at the end. */
bool audit_log_next(
    FILE *log, const char *word, const char *other, struct arena *arena, struct audit_line *line);

/* Refusals of one kind at one endpoint around a moment, without an allowed request at that endpoint
 * between them. */
struct audit_run {
	unsigned long count;
	unsigned long clients; /* at most AUDIT_LOG_MOST_CLIENTS are told apart */
	char first[32];
	char last[32];
	char allowed_before[32]; /* "" when the log has none */
	char allowed_after[32];
};

/* Read the whole log from its start for the run that `around` is part of. */
struct audit_run audit_log_run(FILE *log, const struct audit_line *around, struct arena *arena);

#endif
