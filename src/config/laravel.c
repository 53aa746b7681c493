/* Maps a Laravel .env onto directives, as config/database.php and config/broadcasting.php do. */
#include "platform.h"
#include "config/laravel.h"

#include <string.h>

#include "config/dotenv.h"
#include "config/laravel_url.h"

struct translation {
	struct dotenv dotenv;
	struct arena *arena;
	struct report *report;
	struct laravel *laravel;
};

/* What Laravel's env() makes of some words. */
static const char *env_value(const char *value)
{
	static const struct {
		const char *word;
		const char *means; /* NULL: as if the variable were not there */
	} words[] = {
	    {"true", "1"},
	    {"(true)", "1"},
	    {"false", ""},
	    {"(false)", ""},
	    {"empty", ""},
	    {"(empty)", ""},
	    {"null", NULL},
	    {"(null)", NULL},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is_nocase(text_of(value), words[i].word))
			return words[i].means;
	return value;
}

static const struct dotenv_entry *lookup(const struct translation *translation, const char *name)
{
	const struct dotenv_entry *entry = dotenv_find(&translation->dotenv, name);

	return entry && env_value(entry->value) ? entry : NULL;
}

/* The variable's value as Laravel sees it; "" when there is none. */
static const char *env(const struct translation *translation, const char *name)
{
	const struct dotenv_entry *entry = lookup(translation, name);

	return entry ? env_value(entry->value) : "";
}

static unsigned line_of(const struct translation *translation, const char *name)
{
	const struct dotenv_entry *entry = lookup(translation, name);

	return entry ? entry->line : 1;
}

static void give(struct translation *translation, enum section section, const char *directive,
    const char *text, unsigned line)
{
	struct laravel *laravel = translation->laravel;

	if (text && *text && laravel->count < LARAVEL_MAX_VALUES)
		laravel->values[laravel->count++] =
		    (struct laravel_value){section, directive, text, line};
}

static void give_variable(
    struct translation *translation, enum section section, const char *directive, const char *name)
{
	give(translation, section, directive, env(translation, name), line_of(translation, name));
}

static bool translate_app(struct translation *translation, struct laravel_needs needs)
{
	const char *variable = lookup(translation, "BROADCAST_CONNECTION") ? "BROADCAST_CONNECTION"
	                                                                   : "BROADCAST_DRIVER";
	const char *connection = env(translation, variable);
	bool reverb = strcmp(connection, "reverb") == 0;
	struct origin origin = {translation->dotenv.path, line_of(translation, variable)};

	translation->laravel->has_app = reverb || strcmp(connection, "pusher") == 0;
	if (!translation->laravel->has_app) {
		if (needs.app)
			report_add(translation->report, REPORT_ERROR, origin,
			    "BROADCAST_CONNECTION must be reverb or pusher, not \"%s\"",
			    connection);
		return !needs.app;
	}
	give_variable(
	    translation, SECTION_APP, "key", reverb ? "REVERB_APP_KEY" : "PUSHER_APP_KEY");
	give_variable(
	    translation, SECTION_APP, "secret", reverb ? "REVERB_APP_SECRET" : "PUSHER_APP_SECRET");
	give(translation, SECTION_APP, "verifier", connection, origin.line);
	return true;
}

/* "HOST" or "HOST:PORT" as hosts takes it; the usual port is left out, so that "localhost" stays
 * the word that means the local socket. */
static const char *join_host(struct arena *arena, const char *host, const char *port)
{
	bool six = strchr(host, ':') && host[0] != '[';

	if (!*port || strcmp(port, "3306") == 0)
		return arena_printf(arena, six ? "[%s]" : "%s", host);
	return arena_printf(arena, six ? "[%s]:%s" : "%s:%s", host, port);
}

