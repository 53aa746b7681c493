/* Which address does the client have, and how far can that be believed? */
#ifndef CASTGATE_HTTP_CLIENT_ADDRESS_H
#define CASTGATE_HTTP_CLIENT_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "codec/address.h"
#include "config/config.h"
#include "http/exchange.h"

/* Whose X-Forwarded-For counts. Zeroed: nobody's. */
struct trusted_proxies {
	struct network_list networks;
	bool local; /* peers without an IP address: UNIX sockets */
};

/* Compile the directive's list: networks, and the word "unix". False when the arena is full. */
bool trusted_proxies_open(
    const struct config_list *config, struct arena *arena, struct trusted_proxies *proxies);

/* Zeroed memory is a client without an address, whom no list contains. */
struct client_address {
	bool known;
	struct address address; /* of no meaning unless known */
	struct text text;       /* the same, written; absent unless known */
	/* Somebody forwards without being trusted, or wrote what is no address: many clients may share
	 * this address, so it must not open anything (development replies). */
	bool doubtful;
};

/* Find the client behind the trusted proxies. REMOTE_ADDR is the peer; while the address in hand is
 * a trusted proxy's, the next entry of X-Forwarded-For from the right takes its place. An entry that
 * is no address ends the walk at the proxy that wrote it. Entries may carry a port ("192.0.2.1:80",
 * "[2001:db8::1]:80"). Repeated header lines are one list, in their order. `Forwarded` and others
 * are never followed; from a peer that is not trusted they only make the address doubtful.
 * Allocates only the text; when the arena is full it is absent. */
struct client_address client_address_find(
    const struct exchange *exchange, const struct trusted_proxies *trusted, struct arena *arena);

#endif
