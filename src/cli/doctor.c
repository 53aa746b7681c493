/* Looks at what the service stands on: state folder, grants, clocks, and the plan of every rule. */
#include "platform.h"
#include "cli/doctor.h"

#include <stdlib.h>
#include <string.h>

#define MOST_GRANTS 200
#define MOST_SECONDS 2
#define MICROSECONDS 1000000LL

static void examine_state(const struct check *check)
{
	const struct service *service = check->service;
	const char *folder = service->state_folder;

	check_say(check, "state", "%s  (%s)", folder ? folder : "none",
	    folder && shared_is_common(service->shared)
	        ? "throttle and connections are counted by all processes together"
	        : "each process counts for itself");
}

/* Run a statement of the tool's own. */
static bool ask(struct service *service, const char *sql, struct arena *arena, struct db_rows *rows)
{
	struct db_statement *statement = db_statement_new(
	    service->db, &(struct db_purpose){.kind = "check"}, "castgate check", sql);

	return statement && db_select_once(service->db, statement, NULL, 0, MOST_GRANTS, arena,
	                        rows) == DB_FOUND;
}

/* As a string to print; "-" for NULL. */
static const char *shown(const struct check *check, struct text text)
{
	const char *copy =
	    text_present(text) ? arena_copy(check->arena, text.data, text.length) : NULL;

	return copy ? copy : "-";
}

static void examine_clock(const struct check *check)
{
	static const struct clock_zone utc = {0};
	struct service *service = check->service;
	struct db_rows rows;
	int64_t theirs;
	int64_t ours;
	double ahead;

	if (!ask(service,
	        "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR), CAST(@@session.time_zone AS CHAR), "
	        "CAST(@@system_time_zone AS CHAR)",
	        check->arena, &rows) ||
	    !clock_parse_naive(rows.values[0].text, &utc, &theirs))
		return;
	ours = service->clock.now_microseconds(service->clock.context);
	ahead = (double)(theirs - ours) / (double)MICROSECONDS;
	check_say(check, "clock",
	    "the database is %+.1f s from this machine; its time zone %s (%s), the application's "
	    "by "
	    "configuration %s",
	    ahead, shown(check, rows.values[1].text), shown(check, rows.values[2].text),
	    service->config->database.time_zone);
	if (llabs(theirs - ours) > MOST_SECONDS * MICROSECONDS)
		report_add(check->report, REPORT_WARNING, service->config->database.origin,
		    "the clocks of database and this machine differ by %.1f s; expiry is judged by "
		    "this machine's",
		    ahead);
}

/* What castgate never does. Of a grant only these words are told: the line may hold a hash. */
static const char *const needless[] = {
    "ALL PRIVILEGES", "SUPER", "FILE", "CREATE", "DROP", "ALTER", "SHUTDOWN", "PROCESS", "TRIGGER"};

static bool has_word(const char *start, const char *end, const char *word)
{
	const char *at = strstr(start, word);

	return at && at < end;
}

static void examine_grant(struct service *service, const char *grant, struct report *report)
{
	struct origin origin = service->config->database.origin;
	const char *on = strstr(grant, " ON ");
	const char *to = on ? strstr(on, " TO ") : NULL;

	if (!on || !to)
		return; /* a role, or a word of a newer server */
	for (size_t i = 0; i < sizeof(needless) / sizeof(needless[0]); i++)
		if (has_word(grant, on, needless[i])) {
			report_add(report, REPORT_WARNING, origin,
			    "the account may do more than castgate needs: %s on %.*s; see "
			    "sql/README.md",
			    needless[i], (int)(to - on - 4), on + 4);
			return;
		}
	if (strncmp(on, " ON *.* ", 8) == 0 && !has_word(grant, on, "USAGE"))
		report_add(report, REPORT_WARNING, origin,
		    "the account may read every database of the server; grant it the tables that "
		    "castgate reads");
	if (strstr(to, "WITH GRANT OPTION"))
		report_add(report, REPORT_WARNING, origin,
		    "the account may give its privileges to others");
}

static void examine_grants(const struct check *check)
{
	struct db_rows rows;

	if (!ask(check->service, "SHOW GRANTS", check->arena, &rows))
		return;
	for (size_t r = 0; r < rows.row_count; r++) {
		struct text text = rows.values[r * rows.column_count].text;
		const char *grant =
		    text_present(text) ? arena_copy(check->arena, text.data, text.length) : NULL;

		if (grant)
			examine_grant(check->service, grant, check->report);
	}
}

static void examine_rules(const struct check *check)
{
	const struct service *service = check->service;

	for (size_t i = 0; i < service->endpoint_count; i++)
		for (size_t k = 0; k < service->endpoints[i].rule_count; k++)
			rule_check_plan(service->endpoints[i].rules[k], check->report);
}

void doctor_examine(const struct check *check)
{
	examine_state(check);
	if (check->offline || !check->service->config->database.origin.file)
		return;
	examine_clock(check);
	examine_grants(check);
	examine_rules(check);
}
