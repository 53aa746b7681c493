/* Is this the whole reply of a web server, and what does it carry? */
#ifndef CASTGATE_CRYPTO_HTTPS_REPLY_H
#define CASTGATE_CRYPTO_HTTPS_REPLY_H

#include <stdbool.h>

#include "base/text.h"

/* Zeroed memory is a broken reply. */
enum https_reply { HTTPS_REPLY_BROKEN, HTTPS_REPLY_INCOMPLETE, HTTPS_REPLY_COMPLETE };

/* Look at the bytes that have come so far; `ended` when the server closed the connection in good
 * order. Complete is a status of exactly 200 with a body as long as Content-Length says or, without
 * one, up to the end; *body then points into `reply`. A redirect, an encoded or chunked body (nobody
 * asked for one), two lengths, a folded header and more bytes than announced are broken, with
 * *problem set (a static sentence). */
enum https_reply https_reply_read(
    struct text reply, bool ended, struct text *body, const char **problem);

/* The head of a reply of whatever status: its header lines, as they came. */
struct https_head {
	unsigned status;
	struct text fields;
};

/* Read the head of what has come so far. Complete with *reply cut down to what follows the empty line;
 * broken with *problem set (a static sentence). Points into `reply`. */
enum https_reply https_head_read(struct text *reply, struct https_head *head, const char **problem);

/* The first value of a field, whatever the case of its name; absent without. */
struct text https_head_field(const struct https_head *head, const char *wanted);

#endif
