/* Which FastCGI records does an input describe? */
#ifndef CASTGATE_TESTS_FCGI_SCRIPT_H
#define CASTGATE_TESTS_FCGI_SCRIPT_H

#include "base/buffer.h"

#define SCRIPT_ARENA_BYTES (4u << 20)

/* The input is a list of steps, each one byte and its operands. Most steps append a record as a web
 * server would send it; the last kinds append one with a header of the input's own, change a
 * header that was written, or cut the stream, so that whole requests and nearly whole ones are
 * both frequent. Operands missing at the end are zero. The records belong to the arena; absent when
 * they would be too many. */
struct text script_records(struct text input, struct arena *arena);

#endif
