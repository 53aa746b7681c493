/* How is one row of the directive table written? Inside config/ only. */
#ifndef CASTGATE_CONFIG_DIRECTIVE_ROW_H
#define CASTGATE_CONFIG_DIRECTIVE_ROW_H

#include "config/directive.h"

#define COUNTED(structure, field) .count_offset = offsetof(struct structure, field)
#define REMEMBERED(structure, field) .origin_offset = offsetof(struct structure, field)
#define LIMITS(low, high) .minimum = (low), .maximum = (high)

/* The rows of credentials and their owners: directive_rows hands them on. Returns their number. */
size_t directive_credential_rows(const struct directive **rows);

#endif