static void give_server(struct translation *translation, const struct laravel_url *url)
{
	const char *host = env(translation, "DB_HOST");
	const char *port = env(translation, "DB_PORT");
	unsigned line = line_of(translation, "DB_HOST");

	if (*url->host) {
		host = url->host;
		line = url->line;
	}
	if (*url->port)
		port = url->port;
	if (*env(translation, "DB_SOCKET"))
		give_variable(translation, SECTION_DATABASE, "socket", "DB_SOCKET");
	else
		give(translation, SECTION_DATABASE, "hosts",
		    join_host(translation->arena, *host ? host : "127.0.0.1", port), line);
}

/* The part of DB_URL, or else the variable. */
static void give_either(struct translation *translation, const char *directive,
    const struct laravel_url *url, const char *part, const char *name)
{
	if (*part)
		give(translation, SECTION_DATABASE, directive, part, url->line);
	else
		give_variable(translation, SECTION_DATABASE, directive, name);
}

static bool read_url(struct translation *translation, struct laravel_url *url)
{
	const struct dotenv_entry *entry = lookup(translation, "DB_URL");
	const char *problem;

	*url = (struct laravel_url){"", "", "", "", "", "", 1};
	if (!entry)
		entry = lookup(translation, "DATABASE_URL");
	if (!entry || !*env_value(entry->value))
		return true;
	problem = laravel_url_parse(entry->value, translation->arena, url);
	url->line = entry->line;
	if (problem)
		report_add(translation->report, REPORT_ERROR,
		    (struct origin){translation->dotenv.path, entry->line}, "%s: %s", entry->name,
		    problem);
	return !problem;
}

static bool translate_database(struct translation *translation, struct laravel_needs needs)
{
	struct laravel_url url;
	const char *driver;
	bool served;

	if (!read_url(translation, &url))
		return false;
	driver = *url.driver ? url.driver : env(translation, "DB_CONNECTION");
	served = strcmp(driver, "mysql") == 0 || strcmp(driver, "mariadb") == 0;
	if (!served) {
		if (needs.database)
			report_add(translation->report, REPORT_ERROR,
			    (struct origin){
			        translation->dotenv.path, line_of(translation, "DB_CONNECTION")},
			    "DB_CONNECTION must be mysql or mariadb, not \"%s\"", driver);
		return !needs.database;
	}
	if (needs.database)
		give_server(translation, &url);
	give_either(translation, "name", &url, url.database, "DB_DATABASE");
	give_either(translation, "user", &url, url.user, "DB_USERNAME");
	give_either(translation, "password", &url, url.password, "DB_PASSWORD");
	if (*env(translation, "MYSQL_ATTR_SSL_CA")) {
		give_variable(translation, SECTION_DATABASE, "tls_ca", "MYSQL_ATTR_SSL_CA");
		give(translation, SECTION_DATABASE, "tls", "verify",
		    line_of(translation, "MYSQL_ATTR_SSL_CA"));
	}
	return true;
}

bool laravel_read(const char *path, struct origin origin, struct laravel_needs needs,
    struct arena *arena, struct report *report, struct laravel *laravel)
{
	struct translation translation = {.arena = arena, .report = report, .laravel = laravel};
	struct source source;
	const char *cure;
	bool app;

	*laravel = (struct laravel){.path = path};
	if (!source_read(path, origin, arena, report, &source))
		return false;
	cure = source_exposure(&source.status);
	if (cure)
		report_add(report, REPORT_WARNING, origin,
		    "the secrets in %s can be read by others (mode %04o): %s %s", path,
		    (unsigned)source.status.st_mode & 07777, cure, path);
	if (!source_is_text(&source, report) ||
	    !dotenv_parse(&source, arena, report, &translation.dotenv))
		return false;
	app = translate_app(&translation, needs);
	return translate_database(&translation, needs) && app;
}

const struct laravel_value *laravel_find(
    const struct laravel *laravel, enum section section, const char *directive)
{
	for (size_t i = 0; i < laravel->count; i++)
		if (laravel->values[i].section == section &&
		    strcmp(laravel->values[i].directive, directive) == 0)
			return &laravel->values[i];
	return NULL;
}
