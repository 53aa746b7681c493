/* Which answer proves that a server has understood the opening of a WebSocket? */
#ifndef CASTGATE_CRYPTO_WEBSOCKET_KEY_H
#define CASTGATE_CRYPTO_WEBSOCKET_KEY_H

#include "base/arena.h"
#include "base/text.h"

/* A fresh Sec-WebSocket-Key (RFC 6455, section 4.1). Absent without random bytes and when the arena is
 * full. */
struct text websocket_key(struct arena *arena);

/* The Sec-WebSocket-Accept that goes with it. It is SHA-1, which is no secret here but a sign of life.
 * Absent when OpenSSL fails and when the arena is full. */
struct text websocket_accept(struct text key, struct arena *arena);

#endif
