/* What does one line of the log say, in whichever format it was written? */
#ifndef CASTGATE_CLI_AUDIT_PARSE_H
#define CASTGATE_CLI_AUDIT_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* One decision as guard/audit_line.c wrote it; absent what the line does not have. */
struct audit_line {
	struct text time;
	struct text reason;
	int64_t status;
	struct text request_id;
	struct text trace_id;
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
	struct text mount;
	struct text deny;
	int64_t connection; /* 0: none */
};

/* Read a line of any of the three formats, into the arena. What stands before it is passed over: web
 * servers and syslog put their own marks there. False when it is no decision. */
bool audit_parse(struct text input, struct arena *arena, struct audit_line *line);

#endif
