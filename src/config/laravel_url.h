/* What does DB_URL say? */
#ifndef CASTGATE_CONFIG_LARAVEL_URL_H
#define CASTGATE_CONFIG_LARAVEL_URL_H

#include "base/arena.h"

/* Parts that are not there are "". */
struct laravel_url {
	const char *driver;
	const char *user;
	const char *password;
	const char *host;
	const char *port;
	const char *database;
	unsigned line; /* the caller's */
};

/* Read "mysql://USER:PASSWORD@HOST:PORT/DATABASE" as Laravel's ConfigurationUrlParser does, %XX
 * decoded. Of a query only charset and collation, which change nothing here, are accepted. NULL, or
 * what is wrong, without a word of the URL. */
const char *laravel_url_parse(const char *text, struct arena *arena, struct laravel_url *url);

#endif
