/* A prepared SELECT whose parameters must come back, byte for byte, from base-table columns. */
#include "platform.h"
#include "channel/query.h"

#include "db/statement.h"

#define MAX_NAMES 64

struct query {
	struct origin origin;
	struct statement statement;
	struct db *db;
	struct db_statement *handle;
	const struct config_list *unproven;
	bool diagnostic;
	/* how each parameter is bound, learnt from the column that proves it */
	enum value_kind binding[MAX_NAMES];
	bool described;
};

static bool is_known(const struct query_source *source, struct text name)
{
	const struct pattern *const patterns[] = {source->channel, source->path};

	if (text_is(name, "user") || text_is(name, "now") ||
	    (text_starts_with(name, "user.") && name.length > 5))
		return true;
	for (size_t p = 0; p < 2; p++)
		for (size_t i = 0; patterns[p] && i < pattern_capture_count(patterns[p]); i++)
			if (text_equal(pattern_capture_name(patterns[p], i), name))
				return true;
	return false;
}

static bool check_names(
    const struct query_source *source, const struct statement *statement, struct report *report)
{
	bool ok = true;

	for (size_t i = 0; i < statement->name_count; i++) {
		struct text name = statement->names[i];

		if (is_known(source, name))
			continue;
		report_add(report, REPORT_ERROR, source->origin,
		    "unknown parameter \":%.*s\": it is neither a capture nor :user, :user.NAME or "
		    ":now",
		    (int)name.length, name.data);
		ok = false;
	}
	return ok;
}

struct query *query_open(
    const struct query_source *source, struct db *db, struct arena *lifetime, struct report *report)
{
	struct query *query = arena_alloc(lifetime, sizeof(*query));
	const char *problem;

	if (!query) {
		report_add(report, REPORT_ERROR, source->origin, "out of memory");
		return NULL;
	}
	if (!statement_parse(source->sql, lifetime, &query->statement, &problem)) {
		report_add(report, REPORT_ERROR, source->origin, "statement refused: %s", problem);
		return NULL;
	}
	if (!check_names(source, &query->statement, report))
		return NULL;
	query->origin = source->origin;
	query->unproven = source->unproven;
	query->diagnostic = source->diagnostic;
	query->db = db;
	query->handle = db_statement_new(db,
	    arena_printf(lifetime, "%s:%u", source->origin.file ? source->origin.file : "rule",
	        source->origin.line),
	    query->statement.sql);
	if (!query->handle)
		report_add(report, REPORT_ERROR, source->origin, "out of memory");
	return query->handle ? query : NULL;
}

/* ":now" is the service's own clock and needs no proof. */
static bool needs_proof(const struct query *query, struct text name)
{
	if (query->diagnostic || text_is(name, "now"))
		return false;
	for (size_t i = 0; query->unproven && i < query->unproven->count; i++)
		if (text_is(name, query->unproven->items[i]))
			return false;
	return true;
}

/* The column that proves a parameter; the column count when none does, or when two have its name. */
static size_t proof_column(const struct db_column *columns, size_t count, struct text name)
{
	size_t found = count;

	for (size_t c = 0; c < count; c++) {
		if (!text_equal(columns[c].name, name))
			continue;
		if (found != count)
			return count;
		found = c;
	}
	if (found < count &&
	    (columns[found].base_table.length == 0 || columns[found].kind == VALUE_NONE ||
	        columns[found].kind == VALUE_BINARY))
		return count;
	return found;
}

/* The first parameter that nothing proves; absent when all are proven. */
static struct text first_unproven(
    const struct query *query, const struct db_column *columns, size_t count)
{
	for (size_t i = 0; i < query->statement.name_count; i++) {
		struct text name = query->statement.names[i];

		if (needs_proof(query, name) && proof_column(columns, count, name) == count)
			return name;
	}
	return (struct text){0};
}

static void learn_bindings(struct query *query, const struct db_column *columns, size_t count)
{
	for (size_t i = 0; i < query->statement.name_count; i++) {
		size_t column = proof_column(columns, count, query->statement.names[i]);

		query->binding[i] = column < count ? columns[column].kind : VALUE_NONE;
	}
	query->described = true;
}

/* Learn the result columns. ALLOWED, CONFIGURATION_BROKEN with the reason, or an outage. */
static struct verdict describe(struct query *query, struct arena *arena)
{
	struct db_rows rows;
	struct text name;
	size_t parameters;

