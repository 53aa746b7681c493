/* What does the log say about a request, and about those like it? */
#ifndef CASTGATE_CLI_AUDIT_LOG_H
#define CASTGATE_CLI_AUDIT_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "cli/audit_parse.h"

#define AUDIT_LOG_MOST_LINES 100
#define AUDIT_LOG_MOST_CLIENTS 256

/* The next line of `log` that is a decision and contains one of two words (the second may be NULL), into
 * the arena, which is wiped first. False at the end. */
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
