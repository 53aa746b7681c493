/* A prepared SELECT whose parameters must come back, byte for byte, from base-table columns. */
#include "platform.h"
#include "db/question.h"

#include "db/plan.h"
#include "db/statement.h"

#define ER_MIXED_COLLATIONS 1267

struct question {
	struct origin origin;
	struct db_purpose purpose;
	struct statement statement;
	struct db *db;
	struct db_statement *handle;
	const struct config_list *unproven;
	bool proves_nothing;
	bool (*same)(struct text parameter, struct text column);
	/* how each parameter is bound, learnt from the column that proves it */
	enum value_kind binding[STATEMENT_MAX_PARAMETERS];
	bool unique[STATEMENT_MAX_PARAMETERS]; /* that column leads to one row */
	bool described;
};

static bool check_names(
    const struct question_source *source, const struct statement *statement, struct report *report)
{
	bool ok = true;

	for (size_t i = 0; i < statement->name_count; i++) {
		struct text name = statement->names[i];

		if (source->knows(source->names, name))
			continue;
		report_add(report, REPORT_ERROR, source->origin,
		    "unknown parameter \":%.*s\": it is %s", (int)name.length, name.data,
		    source->known);
		ok = false;
	}
	return ok;
}

struct question *question_open(const struct question_source *source, struct db *db,
    struct arena *lifetime, struct report *report)
{
	struct question *question = arena_alloc(lifetime, sizeof(*question));
	const char *problem;

	if (!question) {
		report_add(report, REPORT_ERROR, source->origin, "out of memory");
		return NULL;
	}
	if (!statement_parse(source->sql, lifetime, &question->statement, &problem)) {
		report_add(report, REPORT_ERROR, source->origin, "statement refused: %s", problem);
		return NULL;
	}
	if (!check_names(source, &question->statement, report))
		return NULL;
	question->origin = source->origin;
	question->purpose = source->purpose;
	question->unproven = source->unproven;
	question->proves_nothing = source->proves_nothing;
	question->same = source->same ? source->same : text_equal;
	question->db = db;
	question->handle = db_statement_new(db, &source->purpose,
	    arena_printf(lifetime, "%s:%u", source->origin.file ? source->origin.file : "rule",
	        source->origin.line),
	    question->statement.sql);
	if (!question->handle)
		report_add(report, REPORT_ERROR, source->origin, "out of memory");
	return question->handle ? question : NULL;
}

struct db_purpose question_purpose(const struct question *question)
{
	return question->purpose;
}

bool question_needs_proof(const struct question *question, struct text name)
{
	if (question->proves_nothing || text_is(name, "now"))
		return false;
	for (size_t i = 0; question->unproven && i < question->unproven->count; i++)
		if (text_is(name, question->unproven->items[i]))
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
    const struct question *question, const struct db_column *columns, size_t count)
{
	for (size_t i = 0; i < question->statement.name_count; i++) {
		struct text name = question->statement.names[i];

		if (question_needs_proof(question, name) &&
		    proof_column(columns, count, name) == count)
			return name;
	}
	return (struct text){0};
}

/* How a parameter is bound where these columns come back. */
static enum value_kind binding_for(const struct db_column *columns, size_t count, struct text name)
{
	size_t column = proof_column(columns, count, name);

	return column < count ? columns[column].kind : VALUE_NONE;
}

static void learn_bindings(struct question *question, const struct db_column *columns, size_t count)
{
	for (size_t i = 0; i < question->statement.name_count; i++) {
		size_t column = proof_column(columns, count, question->statement.names[i]);

		question->binding[i] = column < count ? columns[column].kind : VALUE_NONE;
		question->unique[i] = column < count && columns[column].is_unique;
	}
	question->described = true;
}

bool question_holds(const struct question *question, const struct db_rows *columns)
{
	if (!question->described ||
	    text_present(first_unproven(question, columns->columns, columns->column_count)))
		return false;
	for (size_t i = 0; i < question->statement.name_count; i++)
		if (question->binding[i] != binding_for(columns->columns, columns->column_count,
		                                question->statement.names[i]))
			return false;
	return true;
}

struct verdict question_describe(
    struct question *question, struct arena *arena, struct db_rows *columns)
{
	struct text name;
	size_t parameters;

