/* Which socket asks for which channels? */
#ifndef CASTGATE_ENDPOINT_SUBSCRIPTION_H
#define CASTGATE_ENDPOINT_SUBSCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/verdict.h"
#include "http/request.h"

/* Texts are trimmed of white space and borrowed from the request. A batch has at least one name;
 * its names are distinct UTF-8, but may still break the syntax of channel names one by one. */
struct subscription {
	struct text socket_id;
	struct text *channels;
	size_t count;
	bool is_batch;
};

struct subscription_limits {
	size_t max_batch;
	size_t max_channel_bytes;
};

/* Read socket_id and channel_name from the body, or where the body lacks them from the query
 * string. ALLOWED when well-formed; REQUEST_MALFORMED, PARAMETER_REPEATED, SOCKET_ID_MISSING,
 * SOCKET_ID_INVALID, CHANNEL_INVALID, BATCH_INVALID; CHANNEL_MISSING last, when all else is well
 * (an empty name is a missing one). */
struct verdict subscription_read(const struct request *request,
    const struct subscription_limits *limits, struct arena *arena, struct subscription *out);

/* Read socket_id alone, for user authentication. */
struct verdict subscription_read_socket(const struct request *request, struct text *socket_id);

#endif
