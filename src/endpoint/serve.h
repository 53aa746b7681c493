/* The two calls a transport makes for each request; see struct responder. */
#ifndef CASTGATE_ENDPOINT_SERVE_H
#define CASTGATE_ENDPOINT_SERVE_H

#include "base/trace.h"
#include "http/exchange.h"

struct call;
struct service;

/* Answer one request; `context` is the struct service. Never absent, never longer than it takes:
 * the database's deadline bounds it. */
struct text service_answer(void *context, const struct exchange *exchange);

/* Decide as service_answer does, by the same code, and change nothing: no throttle is charged, no token
 * touched, no line logged, no reply built. *call holds the decision and its ticket, and `trace` the way
 * there, until service_finish. An action that changes data is not tried out: UNDECIDED. */
void service_rehearse(struct service *service, const struct exchange *exchange, struct trace *trace,
    struct call *call);

/* Late work of the request just answered, then wipe its memory. */
void service_finish(void *context);

#endif
