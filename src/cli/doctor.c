/* Looks at what the service stands on, part by part. */
#include "platform.h"
#include "cli/doctor.h"

#include "cli/doctor_parts.h"

bool doctor_ask(const struct check *check, struct db *db, const char *sql, struct db_rows *rows)
{
	struct db_statement *statement =
	    db_statement_new(db, &(struct db_purpose){.kind = "check"}, "castgate check", sql);

	return statement &&
	       db_select_once(db, statement, NULL, 0, DOCTOR_ROWS, check->arena, rows) == DB_FOUND;
}

const char *doctor_shown(const struct check *check, const struct db_rows *rows, size_t column)
{
	struct text text = rows->values[column].text;
	const char *copy =
	    text_present(text) ? arena_copy(check->arena, text.data, text.length) : NULL;

	return copy ? copy : "-";
}

static void examine_state(const struct check *check)
{
	const struct service *service = check->service;
	const char *folder = service->state_folder;

	check_say(check, "state", "%s  (%s)", folder ? folder : "none",
	    folder && shared_is_common(service->shared)
	        ? "throttle and connections are counted by all processes together"
	        : "each process counts for itself");
}

void doctor_examine(const struct check *check)
{
	examine_state(check);
	doctor_examine_files(check);
	doctor_examine_sandbox(check);
	if (check->offline || !check->service->config->database.origin.file)
		return;
	doctor_examine_servers(check);
	doctor_examine_account(check);
	doctor_examine_tables(check);
}
