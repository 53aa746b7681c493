/* How often is the same trouble told? */
#ifndef CASTGATE_HTTP_COMPLAINT_H
#define CASTGATE_HTTP_COMPLAINT_H

#include "http/exchange.h"

/* One kind of trouble; zeroed, it has not been told yet. */
struct complaint {
	long long told;  /* milliseconds of the monotonic clock; 0: never */
	unsigned silent; /* times since then that were not told */
};

/* Tell the responder's log `message`, at most once in ten seconds, with the number of times that went
 * untold before. Whoever causes trouble must not be able to fill the disk with it. */
void complaint_tell(struct complaint *complaint, const struct responder *responder,
    long long now_milliseconds, const char *message);

#endif
