/* Addresses are sixteen bytes; IPv4 lives in ::ffff:0:0/96, so one comparison serves both. */
#include "platform.h"
#include "codec/address.h"

#include <arpa/inet.h>
#include <string.h>

#define MAPPED_BITS 96

static const unsigned char mapped[MAPPED_BITS / 8] = {[10] = 0xff, [11] = 0xff};

bool address_parse(struct text text, struct address *address)
{
	char copy[ADDRESS_BYTES];

	if (!text.length || text.length >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	if (strlen(copy) != text.length)
		return false;
	memcpy(address->bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, copy, address->bytes + sizeof(mapped)) == 1 ||
	       inet_pton(AF_INET6, copy, address->bytes) == 1;
}

bool address_is_ipv4(const struct address *address)
{
	return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

void address_format(const struct address *address, char out[ADDRESS_BYTES])
{
	if (address_is_ipv4(address))
		(void)inet_ntop(AF_INET, address->bytes + sizeof(mapped), out, ADDRESS_BYTES);
	else
		(void)inet_ntop(AF_INET6, address->bytes, out, ADDRESS_BYTES);
}

/* The bits of byte `index` that belong to a prefix of `bits`. */
static unsigned char prefix_mask(unsigned bits, size_t index)
{
	unsigned before = (unsigned)index * 8;

	if (bits <= before)
		return 0;
	return bits - before >= 8 ? 0xff : (unsigned char)(0xff00u >> (bits - before));
}

bool network_parse(struct text text, struct network *network)
{
	size_t slash = text_find(text, '/');
	struct text address = {text.data, slash};
	bool dotted = text_find(address, ':') == address.length;
	uint64_t bits;

	if (!address_parse(address, &network->first))
		return false;
	network->bits = 128;
	if (slash == text.length)
		return true;
	if (!text_to_u64(text_skip(text, slash + 1), TEXT_DIGITS_CANONICAL, &bits))
		return false;
	if (bits > (dotted ? 32 : 128))
		return false;
	network->bits = (unsigned)bits + (dotted ? MAPPED_BITS : 0);
	for (size_t i = 0; i < sizeof(network->first.bytes); i++)
		if (network->first.bytes[i] & (unsigned char)~prefix_mask(network->bits, i))
			return false;
	return true;
}

bool network_has(const struct network *network, const struct address *address)
{
	for (size_t i = 0; i < sizeof(address->bytes); i++)
		if ((address->bytes[i] ^ network->first.bytes[i]) & prefix_mask(network->bits, i))
			return false;
	return true;
}

bool network_list_read(
    const char *const *items, size_t count, struct arena *arena, struct network_list *list)
{
	struct network *networks = arena_array(arena, count, sizeof(*networks));

	*list = (struct network_list){networks, 0};
	for (size_t i = 0; networks && i < count; i++)
		if (network_parse(text_of(items[i]), &networks[list->count]))
			list->count++;
	return networks || count == 0;
}

bool network_list_has(const struct network_list *list, const struct address *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (network_has(&list->items[i], address))
			return true;
	return false;
}
