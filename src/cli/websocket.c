/* The opening, frames out, frames in; a message may come in pieces with control frames between. */
#include "platform.h"
#include "cli/websocket.h"

#include <string.h>

#include "codec/websocket_frame.h"
#include "crypto/digest.h"
#include "crypto/websocket_key.h"

#define BUFFER_BYTES (WEBSOCKET_MESSAGE_MAX + WEBSOCKET_HEAD_BYTES)
#define NORMAL_CLOSE "\x03\xe8"

/* What a status other than 101 means; the first row that fits. */
static const struct {
	unsigned from;
	unsigned to;
	const char *cause;
} causes[] = {
    {301, 399, "which a WebSocket does not follow: use the address it redirects to"},
    {401, 403, "so a server in front refuses it: look in its error log"},
    {404, 404,
        "so no WebSocket server is at this path: for a server below a path give that path, "
        "without /app"},
    {426, 426,
        "so it wants another version of the protocol, or a proxy in front drops Upgrade: for "
        "nginx add  proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
        "proxy_set_header Connection \"upgrade\";"},
    {502, 504, "so the server in front cannot reach the WebSocket server: is it running?"},
    {100, 999,
        "so it is not a WebSocket server, or a proxy in front drops Upgrade: for nginx add  "
        "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header "
        "Connection \"upgrade\";"},
};

static bool send_opening(struct websocket *websocket, const char *path, struct text key)
{
	const struct web_address *address = &websocket->reach.address;
	struct text opening = text_of(arena_printf(websocket->reach.check->arena,
	    "GET %s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: castgate\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
	    path, (int)address->authority.length, address->authority.data, key.data));

	if (!text_present(opening))
		return report_no_memory(websocket->reach.check->report);
	return reach_send(&websocket->reach, opening);
}

static void complain_of_status(const struct reach *reach, unsigned status)
{
	size_t row = 0;

	while (status < causes[row].from || status > causes[row].to)
		row++;
	reach_complain(reach, "answers %u, %s", status, causes[row].cause);
}

/* Is it a WebSocket from here on? An extension or a subprotocol was not asked for. */
static bool judge_opening(
    const struct reach *reach, const struct https_head *head, struct text wanted)
{
	struct text upgrade = https_head_field(head, "Upgrade");
	struct text accept = https_head_field(head, "Sec-WebSocket-Accept");

	if (head->status != 101) {
		complain_of_status(reach, head->status);
		return false;
	}
	if (text_is_nocase(upgrade, "websocket") && text_equal(accept, wanted) &&
	    !text_present(https_head_field(head, "Sec-WebSocket-Extensions")) &&
	    !text_present(https_head_field(head, "Sec-WebSocket-Protocol")))
		return true;
	reach_complain(reach,
	    "answers 101 and has not understood the opening of a WebSocket: is it "
	    "one, and does nothing between change its headers?");
	return false;
}

static bool shake_hands(struct websocket *websocket, const char *path)
{
	struct arena *arena = websocket->reach.check->arena;
	struct text key = websocket_key(arena);
	struct text wanted = text_present(key) ? websocket_accept(key, arena) : key;
	struct https_head head;
	struct text rest;

	websocket->bytes = arena_alloc(arena, BUFFER_BYTES);
	websocket->message = arena_alloc(arena, WEBSOCKET_MESSAGE_MAX);
	if (!text_present(wanted) || !websocket->bytes || !websocket->message) {
		reach_complain(&websocket->reach, "cannot be asked: out of memory");
		return false;
	}
	if (!send_opening(websocket, path, key) ||
	    !reach_read_head(&websocket->reach, &head, &rest) ||
	    !judge_opening(&websocket->reach, &head, wanted))
		return false;
	/* the server may have begun to talk; a head has less room than the buffer */
	memcpy(websocket->bytes, rest.data, rest.length);
	websocket->length = rest.length;
	return true;
}

bool websocket_open(
    struct websocket *websocket, const struct check *check, const char *url, const char *path)
{
	static const char *const schemes[] = {"wss", "ws"};

	*websocket = (struct websocket){0};
	return reach_open(&websocket->reach, check, "the WebSocket server", url, schemes) &&
	       shake_hands(websocket, path);
}

static bool send_frame(
    struct websocket *websocket, enum websocket_opcode opcode, struct text payload)
{
	unsigned char mask[WEBSOCKET_MASK_BYTES];
	struct text frame;

	if (!random_bytes(mask, sizeof(mask))) {
		reach_complain(&websocket->reach, "cannot be told more: no random bytes");
		return false;
	}
	frame = websocket_frame_write(opcode, payload, mask, websocket->reach.check->arena);
	if (!text_present(frame)) {
		reach_complain(&websocket->reach, "cannot be told more: out of memory");
		return false;
	}
	return reach_send(&websocket->reach, frame);
}

