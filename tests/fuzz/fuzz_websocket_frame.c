/* codec/websocket_frame: a frame is whole at its last byte and not before, and what is broken stays so;
 * what is written reads back as what it was. */
#include "platform.h"
#include "fuzz.h"

#include <string.h>

#include "codec/websocket_frame.h"

#define LIMIT 300u

static enum websocket_reading check_prefix(struct text bytes, enum websocket_reading before)
{
	struct websocket_frame frame;
	const char *problem;
	enum websocket_reading reading = websocket_frame_read(bytes, LIMIT, &frame, &problem);

	FUZZ_REQUIRE((reading == WEBSOCKET_BROKEN) == (problem != NULL));
	FUZZ_REQUIRE(before != WEBSOCKET_BROKEN || reading == WEBSOCKET_BROKEN);
	FUZZ_REQUIRE(before != WEBSOCKET_WHOLE || reading == WEBSOCKET_WHOLE);
	if (reading != WEBSOCKET_WHOLE)
		return reading;
	FUZZ_REQUIRE(before == WEBSOCKET_WHOLE || frame.length == bytes.length);
	FUZZ_REQUIRE(frame.payload.length <= LIMIT);
	FUZZ_REQUIRE(frame.payload.data + frame.payload.length == bytes.data + frame.length);
	FUZZ_REQUIRE(
	    frame.opcode < WEBSOCKET_CLOSE || (frame.is_last && frame.payload.length <= 125));
	if (frame.opcode == WEBSOCKET_CLOSE) {
		struct text reason;
		unsigned code;

		if (websocket_close_read(frame.payload, &code, &reason))
			FUZZ_REQUIRE(code >= 1000 && code < 5000 && text_is_utf8(reason));
	}
	return reading;
}

static void check_written(struct text payload)
{
	static const unsigned char mask[WEBSOCKET_MASK_BYTES] = {1, 2, 3, 4};
	struct arena *arena = arena_new(65536);
	struct text written = websocket_frame_write(WEBSOCKET_TEXT, payload, mask, arena);
	size_t head = written.length - payload.length;

	FUZZ_REQUIRE(text_present(written) && head <= WEBSOCKET_HEAD_BYTES);
	FUZZ_REQUIRE((unsigned char)written.data[1] & 0x80);
	for (size_t i = 0; i < payload.length; i++)
		FUZZ_REQUIRE((unsigned char)(written.data[head + i] ^ mask[i % sizeof(mask)]) ==
		             (unsigned char)payload.data[i]);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text whole = fuzz_text(data, size);
	enum websocket_reading before = WEBSOCKET_INCOMPLETE;

	for (size_t length = 0; length <= size && length <= 1000; length++)
		before = check_prefix((struct text){whole.data, length}, before);
	if (size <= 30000)
		check_written(whole);
	return 0;
}
