/* How is another server reached, and how is it told that it cannot be? */
#ifndef CASTGATE_CLI_REACH_H
#define CASTGATE_CLI_REACH_H

#include "cli/check.h"
#include "crypto/https_reply.h"
#include "crypto/stream.h"

/* One conversation with a server; stays where it is while it lasts. */
struct reach {
	const struct check *check;
	const char *who; /* "the web server" */
	struct web_address address;
	struct stream_settings settings;
	struct stream *stream;
};

/* Read the address, one of two schemes, and connect. False with one error, its cause and cure, in the
 * report. Ended with reach_close in either case. */
bool reach_open(struct reach *reach, const struct check *check, const char *who, const char *url,
    const char *const schemes[2]);
void reach_close(struct reach *reach);

/* Send all of it. False as above. */
bool reach_send(struct reach *reach, struct text bytes);

/* Read once into `room` bytes; 0 at a good end, -1 with an error in the report. */
long reach_receive(struct reach *reach, char *data, size_t room);

/* Read a reply's head; *rest are the bytes that came behind it. False with an error in the report. */
bool reach_read_head(struct reach *reach, struct https_head *head, struct text *rest);

/* Add an error that begins with "WHO HOST:PORT ". */
void reach_complain(const struct reach *reach, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
