/* Scheme, host, port, path; what could mean two things to two readers is no address. */
#include "platform.h"
#include "codec/web_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const struct scheme {
	const char *start;
	const char *name;
	bool tls;
	struct text port;
} schemes[] = {
    {"https://", "https", true, {":443", 4}},
    {"http://", "http", false, {":80", 3}},
    {"wss://", "wss", true, {":443", 4}},
    {"ws://", "ws", false, {":80", 3}},
};

static const struct scheme *scheme_of(struct text url)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (text_starts_with(url, schemes[i].start))
			return &schemes[i];
	return NULL;
}

static bool copy_into(char *out, size_t size, struct text text)
{
	if (text.length == 0 || text.length >= size)
		return false;
	memcpy(out, text.data, text.length);
	out[text.length] = '\0';
	return true;
}

/* Cut the host, out of its brackets, off an authority; ":PORT" or nothing is left. */
static bool take_host(struct text *rest, struct text *host)
{
	bool bracketed = text_starts_with(*rest, "[");
	size_t end;

	if (bracketed)
		*rest = text_skip(*rest, 1);
	end = text_find(*rest, bracketed ? ']' : ':');
	if (bracketed && end == rest->length)
		return false;
	*host = (struct text){rest->data, end};
	*rest = text_skip(*rest, end + bracketed);
	return true;
}

/* Nothing that could end a line of a request, or be taken for more than an address. */
static bool is_plain(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url >= 0x7f || strchr("@#\\\"", *url))
			return false;
	return true;
}

bool web_address_read(const char *url, struct web_address *address)
{
	const struct scheme *scheme = scheme_of(text_of(url));
	unsigned char number[sizeof(struct in6_addr)];
	struct text rest;
	struct text host;
	uint64_t port;
	size_t end;

	*address = (struct web_address){0};
	if (!scheme || !is_plain(url))
		return false;
	rest = text_skip(text_of(url), strlen(scheme->start));
	end = strcspn(rest.data, "/?");
	address->scheme = scheme->name;
	address->tls = scheme->tls;
	address->authority = (struct text){rest.data, end};
	address->path = rest.data[end] ? rest.data + end : "/";
	rest.length = end;
	if (address->path[0] != '/' || !take_host(&rest, &host))
		return false;
	if (rest.length == 0)
		rest = scheme->port;
	if (!text_starts_with(rest, ":") ||
	    !copy_into(address->port, sizeof(address->port), text_skip(rest, 1)) ||
	    !text_to_u64(text_skip(rest, 1), TEXT_DIGITS_ANY, &port) || port < 1 || port > 65535 ||
	    !copy_into(address->host, sizeof(address->host), host))
		return false;
	address->numeric = inet_pton(AF_INET, address->host, number) == 1 ||
	                   inet_pton(AF_INET6, address->host, number) == 1;
	return true;
}
