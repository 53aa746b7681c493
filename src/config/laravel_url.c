/* Cuts a database URL into its parts. */
#include "platform.h"
#include "config/laravel_url.h"

#include <string.h>

#include "base/text.h"
#include "codec/base64.h"

/* Decode %XX; NULL when the arena is full or an escape is broken or hides a NUL. */
static const char *decode(struct text part, struct arena *arena)
{
	char *out = arena_alloc(arena, part.length + 1);
	size_t length = 0;

	for (size_t i = 0; out && i < part.length; i++) {
		unsigned char byte = (unsigned char)part.data[i];

		if (byte == '%') {
			if (part.length - i < 3 ||
			    !hex_decode((struct text){part.data + i + 1, 2}, &byte, 1) || !byte)
				return NULL;
			i += 2;
		}
		out[length++] = (char)byte;
	}
	return out;
}

/* The part before `byte`; `rest` becomes what follows it, or empty. */
static struct text take_until(struct text *rest, char byte)
{
	size_t at = text_find(*rest, byte);
	struct text part = {rest->data, at};

	*rest = text_skip(*rest, at < rest->length ? at + 1 : at);
	return part;
}

static bool query_is_harmless(struct text query)
{
	while (query.length) {
		struct text pair = take_until(&query, '&');

		if (!text_starts_with(pair, "charset=") && !text_starts_with(pair, "collation="))
			return false;
	}
	return true;
}

static size_t last_of(struct text text, char byte)
{
	size_t at = text.length;

	while (at > 0 && text.data[at - 1] != byte)
		at--;
	return at; /* one past it, or 0 */
}

/* "USER:PASSWORD@HOST:PORT", each part optional. */
static bool split_authority(struct text authority, struct arena *arena, struct laravel_url *url)
{
	size_t at = last_of(authority, '@');
	struct text login = {authority.data, at ? at - 1 : 0};
	struct text server = text_skip(authority, at);
	size_t bracket = last_of(server, ']');
	struct text port = text_skip(server, bracket);

	url->user = decode(take_until(&login, ':'), arena);
	url->password = decode(login, arena);
	port = text_skip(port, text_find(port, ':'));
	server.length -= port.length;
	url->host = decode(server, arena);
	url->port = decode(text_skip(port, port.length ? 1 : 0), arena);
	return url->user && url->password && url->host && url->port;
}

const char *laravel_url_parse(const char *text, struct arena *arena, struct laravel_url *url)
{
	const char *separator = strstr(text, "://");
	struct text rest = text_of(separator ? separator + 3 : "");
	struct text query = rest;
	struct text path;
	struct text authority;

	if (!separator)
		return "must be mysql://USER:PASSWORD@HOST:PORT/DATABASE";
	path = take_until(&query, '?');
	authority = take_until(&path, '/');
	if (!query_is_harmless(query))
		return "options after \"?\" are not read here; write a database section instead";
	url->driver = decode((struct text){text, (size_t)(separator - text)}, arena);
	url->database = decode(path, arena);
	if (!url->driver || !url->database || !split_authority(authority, arena, url))
		return "an escape (%XX) is broken";
	if (strcmp(url->driver, "mysql2") == 0) /* an alias of Laravel's */
		url->driver = "mysql";
	return NULL;
}
