/* How is one directive's value written so that it reads back the same? */
#ifndef CASTGATE_CONFIG_SHOW_VALUE_H
#define CASTGATE_CONFIG_SHOW_VALUE_H

#include "config/config.h"
#include "config/directive.h"

/* Has the directive a value in the struct of its section? */
bool value_is_set(const struct directive *directive, const void *structure);

/* Write the value; secrets as "********". */
void value_show(FILE *stream, const struct directive *directive, const void *structure);

/* Write a text in quotes. */
void value_show_quoted(FILE *stream, const char *value);

#endif
