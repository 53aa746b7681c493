/* What does an https:// address answer, within a deadline? */
#ifndef CASTGATE_CRYPTO_HTTPS_GET_H
#define CASTGATE_CRYPTO_HTTPS_GET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

struct https_settings {
	const char *ca_file; /* PEM certificates that sign the server's; NULL: the system's */
	const struct clock *clock;
	int64_t deadline_microseconds; /* of the monotonic clock; for everything together */
	size_t max_bytes;              /* of the whole reply */
};

/* Send one GET and return the body of a reply of status 200 (crypto/https_reply.h). The server must
 * show a certificate for the address's host that the CA signed, over TLS 1.2 or newer. No redirect
 * is followed, no proxy is used, whatever the environment says, and no cookie, user or password is
 * sent. False with *problem set (static) otherwise. The body belongs to the arena. The deadline
 * holds but for the resolver, which is asked once for each name server, a second long. */
bool https_get(const char *url, const struct https_settings *settings, struct arena *arena,
    struct text *body, const char **problem);

#endif
