/* http/client_address: the first line of the input is REMOTE_ADDR, each further one an X-Forwarded-For
 * header. The address is the one that a plain reading from left to right ends with, and its text reads
 * back as itself. */
#include "platform.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/client_address.h"

#define MOST_LINES 8
#define MOST_HOPS 64

static const char *const trusted_items[] = {"127.0.0.0/8", "10.0.0.0/8", "2001:db8:ffff::/48"};

static bool is_port(struct text text)
{
	uint64_t port;

	return text_to_u64(text, TEXT_DIGITS_ANY, &port) && port <= 65535;
}

/* An address, with or without a port that begins at the last colon. */
static bool read_hop(struct text hop, struct address *address)
{
	size_t colon = hop.length;

	if (address_parse(hop, address))
		return true;
	while (colon > 0 && hop.data[colon - 1] != ':')
		colon--;
	if (hop.length && hop.data[hop.length - 1] != ']') {
		if (colon == 0 || !is_port(text_skip(hop, colon)))
			return false;
		hop.length = colon - 1;
	}
	if (hop.length && hop.data[0] == '[')
		return hop.length > 1 && hop.data[hop.length - 1] == ']' &&
		       address_parse((struct text){hop.data + 1, hop.length - 2}, address);
	return text_find(hop, ':') == hop.length && address_parse(hop, address);
}

/* All entries of all lines, from left to right. */
static size_t list_hops(char *const *lines, size_t count, struct text hops[MOST_HOPS])
{
	size_t found = 0;

	for (size_t i = 1; i < count; i++) {
		struct text rest = text_of(lines[i]);

		while (rest.length && found < MOST_HOPS) {
			size_t comma = text_find(rest, ',');

			hops[found++] = text_trim((struct text){rest.data, comma});
			if (comma == rest.length)
				break;
			rest = text_skip(rest, comma + 1);
			if (!rest.length && found < MOST_HOPS) /* "a," has an empty entry */
				hops[found++] = rest;
		}
	}
	return found;
}

static void check(const struct client_address *client, const struct trusted_proxies *trusted,
    struct text peer, const struct text *hops, size_t count)
{
	struct address wanted;
	bool known;

	peer.length = text_find(peer, '%');
	known = address_parse(peer, &wanted);
	while (count > 0 && known && network_list_has(&trusted->networks, &wanted)) {
		struct address next;

		if (!read_hop(hops[--count], &next)) {
			FUZZ_REQUIRE(client->doubtful);
			break;
		}
		wanted = next;
	}
	FUZZ_REQUIRE(client->known == known);
	if (!known)
		return;
	FUZZ_REQUIRE(memcmp(&client->address, &wanted, sizeof(wanted)) == 0);
	FUZZ_REQUIRE(address_parse(client->text, &wanted));
	FUZZ_REQUIRE(memcmp(&client->address, &wanted, sizeof(wanted)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1000000);
	struct text rest = fuzz_text(data, size);
	struct trusted_proxies trusted = {.local = false};
	const char *environment[MOST_LINES + 1] = {NULL};
	struct exchange exchange = {.environment = environment};
	struct text hops[MOST_HOPS];
	struct client_address client;
	char *lines[MOST_LINES];
	size_t count = 0;

	FUZZ_REQUIRE(network_list_read(trusted_items, 3, arena, &trusted.networks));
	do {
		lines[count] = fuzz_string(fuzz_line(&rest));
		environment[count] = arena_printf(
		    arena, "%s=%s", count ? "HTTP_X_FORWARDED_FOR" : "REMOTE_ADDR", lines[count]);
		count++;
	} while (rest.length && count < MOST_LINES);
	client = client_address_find(&exchange, &trusted, arena);
	if (list_hops(lines, count, hops) < MOST_HOPS)
		check(&client, &trusted, text_of(lines[0]), hops, list_hops(lines, count, hops));
	for (size_t i = 0; i < count; i++)
		free(lines[i]);
	arena_free(arena);
	return 0;
}