	switch (db_describe(query->db, query->handle, &parameters, &rows)) {
	case DB_FOUND:
		break;
	case DB_EMPTY:
		return (struct verdict){
		    OUTCOME_CONFIGURATION_BROKEN, "the statement returns no columns"};
	case DB_BROKEN:
	default:
		return db_verdict(query->db, arena);
	}
	name = first_unproven(query, rows.columns, rows.column_count);
	if (text_present(name))
		return (struct verdict){OUTCOME_CONFIGURATION_BROKEN,
		    arena_printf(arena,
		        "parameter \":%.*s\" is not proven: select the table's column once under "
		        "the name "
		        "`%.*s`, or list it in \"unproven\"",
		        (int)name.length, name.data, (int)name.length, name.data)};
	learn_bindings(query, rows.columns, rows.column_count);
	return verdict_of(OUTCOME_ALLOWED);
}

bool query_check(struct query *query, struct report *report, bool *outage)
{
	struct arena *arena = arena_new(65536);
	struct verdict verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);

	if (arena)
		verdict = describe(query, arena);
	*outage = db_error(query->db)->unavailable;
	if (verdict.outcome == OUTCOME_CONFIGURATION_BROKEN)
		report_add(report, REPORT_ERROR, query->origin, "%s", verdict.detail);
	else if (!verdict_allows(verdict))
		report_add(report, REPORT_ERROR, query->origin, "the database says: %s",
		    db_error(query->db)->message);
	arena_free(arena);
	return verdict_allows(verdict);
}

/* Bind as the proving column is typed, so that the database compares like with like. A text that
 * is no integer can never equal an integer column. */
static bool fit_binding(struct value *value, enum value_kind binding)
{
	struct text digits = value->text;
	uint64_t number;

	if (binding == VALUE_INTEGER && value->kind != VALUE_INTEGER) {
		if (digits.length && digits.data[0] == '-')
			digits = text_skip(digits, 1);
		if (!text_to_u64(digits, TEXT_DIGITS_CANONICAL, &number))
			return false;
		value->kind = VALUE_INTEGER;
	} else if (binding == VALUE_TEXT && value->kind == VALUE_INTEGER) {
		value->kind = VALUE_TEXT;
	}
	return true;
}

static struct verdict gather(const struct query *query, const struct scope *scope,
    struct arena *arena, struct value *parameters)
{
	for (size_t i = 0; i < query->statement.name_count; i++) {
		struct text name = query->statement.names[i];

		parameters[i] = scope_value(scope, name);
		if (parameters[i].kind == VALUE_NONE)
			return (struct verdict){OUTCOME_VALUE_MISSING,
			    arena_printf(arena, ":%.*s", (int)name.length, name.data)};
		if (!fit_binding(&parameters[i], query->binding[i]))
			return (struct verdict){OUTCOME_NO_ROW,
			    arena_printf(arena, ":%.*s is no integer, its column is",
			        (int)name.length, name.data)};
	}
	return verdict_of(OUTCOME_ALLOWED);
}

static bool row_proves(const struct query *query, const struct scope *scope,
    const struct db_rows *rows, const struct value *values)
{
	for (size_t i = 0; i < query->statement.name_count; i++) {
		struct text name = query->statement.names[i];
		size_t column;

		if (!needs_proof(query, name))
			continue;
		column = proof_column(rows->columns, rows->column_count, name);
		if (column == rows->column_count || values[column].kind == VALUE_NONE ||
		    !text_equal(values[column].text, scope_value(scope, name).text))
			return false;
	}
	return true;
}

static struct verdict pick_row(const struct query *query, const struct scope *scope,
    const struct db_rows *rows, struct query_row *row)
{
	for (size_t r = 0; r < rows->row_count; r++) {
		const struct value *values = rows->values + r * rows->column_count;

		if (row_proves(query, scope, rows, values)) {
			*row = (struct query_row){rows->columns, values, rows->column_count};
			return verdict_of(OUTCOME_ALLOWED);
		}
	}
	return verdict_of(OUTCOME_ROW_NOT_PROVEN);
}

struct verdict query_run(
    struct query *query, const struct scope *scope, struct arena *arena, struct query_row *row)
{
	struct value parameters[MAX_NAMES];
	struct db_rows rows;
	struct verdict verdict = verdict_of(OUTCOME_ALLOWED);

	*row = (struct query_row){0};
	if (!query->described)
		verdict = describe(query, arena);
	if (verdict_allows(verdict))
		verdict = gather(query, scope, arena, parameters);
	if (!verdict_allows(verdict))
		return verdict;
	switch (db_select(query->db, query->handle, parameters, query->statement.name_count,
	    QUERY_MAX_ROWS, arena, &rows)) {
	case DB_FOUND:
		return pick_row(query, scope, &rows, row);
	case DB_EMPTY:
		return verdict_of(OUTCOME_NO_ROW);
	case DB_BROKEN:
	default:
		return db_verdict(query->db, arena);
	}
}

bool query_proves(const struct query *query, struct text column)
{
	for (size_t i = 0; i < query->statement.name_count; i++)
		if (text_equal(query->statement.names[i], column))
			return true;
	return false;
}
