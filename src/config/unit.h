/* What amount does "1500ms" or "32k" stand for? */
#ifndef CASTGATE_CONFIG_UNIT_H
#define CASTGATE_CONFIG_UNIT_H

#include <stdbool.h>
#include <stdint.h>

enum unit { UNIT_NONE, UNIT_MILLISECONDS, UNIT_BYTES };

/* Read a canonical decimal number and its unit: none; ms, s, m, h or d (required but after 0);
 * none, k or m for 1, 1024 or 1048576 bytes. False on anything else and on overflow. */
bool unit_parse(enum unit unit, const char *text, uint64_t *amount);

/* Write an amount with the largest unit that divides it. */
#define UNIT_TEXT_BYTES 24
void unit_format(enum unit unit, uint64_t amount, char out[UNIT_TEXT_BYTES]);

/* "a number", "a duration (such as 1500ms)", "a size (such as 32k)". */
const char *unit_describe(enum unit unit);

#endif
