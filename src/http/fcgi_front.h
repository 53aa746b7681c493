/* How are FastCGI connections accepted, kept, read in time, and let go? */
#ifndef CASTGATE_HTTP_FCGI_FRONT_H
#define CASTGATE_HTTP_FCGI_FRONT_H

#include <stdbool.h>

#include "http/crew.h"
#include "http/exchange.h"
#include "http/peers.h"

/* Time limits in milliseconds: for a request to arrive whole, and for its reply to be taken. */
struct fcgi_limits {
	int request_milliseconds;
	int reply_milliseconds;
	const struct peers *peers;    /* who may connect; NULL: peers_any_local */
	const struct crew_seat *crew; /* workers that share the socket; NULL: alone */
};

/* Block the signals that fcgi_serve and prefork_run read, so that one which comes while the process
 * still starts is kept for them. Called first thing. False when that fails. */
bool fcgi_block_signals(void);

/* Serve requests from a listening socket until SIGTERM, SIGINT or SIGUSR1, then answer what is
 * already queued, close the socket and return main's exit status. Blocks those signals and reads
 * them through the poll set, so that no call is ever interrupted half way. One request at a time;
 * idle kept connections wait in the poll set and never occupy the process. A peer that sends nonsense
 * loses its connection; one that stalls costs one deadline; a stranger is not heard at all. While the
 * responder is unable and another of the crew is not, nothing is accepted. When the process that
 * made the socket and started this one ends, that is a SIGTERM (see keeper.h). Returns a failure when
 * libfcgi could not be taken over (see fcgi_wire.h). */
int fcgi_serve(int listen_fd, const struct responder *responder, const struct fcgi_limits *limits);

#endif
