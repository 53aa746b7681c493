/* Which trace does a request belong to, as its caller says? W3C Trace Context, level 1 (the
 * Recommendation of 2021-11-23), section 3.2: the header traceparent. */
#ifndef CASTGATE_CODEC_TRACE_CONTEXT_H
#define CASTGATE_CODEC_TRACE_CONTEXT_H

#include <stdbool.h>

#include "base/text.h"

#define TRACE_ID_BYTES 32 /* hexadecimal digits */
#define SPAN_ID_BYTES 16

/* Both borrowed from the header, in lower-case hexadecimal, neither of them all zero. A client may write
 * what it likes: they are for finding lines that belong together, and decide nothing. */
struct trace_context {
	struct text trace_id;
	struct text parent_id; /* the caller's span */
};

/* Read a header's value; blanks around it do not count. Version 00 has nothing behind its flags. Of a
 * later version only what the specification promises is read: the same 55 bytes, and a dash where more
 * follows. False, with *context absent, for version ff, an id of zeros, capitals and anything else. */
bool trace_context_read(struct text header, struct trace_context *context);

#endif
