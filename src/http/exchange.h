/* What does a transport hand to the service, and what does it get back? */
#ifndef CASTGATE_HTTP_EXCHANGE_H
#define CASTGATE_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Zeroed memory is "cut": a body nobody vouched for is never acted upon. */
enum body_state { BODY_CUT, BODY_COMPLETE, BODY_TOO_LARGE };

/* One request as it arrived: CGI meta-variables ("NAME=VALUE", NULL-terminated) and the body.
 * Nothing in it has been looked at but its wholeness. */
struct exchange {
	const char *const *environment;
	struct text body;
	enum body_state body_state;
};

/* The service as a transport sees it. `answer` returns the reply in CGI form (header lines, an
 * empty line, the body), valid until `finish`; never absent. `finish` does what may come after the
 * reply and wipes the request; it is called exactly once after each `answer`. `refresh`, which may
 * be NULL, is called between requests: `asked` when somebody sent SIGHUP. `tell`, which may be NULL,
 * puts a warning about the transport into the log; it is called between requests only. `yield`, which
 * may be NULL, is called when the descriptor `wanted_fd` (-1: none) is readable and there is nothing
 * else to do: another process waits for something that this one only keeps. */
struct responder {
	struct text (*answer)(void *context, const struct exchange *exchange);
	void (*finish)(void *context);
	void (*refresh)(void *context, bool asked);
	void *context;
	size_t max_body; /* bytes of body worth keeping */
	void (*tell)(void *context, const char *message);
	bool unable; /* for the time being nothing is answered as it should be */
	void (*yield)(void *context);
	int wanted_fd;
};

/* The value of a meta-variable; absent when it is not there. */
struct text exchange_variable(const struct exchange *exchange, const char *name);

/* The value of one of several meta-variables of this name, counted from 0; absent beyond the last. */
struct text exchange_variable_at(const struct exchange *exchange, const char *name, size_t index);

/* Judge a body against CONTENT_LENGTH: `received` bytes came, of which at most `max_body` were
 * kept, and the stream ended cleanly or not. A missing CONTENT_LENGTH counts as 0,
 * unless the body was sent in chunks: then it is cut. */
enum body_state exchange_body_state(
    const char *const *environment, size_t received, size_t max_body, int stream_ended_cleanly);

#endif