	switch (db_describe(question->db, question->handle, &parameters, columns)) {
	case DB_FOUND:
		break;
	case DB_EMPTY:
		return (struct verdict){
		    OUTCOME_CONFIGURATION_BROKEN, "the statement returns no columns"};
	case DB_BROKEN:
	default:
		return db_verdict(question->db, arena);
	}
	name = first_unproven(question, columns->columns, columns->column_count);
	if (text_present(name))
		return (struct verdict){OUTCOME_CONFIGURATION_BROKEN,
		    arena_printf(arena,
		        "parameter \":%.*s\" is not proven: select the table's column once under "
		        "the name `%.*s`, or list it in \"unproven\"",
		        (int)name.length, name.data, (int)name.length, name.data)};
	learn_bindings(question, columns->columns, columns->column_count);
	return verdict_of(OUTCOME_ALLOWED);
}

struct verdict question_ready(struct question *question, struct arena *arena)
{
	struct db_rows columns;

	return question->described ? verdict_of(OUTCOME_ALLOWED)
	                           : question_describe(question, arena, &columns);
}

bool question_check(struct question *question, struct report *report, bool *outage)
{
	struct arena *arena = arena_new(65536);
	struct verdict verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	struct db_rows columns;

	if (arena)
		verdict = question_describe(question, arena, &columns);
	*outage = db_error(question->db)->unavailable;
	if (verdict.outcome == OUTCOME_CONFIGURATION_BROKEN)
		report_add(report, REPORT_ERROR, question->origin, "%s", verdict.detail);
	else if (!verdict_allows(verdict))
		report_add(report, REPORT_ERROR, question->origin, "the database says: %s%s",
		    db_error(question->db)->message,
		    db_error(question->db)->code == ER_MIXED_COLLATIONS
		        ? "; give the columns one collation, or compare with COLLATE"
		        : "");
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

/* ALLOWED with the value to bind, VALUE_MISSING without one, NO_ROW with one that no row can have. */
static enum outcome find_parameter(const struct question *question,
    const struct question_values *values, size_t index, struct value *parameter)
{
	*parameter = values->find(values->context, question->statement.names[index]);
	if (parameter->kind == VALUE_NONE)
		return OUTCOME_VALUE_MISSING;
	return fit_binding(parameter, question->binding[index]) ? OUTCOME_ALLOWED : OUTCOME_NO_ROW;
}

static struct verdict gather(const struct question *question, const struct question_values *values,
    struct arena *arena, struct value *parameters)
{
	for (size_t i = 0; i < question->statement.name_count; i++) {
		struct text name = question->statement.names[i];
		enum outcome outcome = find_parameter(question, values, i, &parameters[i]);

		if (outcome != OUTCOME_ALLOWED)
			return (struct verdict){outcome,
			    arena_printf(arena, ":%.*s%s", (int)name.length, name.data,
			        outcome == OUTCOME_NO_ROW ? " is no integer, its column is" : "")};
	}
	return verdict_of(OUTCOME_ALLOWED);
}

bool question_gather(const struct question *question, const struct question_values *values,
    struct text left_out, struct value *parameters)
{
	for (size_t i = 0; i < question->statement.name_count; i++) {
		parameters[i] = (struct value){0};
		if (!text_equal(question->statement.names[i], left_out) &&
		    find_parameter(question, values, i, &parameters[i]) != OUTCOME_ALLOWED)
			return false;
	}
	return question->described;
}

struct text question_written(
    const struct question *question, const struct question_values *values, struct arena *arena)
{
	struct value parameters[STATEMENT_MAX_PARAMETERS];

	for (size_t i = 0; i < question->statement.name_count; i++) {
		parameters[i] = values->find(values->context, question->statement.names[i]);
		(void)fit_binding(&parameters[i], question->binding[i]);
	}
	return statement_written(&question->statement, parameters, arena);
}

/* Any value will do to see which index leads to it. One that is not there hides tables which are read only
 * after a row was found by a whole unique key: those are not warned of. */
void question_check_plan(const struct question *question, struct report *report)
{
	struct arena *arena = arena_new(65536);
	struct value parameters[STATEMENT_MAX_PARAMETERS];
	struct text sql = {0};

	for (size_t i = 0; i < question->statement.name_count; i++)
		parameters[i] = (struct value){
		    question->binding[i] == VALUE_INTEGER ? VALUE_INTEGER : VALUE_TEXT, TEXT("1")};
	if (arena)
		sql = statement_written(&question->statement, parameters, arena);
	if (text_present(sql))
		plan_check(
		    question->db, "the statement", sql.data, NULL, 0, question->origin, report);
	arena_free(arena);
}

/* Was the answer at hand given to what is asked now, each value of the same kind and bytes? */
static bool is_answered(const struct question *question, const struct question_answer *answer,
    const struct value *parameters)
{
	if (!answer || answer->question != question)
		return false;
	for (size_t i = 0; i < question->statement.name_count; i++)
		if (!value_equal(&parameters[i], &answer->parameters[i]))
			return false;
	return true;
}

static enum db_result select_rows(struct question *question, const struct value *parameters,
    size_t max_rows, struct arena *arena, struct db_rows *rows)
{
	return (question->proves_nothing ? db_select_once : db_select)(question->db,
	    question->handle, parameters, question->statement.name_count, max_rows, arena, rows);
}

/* Would the columns that came back have had these values bound otherwise? */
static bool was_bound_well(const struct question *question, const struct value *parameters)
{
	for (size_t i = 0; i < question->statement.name_count; i++) {
		struct value value = parameters[i];

		if (!fit_binding(&value, question->binding[i]) || value.kind != parameters[i].kind)
			return false;
	}
	return true;
}

/* Ask with each value bound as it is, instead of looking at the columns first. What comes back is an answer
 * only where they would not have changed that; whatever is wrong is found again, and worded, by asking as ever.
 * False when that has to be done. */
static bool ask_at_once(struct question *question, const struct question_values *values,
    size_t max_rows, struct arena *arena, struct db_rows *rows, struct verdict *verdict)
{
	struct value parameters[STATEMENT_MAX_PARAMETERS];
	enum db_result result;

	for (size_t i = 0; i < question->statement.name_count; i++) {
		parameters[i] = values->find(values->context, question->statement.names[i]);
		if (parameters[i].kind == VALUE_NONE)
			return false;
	}
	result = select_rows(question, parameters, max_rows, arena, rows);
	if (result == DB_BROKEN) {
		*verdict = db_verdict(question->db, arena);
		return db_error(question->db)->unavailable;
	}
	if (text_present(first_unproven(question, rows->columns, rows->column_count)))
		return false;
	learn_bindings(question, rows->columns, rows->column_count);
	*verdict = verdict_of(result == DB_FOUND ? OUTCOME_ALLOWED : OUTCOME_NO_ROW);
	return was_bound_well(question, parameters);
}

struct verdict question_ask(struct question *question, const struct question_values *values,
    size_t max_rows, struct arena *arena, struct db_rows *rows)
{
	struct value parameters[STATEMENT_MAX_PARAMETERS];
	struct verdict verdict;

	if (!question->described && db_is_brief(question->db) && !values->answer &&
	    ask_at_once(question, values, max_rows, arena, rows, &verdict))
		return verdict;
	*rows = (struct db_rows){0};
	verdict = question_ready(question, arena);
	if (verdict_allows(verdict))
		verdict = gather(question, values, arena, parameters);
	if (!verdict_allows(verdict))
		return verdict;
	if (is_answered(question, values->answer, parameters)) {
		*rows = values->answer->rows;
		return verdict_of(rows->row_count ? OUTCOME_ALLOWED : OUTCOME_NO_ROW);
	}
	switch (select_rows(question, parameters, max_rows, arena, rows)) {
	case DB_FOUND:
		return verdict_of(OUTCOME_ALLOWED);
	case DB_EMPTY:
		return verdict_of(OUTCOME_NO_ROW);
	case DB_BROKEN:
	default:
		return db_verdict(question->db, arena);
	}
}

struct value question_proof(
    const struct question *question, size_t index, const struct db_rows *rows, size_t row)
{
	size_t column =
	    proof_column(rows->columns, rows->column_count, question->statement.names[index]);

	return column < rows->column_count ? rows->values[row * rows->column_count + column]
	                                   : (struct value){0};
}

bool question_row_proves(const struct question *question, const struct question_values *values,
    const struct db_rows *rows, size_t row)
{
	for (size_t i = 0; i < question->statement.name_count; i++) {
		struct text name = question->statement.names[i];
		struct value proof;

		if (!question_needs_proof(question, name))
			continue;
		proof = question_proof(question, i, rows, row);
		if (proof.kind == VALUE_NONE ||
		    !question->same(values->find(values->context, name).text, proof.text))
			return false;
	}
	return true;
}

enum value_kind question_binding(const struct question *question, size_t index)
{
	return question->binding[index];
}

bool question_is_unique(const struct question *question, size_t index)
{
	return question->unique[index];
}

const char *question_label(const struct question *question)
{
	return db_statement_label(question->handle);
}

size_t question_name_count(const struct question *question)
{
	return question->statement.name_count;
}

struct text question_name(const struct question *question, size_t index)
{
	return question->statement.names[index];
}

bool question_has_name(const struct question *question, struct text name)
{
	for (size_t i = 0; i < question->statement.name_count; i++)
		if (text_equal(question->statement.names[i], name))
			return true;
	return false;
}
