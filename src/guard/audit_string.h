/* How does a client's text stand in a line of the log? */
#ifndef CASTGATE_GUARD_AUDIT_STRING_H
#define CASTGATE_GUARD_AUDIT_STRING_H

#include "base/buffer.h"
#include "base/text.h"

/* Append it as a JSON string without anything that ends a line or moves a cursor. What is not UTF-8 is
 * written "hex:" and the first 256 bytes in hexadecimal. */
void audit_string_add(struct buffer *out, struct text text);

/* No more than its first bytes. */
struct text audit_string_cut(struct text text, size_t most);

#endif
