/* How do the bytes of a WebSocket become frames, and back? */
#ifndef CASTGATE_CODEC_WEBSOCKET_FRAME_H
#define CASTGATE_CODEC_WEBSOCKET_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* RFC 6455, section 5.2, as a client sees it: what a server sends is never masked, what a client sends
 * always is. */
enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10
};

#define WEBSOCKET_MASK_BYTES 4
#define WEBSOCKET_HEAD_BYTES 14 /* at most */

struct websocket_frame {
	enum websocket_opcode opcode;
	bool is_last; /* of its message */
	struct text payload;
	size_t length; /* of the whole frame */
};

/* Zeroed memory is broken. */
enum websocket_reading { WEBSOCKET_BROKEN, WEBSOCKET_INCOMPLETE, WEBSOCKET_WHOLE };

/* Read the first frame of what a server has sent so far. Broken, with *problem set (a static sentence), for
 * a masked frame, reserved bits, an unknown opcode, a control frame in pieces or of more than 125 bytes, a
 * length in more bytes than it needs, and a payload of more than `limit` bytes; each as soon as it is
 * seen. The payload points into `bytes`. */
enum websocket_reading websocket_frame_read(
    struct text bytes, size_t limit, struct websocket_frame *frame, const char **problem);

/* A client's frame, whole and masked with random bytes. Absent when the arena is full. */
struct text websocket_frame_write(enum websocket_opcode opcode, struct text payload,
    const unsigned char mask[WEBSOCKET_MASK_BYTES], struct arena *arena);

/* Take the payload of a close frame apart; the code is 1005 without one. False for one byte, a code that
 * may not be sent, and a reason that is not UTF-8. */
bool websocket_close_read(struct text payload, unsigned *code, struct text *reason);

#endif
