/* Does a channel name or a path have the form a rule describes, and what are its parts? */
#ifndef CASTGATE_CHANNEL_PATTERN_H
#define CASTGATE_CHANNEL_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/value.h"

/* Captures: {x:id} 1 to 20 digits without a leading zero, at most 2^64-1; {x:uuid} lower-case;
 * {x:slug} [a-z0-9]+(-[a-z0-9]+)*; {x} one or more bytes but the separator, which is '.' in a
 * channel's name and '/' in a path. Everything else is literal. */
enum pattern_target { PATTERN_CHANNEL, PATTERN_PATH };

struct pattern;

#define PATTERN_MAX_CAPTURES 16

/* Values of a match in the order of the pattern: integers for id, text for the others. */
struct captures {
	struct named_value values[PATTERN_MAX_CAPTURES];
	size_t count;
};

/* Compile. NULL with *problem set (owned by the arena) for unknown types, bad or repeated names,
 * braces out of place, literal bytes that no name of this target can have, and captures whose end
 * could fall in more than one place. The pattern lives in the arena. */
struct pattern *pattern_compile(
    const char *source, enum pattern_target target, struct arena *arena, const char **problem);

/* Match the whole subject. No allocation, one pass, never tries twice: a capture takes the longest
 * run of its bytes. On true the captures' texts point into `subject`. On false *reached is the
 * byte of `subject` where it stopped fitting; it may be NULL. */
bool pattern_match(
    const struct pattern *pattern, struct text subject, struct captures *captures, size_t *reached);

/* The names a match will yield. */
size_t pattern_capture_count(const struct pattern *pattern);
struct text pattern_capture_name(const struct pattern *pattern, size_t index);

/* Is this one of them? A pattern that is NULL has none. */
bool pattern_has_capture(const struct pattern *pattern, struct text name);

#endif
