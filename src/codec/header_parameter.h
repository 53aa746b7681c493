/* What are the parameters of a header value such as: multipart/form-data; boundary="x"? */
#ifndef CASTGATE_CODEC_HEADER_PARAMETER_H
#define CASTGATE_CODEC_HEADER_PARAMETER_H

#include <stdbool.h>

#include "base/text.h"

/* HEADER_BROKEN also for a quoted value with a backslash: browsers and RFC 9110 disagree about
 * what it means, so nobody gets to choose. */
enum header_step { HEADER_BROKEN, HEADER_END, HEADER_PARAMETER };

/* Cut the leading word (up to the first ';', trimmed) off `rest`. */
struct text header_word_take(struct text *rest);

/* Cut the next ";name=value" off `rest`; the value is without its quotes. Allocates nothing: both
 * texts point into the header. */
enum header_step header_parameter_take(struct text *rest, struct text *name, struct text *value);

#endif
