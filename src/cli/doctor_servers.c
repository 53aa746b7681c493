/* Each host alone, as if the others were away. */
#include "platform.h"
#include "cli/doctor_parts.h"

#include <stdlib.h>
#include <string.h>

#define MOST_SECONDS 2
#define MICROSECONDS 1000000LL

/* What one server says of itself, in this order. */
static const char question[] =
    "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR), CAST(@@session.time_zone AS CHAR), "
    "CAST(@@system_time_zone AS CHAR), CAST(@@version AS CHAR), CAST(@@global.read_only AS CHAR), "
    "CAST(CONVERT_TZ('2000-01-01 00:00:00', 'UTC', 'Europe/Berlin') AS CHAR)";
enum { SAYS_NOW, SAYS_ZONE, SAYS_SYSTEM_ZONE, SAYS_VERSION, SAYS_READ_ONLY, SAYS_NAMED_ZONE };

static void examine_clock(const struct check *check, const struct db_rows *rows, const char *name)
{
	static const struct clock_zone utc = {0};
	struct service *service = check->service;
	int64_t theirs;
	int64_t ours = clock_now(&service->clock);
	double ahead;

	if (!clock_parse_naive(rows->values[SAYS_NOW].text, &utc, &theirs))
		return;
	ahead = (double)(theirs - ours) / (double)MICROSECONDS;
	if (ahead > -0.05 && ahead < 0.05)
		ahead = 0.0; /* which has no minus sign */
	check_say(check, "clock",
	    "the database is %+.1f s from this machine; its time zone %s (%s), the application's "
	    "by configuration %s",
	    ahead, doctor_shown(check, rows, SAYS_ZONE),
	    doctor_shown(check, rows, SAYS_SYSTEM_ZONE), service->config->database.time_zone);
	if (llabs(theirs - ours) > MOST_SECONDS * MICROSECONDS)
		report_add(check->report, REPORT_WARNING, service->config->database.origin,
		    "the clocks of %s and this machine differ by %.1f s; expiry is judged by this "
		    "machine's",
		    name, ahead);
}

/* CONVERT_TZ with a name is NULL where the server does not know it, and NULL refuses. */
static void warn_of_zone(const struct check *check, const char *sql, struct origin origin)
{
	if (sql && strcasestr(sql, "CONVERT_TZ"))
		report_add(check->report, REPORT_WARNING, origin,
		    "the statement uses CONVERT_TZ, and the database knows no named time zones, "
		    "for which it gives NULL: load them with mariadb-tzinfo-to-sql, or write "
		    "offsets");
}

static void examine_zones(const struct check *check, const struct db_rows *rows)
{
	const struct config *config = check->service->config;

	if (text_present(rows->values[SAYS_NAMED_ZONE].text))
		return;
	for (size_t i = 0; i < config->credential_count; i++)
		warn_of_zone(
		    check, config->credentials[i].identify, config->credentials[i].identify_origin);
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct config_endpoint *endpoint = &config->endpoints[i];

		warn_of_zone(check, endpoint->user_data, endpoint->user_data_origin);
		for (size_t k = 0; k < endpoint->channel_count; k++)
			warn_of_zone(
			    check, endpoint->channels[k].allow, endpoint->channels[k].allow_origin);
	}
}

/* 1 or ON; newer servers know further words, each of which refuses somebody's writes. */
static bool is_read_only(struct text value)
{
	return text_present(value) && !text_is(value, "0") && !text_is_nocase(value, "OFF");
}

static void examine_one(const struct check *check, struct db *db, const char *name, bool is_primary)
{
	struct origin origin = check->service->config->database.origin;
	struct db_rows rows;

	if (!db_ping(db) || !doctor_ask(check, db, question, &rows)) {
		report_add(check->report, REPORT_WARNING, origin,
		    "%s %s does not answer, and the others have to do without it: %s",
		    is_primary ? "host" : "replica", name, db_error(db)->message);
		return;
	}
	check_say(check, is_primary ? "host" : "replica", "%s  %s", name,
	    doctor_shown(check, &rows, SAYS_VERSION));
	if (is_primary && is_read_only(rows.values[SAYS_READ_ONLY].text))
		report_add(check->report, REPORT_WARNING, origin,
		    "host %s is read-only: tokens' last use and sessions cannot be written there; "
		    "list it in replicas",
		    name);
	if (is_primary)
		examine_zones(check, &rows);
	examine_clock(check, &rows, name);
}

/* A database of which only this server is known, asked by this process alone. */
static void ask_one(
    const struct check *check, const char *const *host, const char *name, bool is_primary)
{
	const struct service *service = check->service;
	struct config_database settings = service->config->database;
	const char *only[1];
	struct db *db;

	settings.replicas = (struct config_list){0};
	if (host) {
		only[0] = *host;
		settings.hosts = (struct config_list){only, 1};
		settings.socket = NULL;
	}
	db = db_new(&settings, &service->clock, NULL);
	if (db)
		examine_one(check, db, name, is_primary);
	db_free(db);
}

void doctor_examine_servers(const struct check *check)
{
	const struct config_database *database = &check->service->config->database;

	/* an account may have few connections */
	db_rest(check->service->db);
	if (database->socket)
		ask_one(check, NULL, database->socket, true);
	for (size_t i = 0; !database->socket && i < database->hosts.count; i++)
		ask_one(check, &database->hosts.items[i], database->hosts.items[i], true);
	for (size_t i = 0; i < database->replicas.count; i++)
		ask_one(check, &database->replicas.items[i], database->replicas.items[i], false);
}
