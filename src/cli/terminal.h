/* How is text that somebody else wrote shown on a terminal? */
#ifndef CASTGATE_CLI_TERMINAL_H
#define CASTGATE_CLI_TERMINAL_H

#include <stdio.h>

#include "base/text.h"
#include "base/value.h"

/* Write it with '?' for every byte that is not printable ASCII, so that nothing moves the cursor; "-"
 * for an absent text. */
void terminal_text(FILE *stream, struct text text);

/* The same of a value: "(none)" where there is none, "(binary)" for bytes that are no text. */
void terminal_value(FILE *stream, struct value value);

#endif
