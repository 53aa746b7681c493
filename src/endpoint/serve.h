/* The two calls a transport makes for each request; see struct responder. */
#ifndef CASTGATE_ENDPOINT_SERVE_H
#define CASTGATE_ENDPOINT_SERVE_H

#include "http/exchange.h"

/* Answer one request; `context` is the struct service. Never absent, never longer than it takes:
 * the database's deadline bounds it. */
struct text service_answer(void *context, const struct exchange *exchange);

/* Late work of the request just answered, then wipe its memory. */
void service_finish(void *context);

#endif
