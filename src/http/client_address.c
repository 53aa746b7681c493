/* The rightmost address that is no trusted proxy: what stands left of it, the client made up. */
#include "platform.h"
#include "http/client_address.h"

#include <string.h>

#define FORWARDED_FOR "HTTP_X_FORWARDED_FOR="

bool trusted_proxies_open(
    const struct config_list *config, struct arena *arena, struct trusted_proxies *proxies)
{
	proxies->local = false;
	for (size_t i = 0; i < config->count; i++)
		proxies->local = proxies->local || strcmp(config->items[i], "unix") == 0;
	return network_list_read(config->items, config->count, arena, &proxies->networks);
}

/* Entries of all X-Forwarded-For lines, from the last to the first. */
struct hops {
	const char *const *environment;
	size_t line;      /* lines before this one are still unread */
	struct text rest; /* what is left of the line in hand; absent: take the next line */
};

static struct hops hops_start(const struct exchange *exchange)
{
	struct hops hops = {.environment = exchange->environment};

	while (hops.environment && hops.environment[hops.line])
		hops.line++;
	return hops;
}

/* Step to the line before; false when there is none. An empty one says nothing. */
static bool previous_line(struct hops *hops)
{
	size_t length = strlen(FORWARDED_FOR);

	while (hops->line > 0) {
		const char *variable = hops->environment[--hops->line];

		if (strncmp(variable, FORWARDED_FOR, length) == 0 && variable[length]) {
			hops->rest = text_of(variable + length);
			return true;
		}
	}
	return false;
}

/* The next entry to the left, trimmed; false when all were read. */
static bool previous_hop(struct hops *hops, struct text *hop)
{
	size_t start;

	if (!text_present(hops->rest) && !previous_line(hops))
		return false;
	start = hops->rest.length;
	while (start > 0 && hops->rest.data[start - 1] != ',')
		start--;
	*hop = text_trim(text_skip(hops->rest, start));
	hops->rest = start > 0 ? (struct text){hops->rest.data, start - 1} : (struct text){0};
	return true;
}

/* Some proxies append the port, which only then brackets an IPv6 address. */
static bool parse_hop(struct text hop, struct address *address)
{
	size_t end = text_find(hop, ':');
	uint64_t port;

	if (address_parse(hop, address))
		return true;
	if (text_starts_with(hop, "[")) {
		end = text_find(hop, ']');
		if (end == hop.length ||
		    !address_parse((struct text){hop.data + 1, end - 1}, address))
			return false;
		end++;
	} else if (!address_parse((struct text){hop.data, end}, address)) {
		return false;
	}
	return end == hop.length ||
	       (hop.data[end] == ':' &&
	           text_to_u64(text_skip(hop, end + 1), TEXT_DIGITS_ANY, &port) && port < 65536);
}

/* A link-local peer comes with the name of the interface. */
static bool parse_peer(struct text peer, struct address *address)
{
	peer.length = text_find(peer, '%');
	return address_parse(peer, address);
}

static bool is_forwarded(const struct exchange *exchange)
{
	static const char *const names[] = {
	    "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (exchange_variable(exchange, names[i]).length)
			return true;
	return false;
}

static struct text written(const struct address *address, struct arena *arena)
{
	char text[ADDRESS_BYTES] = "";

	address_format(address, text);
	return text_of(arena_copy(arena, text, strlen(text)));
}

struct client_address client_address_find(
    const struct exchange *exchange, const struct trusted_proxies *trusted, struct arena *arena)
{
	struct client_address client = {0};
	struct hops hops = hops_start(exchange);
	struct address next;
	struct text hop;
	bool trusts;

	client.known = parse_peer(exchange_variable(exchange, "REMOTE_ADDR"), &client.address);
	trusts =
	    client.known ? network_list_has(&trusted->networks, &client.address) : trusted->local;
	client.doubtful = !trusts && is_forwarded(exchange);
	while (trusts && previous_hop(&hops, &hop)) {
		client.doubtful = !parse_hop(hop, &next);
		if (client.doubtful)
			break;
		client.address = next;
		client.known = true;
		trusts = network_list_has(&trusted->networks, &client.address);
	}
	if (client.known)
		client.text = written(&client.address, arena);
	return client;
}
