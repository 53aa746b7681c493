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

#endif
