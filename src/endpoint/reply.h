/* How does a verdict become the bytes a web server passes on? */
#ifndef CASTGATE_ENDPOINT_REPLY_H
#define CASTGATE_ENDPOINT_REPLY_H

#include "endpoint/call.h"

/* The reply in CGI form for call->verdict: Status with its phrase, Content-Type, Content-Length,
 * Cache-Control, X-Request-Id, CORS headers on every status, Allow, Retry-After and
 * WWW-Authenticate where due, and the body. Never absent: when the arena is full a fixed 503. */
struct text reply_build(struct call *call, int status);

#endif
