/* What does an operator expect of the rules, written down as plain text? */
#ifndef CASTGATE_CLI_EXPECTATION_H
#define CASTGATE_CLI_EXPECTATION_H

#include <stdbool.h>

#include "base/report.h"
#include "base/value.h"
#include "config/source.h"

/* One line of a file such as
 *
 *   # Alice takes part in conversation 123 of company 6
 *   allow user=1 private-chat.6.conversation.123
 *   deny  user=2 user.tenant="acme gmbh" endpoint=/api/pusher/auth private-chat.6.conversation.123 [no_row]
 *
 * Words stand between blanks; "..." in a word holds blanks, with \" and \\ in it, and what begins with it is
 * always a channel's name. A '#' where a word would begin starts a comment. Texts belong to the arena;
 * endpoint, user and channel end with a NUL. */
struct expectation {
	unsigned line;
	bool allows;
	struct text written;  /* the line, trimmed and without its comment */
	struct text endpoint; /* absent: not given */
	struct value user;
	struct named_value *values; /* ":user.NAME" */
	size_t value_count;
	struct text channel;
	struct text reason; /* a code or a deny section's label; absent: credential's or rule's */
};

struct expectations {
	struct expectation *items;
	size_t count;
};

/* Read a file's text. False with an error for each line that is wrong, by file and line, in the report; also
 * when there is no expectation at all. */
bool expectations_read(const struct source *source, struct arena *arena, struct report *report,
    struct expectations *out);

#endif
