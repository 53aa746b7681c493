/* How do bytes get to another host and back, in TLS or without, within a deadline? */
#ifndef CASTGATE_CRYPTO_STREAM_H
#define CASTGATE_CRYPTO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/web_address.h"

struct stream_settings {
	const char *ca_file; /* PEM certificates that sign the server's; NULL: the system's */
	const struct clock *clock;
	int64_t deadline_microseconds; /* of the monotonic clock; for everything together */
};

/* Why a stream cannot be had, or has ended. */
enum stream_failure {
	STREAM_FAILED, /* memory, or TLS cannot be set up */
	STREAM_NAME_UNKNOWN,
	STREAM_UNREACHABLE,
	STREAM_REFUSED, /* nothing listens there */
	STREAM_CA_UNREADABLE,
	STREAM_CERTIFICATE, /* not for this name, not signed by the CA, or out of date */
	STREAM_TLS_REFUSED,
	STREAM_CLOSED,     /* by the server while it was sent something */
	STREAM_BROKEN_OFF, /* while it was read */
	STREAM_LATE,
	STREAM_FAILURES
};

/* `detail` is what the resolver, the kernel or OpenSSL said, to be used before strerror(3) is called
 * again; or NULL. */
struct stream_problem {
	enum stream_failure failure;
	const char *detail;
};

/* One sentence (static): "The server's name is not known." */
const char *stream_sentence(enum stream_failure failure);

struct stream;

/* Connect to the address, and in TLS where its scheme says so: the server must then show a certificate
 * for the address's host that the CA signed, over TLS 1.2 or newer. No proxy is used, whatever the
 * environment says. The deadline holds but for the resolver, which is asked once for each name server, a
 * second long. Until stream_close SIGPIPE is ignored: a server that hangs up must not end the program.
 * NULL with *problem filled. `address` and `settings` must outlive it; ended with stream_close, which
 * allows NULL. */
struct stream *stream_open(const struct web_address *address,
    const struct stream_settings *settings, struct stream_problem *problem);
void stream_close(struct stream *stream);

/* Send all of it. False with *problem filled. */
bool stream_write(struct stream *stream, struct text bytes, struct stream_problem *problem);

/* Read at least one and at most `size` bytes (size > 0). 0 when the server ended in good order, in TLS with
 * its good-bye; -1 with *problem filled. */
long stream_read(struct stream *stream, void *data, size_t size, struct stream_problem *problem);

#endif
