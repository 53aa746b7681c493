/* Looks at what the service stands on: state folder, grants, clocks, and the plan of every rule. */
#include "platform.h"
#include "cli/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

#define ARENA_BYTES (256u * 1024)
#define MOST_GRANTS 200
#define MOST_SECONDS 2
#define MICROSECONDS 1000000LL

static void examine_state(struct service *service)
{
	const char *folder = service->state_folder;

	printf("state          %s  (%s)\n", folder ? folder : "none",
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

static void examine_clock(struct service *service, struct report *report, struct arena *arena)
{
	static const struct clock_zone utc = {0};
	struct db_rows rows;
	int64_t theirs;
	int64_t ours;
	double ahead;

	if (!ask(service,
	        "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR), CAST(@@session.time_zone AS CHAR), "
	        "CAST(@@system_time_zone AS CHAR)",
	        arena, &rows) ||
	    !clock_parse_naive(rows.values[0].text, &utc, &theirs))
		return;
	ours = service->clock.now_microseconds(service->clock.context);
	ahead = (double)(theirs - ours) / (double)MICROSECONDS;
	printf("clock          the database is %+.1f s from this machine; its time zone ", ahead);
	terminal_text(stdout, rows.values[1].text);
	fputs(" (", stdout);
	terminal_text(stdout, rows.values[2].text);
	printf("), the application's by configuration %s\n", service->config->database.time_zone);
	if (llabs(theirs - ours) > MOST_SECONDS * MICROSECONDS)
		report_add(report, REPORT_WARNING, service->config->database.origin,
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

static void examine_grants(struct service *service, struct report *report, struct arena *arena)
{
	struct db_rows rows;

	if (!ask(service, "SHOW GRANTS", arena, &rows))
		return;
	for (size_t r = 0; r < rows.row_count; r++) {
		struct text text = rows.values[r * rows.column_count].text;
		const char *grant =
		    text_present(text) ? arena_copy(arena, text.data, text.length) : NULL;

		if (grant)
			examine_grant(service, grant, report);
	}
}

static void examine_rules(struct service *service, struct report *report)
{
	for (size_t i = 0; i < service->endpoint_count; i++)
		for (size_t k = 0; k < service->endpoints[i].rule_count; k++)
			rule_check_plan(service->endpoints[i].rules[k], report);
}

void doctor_examine(struct service *service, bool offline, struct report *report)
{
	struct arena *arena = arena_new(ARENA_BYTES);

	examine_state(service);
	if (!offline && arena && service->config->database.origin.file) {
		examine_clock(service, report, arena);
		examine_grants(service, report, arena);
		examine_rules(service, report);
	}
	arena_free(arena);
}
