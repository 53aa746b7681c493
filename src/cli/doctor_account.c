/* SHOW GRANTS tells what the account may do, two variables how often it may come. */
#include "platform.h"
#include "cli/doctor_parts.h"

#include <inttypes.h>
#include <string.h>

/* What castgate never does, anywhere. Of a grant only these words are told: the line may hold a hash. */
static const char *const needless[] = {"ALL PRIVILEGES", "SUPER", "FILE", "CREATE", "DROP", "ALTER",
    "SHUTDOWN", "PROCESS", "RELOAD", "TRIGGER", "EVENT", "REFERENCES", "LOCK TABLES"};

/* What it does to tables of its own, column by column, but not to a whole database. */
static const char *const needless_everywhere[] = {"INSERT", "UPDATE", "DELETE", "EXECUTE"};

/* One line of SHOW GRANTS. */
struct grant {
	const char *start;
	const char *on; /* " ON `db`.`table`" */
	const char *to; /* " TO `user`@..." */
};

static bool has_word(const struct grant *grant, const char *word)
{
	const char *at = strstr(grant->start, word);

	return at && at < grant->on;
}

static const char *find_needless(const struct grant *grant)
{
	bool everywhere = grant->to - grant->on > 2 && strncmp(grant->to - 2, ".*", 2) == 0;

	for (size_t i = 0; i < sizeof(needless) / sizeof(needless[0]); i++)
		if (has_word(grant, needless[i]))
			return needless[i];
	for (size_t i = 0;
	     everywhere && i < sizeof(needless_everywhere) / sizeof(needless_everywhere[0]); i++)
		if (has_word(grant, needless_everywhere[i]))
			return needless_everywhere[i];
	return NULL;
}

static void examine_grant(const struct check *check, const char *line)
{
	struct origin origin = check->service->config->database.origin;
	struct grant grant = {.start = line, .on = strstr(line, " ON ")};
	const char *word;

	grant.to = grant.on ? strstr(grant.on, " TO ") : NULL;
	if (!grant.to)
		return; /* a role, or a word of a newer server */
	word = find_needless(&grant);
	if (word)
		report_add(check->report, REPORT_WARNING, origin,
		    "the account may do more than castgate needs: %s on %.*s; see sql/README.md",
		    word, (int)(grant.to - grant.on - 4), grant.on + 4);
	else if (strncmp(grant.on, " ON *.* ", 8) == 0 && !has_word(&grant, "USAGE"))
		report_add(check->report, REPORT_WARNING, origin,
		    "the account may read every database of the server; grant it the tables that "
		    "castgate reads");
	if (strstr(grant.to, "WITH GRANT OPTION"))
		report_add(check->report, REPORT_WARNING, origin,
		    "the account may give its privileges to others");
}

static void examine_grants(const struct check *check)
{
	struct db_rows rows;

	if (!doctor_ask(check, check->service->db, "SHOW GRANTS", &rows))
		return;
	for (size_t r = 0; r < rows.row_count; r++) {
		struct text text = rows.values[r * rows.column_count].text;
		const char *line =
		    text_present(text) ? arena_copy(check->arena, text.data, text.length) : NULL;

		if (line)
			examine_grant(check, line);
	}
}

static void judge_limit(const struct check *check, uint64_t limit, const char *whose)
{
	const struct config_database *database = &check->service->config->database;
	bool common = shared_is_common(check->service->shared);

	if (common && database->max_connections > limit)
		report_add(check->report, REPORT_WARNING, database->origin,
		    "max_connections = %u, but %s %" PRIu64
		    " connections: what is beyond waits for nothing and becomes a 503; lower it, "
		    "or have the limit raised",
		    database->max_connections, whose, limit);
	else if (!common)
		report_add(check->report, REPORT_WARNING, database->origin,
		    "each process takes a connection of its own, since there is no state folder to "
		    "share, and %s %" PRIu64
		    " connections: more processes than that become 503s; set state_dir",
		    whose, limit);
}

/* The account's own limit, where it has one, else the server's for each account; 0 is none. */
static void examine_limits(const struct check *check)
{
	const struct config_database *database = &check->service->config->database;
	struct db_rows rows;
	uint64_t servers;
	uint64_t accounts;

	if (!doctor_ask(check, check->service->db,
	        "SELECT CAST(@@global.max_connections AS CHAR), "
	        "CAST(@@session.max_user_connections AS CHAR)",
	        &rows) ||
	    !text_to_u64(rows.values[0].text, TEXT_DIGITS_ANY, &servers) ||
	    !text_to_u64(rows.values[1].text, TEXT_DIGITS_ANY, &accounts))
		return;
	check_say(check, "connections",
	    "at most %u of all processes together; the server has %" PRIu64 ", the account %s",
	    database->max_connections, servers,
	    accounts ? doctor_shown(check, &rows, 1) : "may have them all");
	if (accounts)
		judge_limit(check, accounts, "the account may have");
	else if (shared_is_common(check->service->shared))
		judge_limit(check, servers, "the server has");
}

void doctor_examine_account(const struct check *check)
{
	examine_grants(check);
	examine_limits(check);
}
