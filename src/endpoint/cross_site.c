/* Fetch metadata and Origin say who made a request; a script can write neither. */
#include "platform.h"
#include "endpoint/cross_site.h"

bool cross_site_listed(const struct config_endpoint *config, struct text origin)
{
	for (size_t i = 0; i < config->cors_origins.count; i++)
		if (text_is(origin, config->cors_origins.items[i]))
			return true;
	return false;
}

static bool only_reads(struct text method)
{
	return text_is(method, "GET") || text_is(method, "HEAD") || text_is(method, "OPTIONS");
}

/* Host in lower case equals what a browser writes after the scheme; a default port may stand there. */
static bool is_host(struct text host, struct text authority, const char *default_port)
{
	struct text port;

	if (host.length < authority.length || authority.length == 0)
		return false;
	port = text_skip(host, authority.length);
	if (port.length && !text_is(port, default_port))
		return false;
	for (size_t i = 0; i < authority.length; i++) {
		char byte = host.data[i];

		if (byte >= 'A' && byte <= 'Z')
			byte = (char)(byte - 'A' + 'a');
		if (byte != authority.data[i])
			return false;
	}
	return true;
}

/* TLS may end in front of the web server, so http is no proof of http; https is one of https. */
static bool is_own(const struct request *request, struct text origin)
{
	struct text host = request_header(request, "HOST");
	struct text tls = exchange_variable(request->exchange, "HTTPS");

	if (text_starts_with(origin, "https://"))
		return is_host(host, text_skip(origin, 8), ":443");
	return text_starts_with(origin, "http://") && !text_is_nocase(tls, "on") &&
	       is_host(host, text_skip(origin, 7), ":80");
}

bool cross_site_request(const struct config_endpoint *config, const struct request *request)
{
	struct text site = request_header(request, "SEC_FETCH_SITE");
	struct text origin = request->origin;

	if (only_reads(request->method) || cross_site_listed(config, origin))
		return false;
	if (text_present(site) && !text_is(site, "same-origin") && !text_is(site, "none"))
		return true;
	return text_present(origin) && !is_own(request, origin);
}
