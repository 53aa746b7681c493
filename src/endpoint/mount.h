/* By which way did a web server hand a request over? */
#ifndef CASTGATE_ENDPOINT_MOUNT_H
#define CASTGATE_ENDPOINT_MOUNT_H

#include "http/exchange.h"

/* One way, and what to do about an Authorization header that does not come through it. */
struct mount {
	const char *code; /* stable, for programs */
	const char *name; /* for a person */
	const char
	    *line; /* the line that hands the header over; NULL: the server does so by itself */
	const char *place; /* where the line belongs; without one, what to look for */
};

/* Told from what the server hands over beside the headers, which no client can make up. Never NULL. */
const struct mount *mount_of(const struct exchange *exchange);

/* The mount of a code; NULL for other words. */
const struct mount *mount_named(struct text code);

#endif
