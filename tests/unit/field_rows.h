/* How is a reader of fields held against rows of input? */
#ifndef CASTGATE_TESTS_UNIT_FIELD_ROWS_H
#define CASTGATE_TESTS_UNIT_FIELD_ROWS_H

#include "codec/fields.h"

#define FIELD_ARENA_BYTES 300000

/* `wanted` is every field as "T name=value;", "I name=value;" or "O name;"; NULL: refused. */
struct field_row {
	struct text input;
	const char *wanted;
};

typedef bool field_reader(struct text, struct arena *, struct fields *, const char **);

/* Read each row after a field that is already there, as a body is read after a query string. A
 * refusal must give a sentence and leave no field. */
void check_field_rows(field_reader *read, const struct field_row *rows, size_t count);

#endif
