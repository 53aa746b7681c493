/* What does a Laravel application's .env say about its database and its app? */
#ifndef CASTGATE_CONFIG_LARAVEL_H
#define CASTGATE_CONFIG_LARAVEL_H

#include "config/directive.h"
#include "config/source.h"

/* The app it describes. */
#define LARAVEL_APP "laravel"

/* A directive of section database or of the app, and the text the .env gives it. */
struct laravel_value {
	enum section section;
	const char *directive;
	const char *text;
	unsigned line;
};

#define LARAVEL_MAX_VALUES 16

struct laravel {
	const char *path; /* NULL without laravel_env */
	bool has_app;     /* BROADCAST_CONNECTION names a connection that castgate signs for */
	struct laravel_value values[LARAVEL_MAX_VALUES];
	size_t count;
};

/* What the configuration says by itself, so that the .env need not. */
struct laravel_needs {
	bool app;      /* there is no app section */
	bool database; /* there is neither a socket nor a host */
};

/* Read the file; `origin` is where laravel_env stands. False with errors in the report: it cannot be
 * read, is not well-formed, or names a broadcaster or database that castgate cannot serve and the
 * configuration does not name one itself. A file that others can read is a warning. */
bool laravel_read(const char *path, struct origin origin, struct laravel_needs needs,
    struct arena *arena, struct report *report, struct laravel *laravel);

/* The value for a directive; NULL when the .env has none. */
const struct laravel_value *laravel_find(
    const struct laravel *laravel, enum section section, const char *directive);

#endif
