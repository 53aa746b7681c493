/* What did the operator probably mean? */
#ifndef CASTGATE_CONFIG_SPELLING_H
#define CASTGATE_CONFIG_SPELLING_H

#include "base/text.h"

/* The best candidate seen so far; start it with spelling_of. */
struct spelling {
	const char *wrong;
	struct text best; /* absent when nothing is near enough */
	size_t distance;
};

struct spelling spelling_of(const char *wrong);

/* Look at one more candidate. Near enough are at most two edits, and at most half the word. */
void spelling_try(struct spelling *spelling, struct text candidate);

/* For the end of a message: "; did you mean \"%.*s\"?" or nothing. */
#define SPELLING_HINT "%s%.*s%s"
#define SPELLING_HINT_ARGS(spelling)                                                               \
	text_present((spelling).best) ? "; did you mean \"" : "", (int)(spelling).best.length,     \
	    (spelling).best.data ? (spelling).best.data : "",                                      \
	    text_present((spelling).best) ? "\"?" : ""

#endif
