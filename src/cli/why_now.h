/* What would a request that the log tells of get now? */
#ifndef CASTGATE_CLI_WHY_NOW_H
#define CASTGATE_CLI_WHY_NOW_H

#include "cli/audit_parse.h"

struct why_now;

/* Ready to try requests out with the configuration at this path; NULL when it has an error. Ended with
 * why_now_close, which allows NULL. */
struct why_now *why_now_open(const char *config_path);
void why_now_close(struct why_now *now);

/* Print it: what the rules decide now for the line's user, who is taken for proven since the log has no
 * token, and the command to look closer. Without a user or `now` the command alone; nothing for a line
 * whose path or channel nobody should paste into a shell. Costs what the decision costs. */
void why_now_tell(struct why_now *now, const struct audit_line *line);

#endif