void websocket_close(struct websocket *websocket)
{
	/* a good-bye whose answer nobody waits for */
	if (websocket->message && websocket->reach.stream)
		(void)send_frame(websocket, WEBSOCKET_CLOSE, TEXT(NORMAL_CLOSE));
	reach_close(&websocket->reach);
}

bool websocket_send(struct websocket *websocket, struct text message)
{
	return send_frame(websocket, WEBSOCKET_TEXT, message);
}

/* Wait for a whole frame. It stays in the buffer until drop_frame. */
static bool receive_frame(struct websocket *websocket, struct websocket_frame *frame)
{
	const char *problem;
	long got;

	for (;;) {
		struct text bytes = {websocket->bytes, websocket->length};

		switch (websocket_frame_read(bytes, WEBSOCKET_MESSAGE_MAX, frame, &problem)) {
		case WEBSOCKET_WHOLE:
			return true;
		case WEBSOCKET_BROKEN:
			reach_complain(&websocket->reach,
			    "does not keep to the WebSocket protocol: %s", problem);
			return false;
		case WEBSOCKET_INCOMPLETE:
			break;
		}
		got = reach_receive(&websocket->reach, websocket->bytes + websocket->length,
		    BUFFER_BYTES - websocket->length);
		if (got == 0)
			reach_complain(&websocket->reach,
			    "ended the connection without a good-bye: look in its log");
		if (got <= 0)
			return false;
		websocket->length += (size_t)got;
	}
}

static void drop_frame(struct websocket *websocket, size_t length)
{
	websocket->length -= length;
	memmove(websocket->bytes, websocket->bytes + length, websocket->length);
}

/* Add a piece; a continuation needs a beginning, and a beginning must not come within a message. */
static const char *add_piece(
    struct websocket *websocket, const struct websocket_frame *frame, bool *begun)
{
	if (frame->opcode == WEBSOCKET_BINARY)
		return "A message is binary.";
	if ((frame->opcode == WEBSOCKET_CONTINUATION) != *begun)
		return "The pieces of a message do not fit together.";
	if (frame->payload.length > WEBSOCKET_MESSAGE_MAX - websocket->message_length)
		return "A message is too long.";
	memcpy(websocket->message + websocket->message_length, frame->payload.data,
	    frame->payload.length);
	websocket->message_length += frame->payload.length;
	*begun = true;
	if (frame->is_last &&
	    !text_is_utf8((struct text){websocket->message, websocket->message_length}))
		return "A text is not UTF-8.";
	return NULL;
}

static struct websocket_news closed(
    const struct websocket_frame *frame, struct websocket *websocket)
{
	struct websocket_news news = {.event = WEBSOCKET_EVENT_CLOSED};

	if (!websocket_close_read(frame->payload, &news.close_code, &news.text)) {
		reach_complain(&websocket->reach,
		    "does not keep to the WebSocket protocol: its good-bye is broken");
		news.event = WEBSOCKET_EVENT_FAILED;
	}
	return news;
}

static bool send_pong(struct websocket *websocket, struct text payload)
{
	if (websocket->pongs++ < WEBSOCKET_PONGS_MAX)
		return send_frame(websocket, WEBSOCKET_PONG, payload);
	reach_complain(&websocket->reach,
	    "pings more than %u times where a few messages are expected", WEBSOCKET_PONGS_MAX);
	return false;
}

/* Is this the end of a text? *failed with an error in the report. */
static bool take_frame(
    struct websocket *websocket, const struct websocket_frame *frame, bool *begun, bool *failed)
{
	const char *problem;

	if (frame->opcode == WEBSOCKET_PING || frame->opcode == WEBSOCKET_PONG) {
		*failed = frame->opcode == WEBSOCKET_PING && !send_pong(websocket, frame->payload);
		return false;
	}
	problem = add_piece(websocket, frame, begun);
	*failed = problem != NULL;
	if (problem)
		reach_complain(
		    &websocket->reach, "does not keep to the WebSocket protocol: %s", problem);
	return !problem && frame->is_last;
}

struct websocket_news websocket_receive(struct websocket *websocket)
{
	struct websocket_frame frame;
	bool begun = false;
	bool failed = false;
	bool whole = false;

	websocket->message_length = 0;
	while (!whole && !failed && receive_frame(websocket, &frame)) {
		if (frame.opcode == WEBSOCKET_CLOSE)
			return closed(&frame, websocket);
		whole = take_frame(websocket, &frame, &begun, &failed);
		drop_frame(websocket, frame.length);
	}
	if (!whole)
		return (struct websocket_news){0};
	return (struct websocket_news){
	    .event = WEBSOCKET_EVENT_TEXT, .text = {websocket->message, websocket->message_length}};
}
