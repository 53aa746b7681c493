/* Two bytes, a length in one of three forms, a mask in one direction, and the payload. */
#include "platform.h"
#include "codec/websocket_frame.h"

#include <stdint.h>
#include <string.h>

#define LAST 0x80u
#define RESERVED 0x70u
#define OPCODE 0x0fu
#define MASKED 0x80u
#define LENGTH 0x7fu
#define SHORT_MAX 125u
#define TWO_BYTES 126u
#define EIGHT_BYTES 127u
#define NO_CODE 1005u

static bool is_control(unsigned opcode)
{
	return opcode >= WEBSOCKET_CLOSE;
}

static const char *judge_start(unsigned char first)
{
	unsigned opcode = first & OPCODE;

	if (first & RESERVED)
		return "A frame uses bits that were not agreed on.";
	if (opcode > WEBSOCKET_PONG || (opcode > WEBSOCKET_BINARY && opcode < WEBSOCKET_CLOSE))
		return "A frame is of an unknown kind.";
	if (is_control(opcode) && !(first & LAST))
		return "A control frame comes in pieces.";
	return NULL;
}

static const char *judge_second(unsigned char first, unsigned char second)
{
	if (second & MASKED)
		return "A frame is masked, which only clients do.";
	if (is_control(first & OPCODE) && (second & LENGTH) > SHORT_MAX)
		return "A control frame is too long.";
	return NULL;
}

/* Read the length; *head is where the payload begins. */
static enum websocket_reading read_length(
    struct text bytes, uint64_t *length, size_t *head, const char **problem)
{
	unsigned form = (unsigned char)bytes.data[1] & LENGTH;
	size_t count = form == TWO_BYTES ? 2 : form == EIGHT_BYTES ? 8 : 0;

	*head = 2 + count;
	*length = form;
	if (count == 0)
		return WEBSOCKET_WHOLE;
	if (bytes.length < *head)
		return WEBSOCKET_INCOMPLETE;
	*length = 0;
	for (size_t i = 0; i < count; i++)
		*length = *length << 8 | (unsigned char)bytes.data[2 + i];
	if (*length > (count == 2 ? SHORT_MAX : UINT16_MAX))
		return WEBSOCKET_WHOLE;
	*problem = "A length is written in more bytes than it needs.";
	return WEBSOCKET_BROKEN;
}

enum websocket_reading websocket_frame_read(
    struct text bytes, size_t limit, struct websocket_frame *frame, const char **problem)
{
	enum websocket_reading reading;
	uint64_t length;
	size_t head;

	*frame = (struct websocket_frame){0};
	*problem = bytes.length > 0 ? judge_start((unsigned char)bytes.data[0]) : NULL;
	if (!*problem && bytes.length > 1)
		*problem = judge_second((unsigned char)bytes.data[0], (unsigned char)bytes.data[1]);
	if (*problem)
		return WEBSOCKET_BROKEN;
	if (bytes.length < 2)
		return WEBSOCKET_INCOMPLETE;
	reading = read_length(bytes, &length, &head, problem);
	if (reading != WEBSOCKET_WHOLE)
		return reading;
	if (length > limit) {
		*problem = "A frame is too long.";
		return WEBSOCKET_BROKEN;
	}
	if (bytes.length - head < length)
		return WEBSOCKET_INCOMPLETE;
	frame->opcode = (enum websocket_opcode)((unsigned char)bytes.data[0] & OPCODE);
	frame->is_last = ((unsigned char)bytes.data[0] & LAST) != 0;
	frame->payload = (struct text){bytes.data + head, (size_t)length};
	frame->length = head + (size_t)length;
	return WEBSOCKET_WHOLE;
}

/* Write the two first bytes and the length; how many bytes that were. */
static size_t write_head(unsigned char *out, enum websocket_opcode opcode, size_t length)
{
	size_t count = length <= SHORT_MAX ? 0 : length <= UINT16_MAX ? 2 : 8;

	out[0] = (unsigned char)(LAST | (unsigned)opcode);
	out[1] = (unsigned char)(MASKED | (count == 0      ? length
	                                      : count == 2 ? TWO_BYTES
	                                                   : EIGHT_BYTES));
	for (size_t i = 0; i < count; i++)
		out[2 + i] = (unsigned char)(length >> 8 * (count - 1 - i));
	return 2 + count;
}

struct text websocket_frame_write(enum websocket_opcode opcode, struct text payload,
    const unsigned char mask[WEBSOCKET_MASK_BYTES], struct arena *arena)
{
	unsigned char *out = payload.length < SIZE_MAX - WEBSOCKET_HEAD_BYTES
	                         ? arena_alloc(arena, payload.length + WEBSOCKET_HEAD_BYTES)
	                         : NULL;
	size_t head;

	if (!out)
		return (struct text){0};
	head = write_head(out, opcode, payload.length);
	memcpy(out + head, mask, WEBSOCKET_MASK_BYTES);
	head += WEBSOCKET_MASK_BYTES;
	for (size_t i = 0; i < payload.length; i++)
		out[head + i] = (unsigned char)payload.data[i] ^ mask[i % WEBSOCKET_MASK_BYTES];
	return (struct text){(const char *)out, head + payload.length};
}

/* RFC 6455, section 7.4: those of the protocol but for the three that stand for "none was sent", and those
 * of libraries and applications. */
static bool may_be_sent(unsigned code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != NO_CODE && code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

bool websocket_close_read(struct text payload, unsigned *code, struct text *reason)
{
	*code = NO_CODE;
	*reason = (struct text){"", 0};
	if (payload.length == 0)
		return true;
	if (payload.length == 1)
		return false;
	*code = (unsigned)(unsigned char)payload.data[0] << 8 | (unsigned char)payload.data[1];
	*reason = text_skip(payload, 2);
	return may_be_sent(*code) && text_is_utf8(*reason);
}
