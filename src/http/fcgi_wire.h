/* How does libfcgi read a request that was already read and screened, and write its reply in time? */
#ifndef CASTGATE_HTTP_FCGI_WIRE_H
#define CASTGATE_HTTP_FCGI_WIRE_H

#include <stdbool.h>

#include "base/text.h"
#include "http/exchange.h"

/* Milliseconds of the monotonic clock. */
long long wire_now(void);

/* Send all of `text` to a socket before `deadline`; false when the peer is gone or too slow. */
bool wire_send(int fd, struct text text, long long deadline);

/* Serve one screened request: let libfcgi parse `wire`, call the responder, and send the reply to
 * `fd` before the deadline given in milliseconds from now. False when the reply could not be sent
 * or libfcgi found a fault; the connection must then be closed. `body_bytes` is what the screen
 * counted. libfcgi never touches `fd`: its reads and writes are taken over by this file. `nowhere` keeps the
 * descriptor that it holds instead between calls: -1 at first, the caller closes it at last. */
bool wire_serve(int fd, struct text wire, size_t body_bytes, const struct responder *responder,
    int reply_milliseconds, int *nowhere);

/* Prove that libfcgi's reads and writes really are taken over (a static or hidden-visibility build
 * would silently keep its own), by letting it parse a made-up request. */
bool wire_self_test(void);

#endif
