/* What holds for the fields that any of the three readers returns? */
#ifndef CASTGATE_TESTS_FIELDS_CHECK_H
#define CASTGATE_TESTS_FIELDS_CHECK_H

#include "codec/fields.h"

/* Require what codec/fields.h promises of a reader that returned `read`. */
void fields_check(bool read, const struct fields *fields, const char *problem);

/* Require the same fields in the same order. */
void fields_check_equal(const struct fields *a, const struct fields *b);

#endif
