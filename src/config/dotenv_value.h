/* What value does the part after "NAME=" in a .env stand for? */
#ifndef CASTGATE_CONFIG_DOTENV_VALUE_H
#define CASTGATE_CONFIG_DOTENV_VALUE_H

#include "base/buffer.h"
#include "config/dotenv.h"

/* Read a trimmed value: quotes, escapes, comments, ${NAME} by what `known` says so far. NULL on
 * success (*value is NULL when the arena is full), else what is wrong. */
const char *dotenv_value(
    const struct dotenv *known, struct text raw, struct arena *arena, const char **value);

#endif
