/* Collations as information_schema has them, plans as EXPLAIN has them. */
#include "platform.h"
#include "cli/doctor_parts.h"

/* Only columns that the account may see are listed: of a careful grant, those that castgate reads. */
static void examine_collations(const struct check *check)
{
	struct db_rows rows;

	if (!doctor_ask(check, check->service->db,
	        "SELECT CAST(COLLATION_NAME AS CHAR), CAST(COUNT(*) AS CHAR), "
	        "CAST(MIN(CONCAT(TABLE_NAME, '.', COLUMN_NAME)) AS CHAR) "
	        "FROM information_schema.COLUMNS "
	        "WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL "
	        "GROUP BY COLLATION_NAME ORDER BY COUNT(*) DESC, COLLATION_NAME",
	        &rows))
		return;
	for (size_t r = 0; r < rows.row_count; r++) {
		struct db_rows row = {.values = rows.values + r * rows.column_count};

		check_say(check, "collation", "%s  %s columns, among them %s",
		    doctor_shown(check, &row, 0), doctor_shown(check, &row, 1),
		    doctor_shown(check, &row, 2));
	}
}

/* Tokens of opaque credentials are looked up as text; a look-alike found instead is refused as token_mismatch,
 * so this is told and no warning. */
static void tell_token(const struct check *check, const char *table)
{
	struct value name = {VALUE_TEXT, text_of(table)};
	struct service *service = check->service;
	struct db_statement *statement =
	    db_statement_new(service->db, &(struct db_purpose){.kind = "check"}, "castgate check",
	        "SELECT CAST(COLLATION_NAME AS CHAR) FROM information_schema.COLUMNS "
	        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME = 'token' "
	        "AND COLLATION_NAME LIKE '%\\_ci'");
	struct db_rows rows;

	if (statement &&
	    db_select_once(service->db, statement, &name, 1, 1, check->arena, &rows) == DB_FOUND)
		check_say(check, "tokens",
		    "%s.token is %s: the server finds it without regard to case, castgate compares "
		    "byte for byte",
		    table, doctor_shown(check, &rows, 0));
}

static void examine_tokens(const struct check *check)
{
	const struct config *config = check->service->config;

	for (size_t i = 0; i < config->credential_count; i++) {
		if (config->credentials[i].table)
			tell_token(check, config->credentials[i].table);
		if (config->credentials[i].session_table)
			tell_token(check, config->credentials[i].session_table);
	}
}

static void examine_plans(const struct check *check)
{
	const struct service *service = check->service;

	for (size_t i = 0; i < service->credential_count; i++)
		credential_examine(service->credentials[i], check->report);
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];

		if (endpoint->user_data)
			query_check_plan(endpoint->user_data, check->report);
		for (size_t k = 0; k < endpoint->rule_count; k++)
			rule_check_plan(endpoint->rules[k], check->report);
	}
}

void doctor_examine_tables(const struct check *check)
{
	examine_collations(check);
	examine_tokens(check);
	examine_plans(check);
}
