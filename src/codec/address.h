/* Which machine or network does this text name? IPv4 and IPv6 in one form, so that they compare. */
#ifndef CASTGATE_CODEC_ADDRESS_H
#define CASTGATE_CODEC_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* An IPv6 address in network order; an IPv4 one as ::ffff:a.b.c.d, whichever way it was written. */
struct address {
	unsigned char bytes[16];
};

/* All addresses whose first `bits` (0 to 128) are those of `first`. */
struct network {
	struct address first;
	unsigned bits;
};

struct network_list {
	const struct network *items;
	size_t count;
};

/* Longest text of an address, with its NUL. */
#define ADDRESS_BYTES 46

/* Read "192.0.2.1" or "2001:db8::1": no zone, no port, no leading zeros in IPv4. False otherwise. */
bool address_parse(struct text text, struct address *address);

/* True for what was IPv4, also when written ::ffff:a.b.c.d. */
bool address_is_ipv4(const struct address *address);

/* Write the one text of an address: dotted for IPv4, else RFC 5952. */
void address_format(const struct address *address, char out[ADDRESS_BYTES]);

/* Read "ADDRESS" or "ADDRESS/BITS". False as well when an address bit beyond BITS is set: it says
 * two things at once. */
bool network_parse(struct text text, struct network *network);

bool network_has(const struct network *network, const struct address *address);

/* Read what the configuration checked; items that are no networks are left out (a list may have
 * words of its own). False when the arena is full; the list is then empty. */
bool network_list_read(
    const char *const *items, size_t count, struct arena *arena, struct network_list *list);

/* True when one of the networks has the address; never for an empty list. */
bool network_list_has(const struct network_list *list, const struct address *address);

#endif
