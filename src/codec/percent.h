/* What bytes does a percent-encoded text stand for? */
#ifndef CASTGATE_CODEC_PERCENT_H
#define CASTGATE_CODEC_PERCENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* A '+' is a space in forms and query strings, and itself in paths and cookies. */
enum percent_plus { PERCENT_PLUS_STAYS, PERCENT_PLUS_IS_SPACE };

/* Decode once (WHATWG URL, section 1.3): a '%' that two hex digits do not follow stays. The result
 * may hold any byte, NUL included; it belongs to the arena and is NUL-terminated beyond its length.
 * False, with *decoded absent, when `input` is absent or the arena is full. */
bool percent_decode(
    struct text input, enum percent_plus plus, struct arena *arena, struct text *decoded);

#endif
