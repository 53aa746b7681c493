/* How does castgate talk to a WebSocket server, as a client would? */
#ifndef CASTGATE_CLI_WEBSOCKET_H
#define CASTGATE_CLI_WEBSOCKET_H

#include "cli/reach.h"

#define WEBSOCKET_MESSAGE_MAX 65536u
/* Every answer takes memory until the end. */
#define WEBSOCKET_PONGS_MAX 100u

/* One connection; stays where it is while it lasts. */
struct websocket {
	struct reach reach;
	char *bytes; /* received, not yet taken */
	size_t length;
	char *message; /* in pieces, so far */
	size_t message_length;
	unsigned pongs; /* sent */
};

/* Connect to a ws:// or wss:// address and ask for `path` there. False with an error, cause and cure, in the
 * report. Ended with websocket_close in either case. */
bool websocket_open(
    struct websocket *websocket, const struct check *check, const char *url, const char *path);
void websocket_close(struct websocket *websocket);

/* Send one text. False as above. */
bool websocket_send(struct websocket *websocket, struct text message);

/* Zeroed memory is a failure, with an error in the report. */
enum websocket_event { WEBSOCKET_EVENT_FAILED, WEBSOCKET_EVENT_TEXT, WEBSOCKET_EVENT_CLOSED };

/* What the server said. A text points into the websocket and lives until the next call. */
struct websocket_news {
	enum websocket_event event;
	struct text text; /* or the reason of the close */
	unsigned close_code;
};

/* Wait for the next text; pings are answered, WEBSOCKET_PONGS_MAX of them in all. A text is UTF-8 and of at most WEBSOCKET_MESSAGE_MAX bytes in
 * all its pieces. */
struct websocket_news websocket_receive(struct websocket *websocket);

#endif
