/* Learns from the database itself whether two questions may be one, and falls back at any doubt. */
#include "platform.h"
#include "credential/companion.h"

#include <string.h>

#include "db/statement.h"

#define MAX_COLUMNS 64
#define MAX_PLAN_ROWS 16
/* A statement without a row costs three times what one with a row saves; see tests/bench/README.md. So
 * much luck that a tenth refused, in whatever order, does not use it up. */
#define MOST_LUCK 48
#define COST_OF_MISS 3
#define SECOND_MICROSECONDS INT64_C(1000000)
#define MINUTE_MICROSECONDS (60 * SECOND_MICROSECONDS)
#define HOUR_MICROSECONDS (60 * MINUTE_MICROSECONDS)

struct companion {
	struct db *db;
	const struct clock *clock;
	struct question *question;
	struct db_statement *both[COMPANION_LOOKUPS];
	struct db_statement *plan[COMPANION_LOOKUPS]; /* EXPLAIN of it */
	size_t own_columns;
	size_t id_column;
	size_t column_count;
	size_t parameter_count;
	bool about_identity; /* its conditions name the identity's id */
	bool approved[COMPANION_LOOKUPS];
	int64_t not_before[COMPANION_LOOKUPS]; /* monotonic: when to try to learn again */
	/* a refused request is asked once more, so it must not be refused too often */
	int luck;
	int64_t rest_until; /* monotonic */
};

static bool open_statements(struct companion *companion,
    const struct companion_statements *statements, struct arena *lifetime)
{
	struct db_purpose purpose = question_purpose(companion->question);

	for (size_t i = 0; i < COMPANION_LOOKUPS; i++) {
		const char *sql = statements->sql[i];
		const char *plan = sql ? arena_printf(lifetime, "EXPLAIN %s", sql) : NULL;

		if (!plan)
			return false;
		companion->both[i] =
		    db_statement_new(companion->db, &purpose, "token and rule", sql);
		companion->plan[i] =
		    db_statement_new(companion->db, &purpose, "plan of token and rule", plan);
		if (!companion->both[i] || !companion->plan[i])
			return false;
	}
	return true;
}

struct companion *companion_new(const struct companion_statements *statements,
    const struct plain_select *select, struct question *question, struct db *db,
    const struct clock *clock, struct arena *lifetime)
{
	struct companion *companion = arena_alloc(lifetime, sizeof(*companion));

	if (!companion || statements->own_columns + select->column_count > MAX_COLUMNS)
		return NULL;
	*companion = (struct companion){.db = db,
	    .clock = clock,
	    .question = question,
	    .own_columns = statements->own_columns,
	    .id_column = statements->id_column,
	    .column_count = select->column_count,
	    .parameter_count = select->parameter_count - select->subject_count,
	    .luck = MOST_LUCK,
	    .about_identity = strchr(select->conditions, PLAIN_SELECT_SUBJECT) != NULL};
	return open_statements(companion, statements, lifetime) ? companion : NULL;
}

static void distrust(struct companion *companion, size_t lookup, int64_t microseconds)
{
	companion->approved[lookup] = false;
	companion->not_before[lookup] = clock_monotonic(companion->clock) + microseconds;
}

/* The parameters of the statement that asks both; their count, or 0 when there are too many. */
static size_t join_parameters(const struct companion_ask *ask, const struct companion_lookup *own,
    struct value parameters[STATEMENT_MAX_PARAMETERS])
{
	size_t theirs = ask->companion->parameter_count;
	size_t leading = own->count - 1;

	if (own->count < 1 || theirs + own->count > STATEMENT_MAX_PARAMETERS)
		return 0;
	if (leading)
		memcpy(parameters, own->parameters, leading * sizeof(*parameters));
	if (theirs)
		memcpy(parameters + leading, ask->parameters, theirs * sizeof(*parameters));
	parameters[leading + theirs] = own->parameters[leading];
	return theirs + own->count;
}

/* Take the question's part out of the only row. */
static bool take_answer(struct companion_ask *ask, const struct db_rows *rows)
{
	const struct companion *companion = ask->companion;

	if (rows->row_count != 1 ||
	    rows->column_count != companion->own_columns + companion->column_count)
		return false;
	ask->id = rows->values[companion->id_column];
	ask->rows = (struct db_rows){.columns = rows->columns + companion->own_columns,
	    .column_count = companion->column_count,
	    .values = rows->values + companion->own_columns,
	    .row_count = 1};
	ask->answered = true;
	return true;
}

/* A row saves a statement, none costs one. Who loses for a while rests for a second. */
static void note_luck(struct companion *companion, bool found)
{
	if (found) {
		companion->luck += companion->luck < MOST_LUCK;
		return;
	}
	companion->luck -= COST_OF_MISS;
	if (companion->luck > 0)
		return;
	companion->rest_until = clock_monotonic(companion->clock) + SECOND_MICROSECONDS;
	companion->luck = MOST_LUCK / 2;
}

bool companion_select(struct companion_ask *ask, const struct companion_lookup *own,
    struct arena *arena, struct db_rows *rows, enum db_result *result)
{
	struct companion *companion = ask->companion;
	struct value parameters[STATEMENT_MAX_PARAMETERS];
	size_t count;

	ask->answered = false;
	if (!companion->approved[own->lookup] ||
	    clock_monotonic(companion->clock) < companion->rest_until)
		return false;
	count = join_parameters(ask, own, parameters);
	if (!count)
		return false;
	/* a second row is looked at to know that there is none */
	*result = db_select(
	    companion->db, companion->both[own->lookup], parameters, count, 2, arena, rows);
	if (*result != DB_BROKEN)
		note_luck(companion, *result == DB_FOUND);
	if (*result == DB_EMPTY)
		return false;
	if (*result == DB_FOUND && take_answer(ask, rows))
		return true;
	if (*result == DB_BROKEN && db_error(companion->db)->unavailable) {
		/* nobody would have answered the kind alone; but should it be a lock on the
		 * question's tables, tokens can soon be judged without them */
		distrust(companion, own->lookup, MINUTE_MICROSECONDS);
		return true;
	}
	distrust(companion, own->lookup, HOUR_MICROSECONDS);
	return false;
}

/* Copies that outlive the request's own texts. NULL when the arena is full. */
static const struct value *keep_values(
    const struct value *values, size_t count, struct arena *arena)
{
	struct value *kept = arena_array(arena, count + 1, sizeof(*kept));

	for (size_t i = 0; kept && i < count; i++) {
		struct text text = values[i].text;

		kept[i] = (struct value){
		    values[i].kind, {arena_copy(arena, text.data, text.length), text.length}};
		if (!kept[i].text.data)
			return NULL;
	}
	return kept;
}

struct companion_lesson companion_remember(
    const struct companion_ask *ask, const struct companion_lookup *own, struct arena *arena)
{
	const struct companion *companion = ask->companion;
	struct companion_lesson lesson = {.own = *own, .arena = arena};

	if (companion->approved[own->lookup] ||
	    clock_monotonic(companion->clock) < companion->not_before[own->lookup])
		return (struct companion_lesson){0};
	lesson.ask.parameters = keep_values(ask->parameters, companion->parameter_count, arena);
	lesson.own.parameters = keep_values(own->parameters, own->count, arena);
	if (lesson.ask.parameters && lesson.own.parameters)
		lesson.ask.companion = ask->companion;
	return lesson;
}

/* The column of a plan with this name; the count of columns when there is none. */
static size_t plan_column(const struct db_rows *plan, const char *name)
{
	size_t column = 0;

	while (column < plan->column_count && !text_is(plan->columns[column].name, name))
		column++;
	return column;
}

/* Does every table give at most one row, found by a whole unique key, without a subquery? For values
 * that have no row the server makes no plan: one line without a type. */
enum plan { PLAN_UNFIT, PLAN_UNKNOWN, PLAN_CERTAIN };
static enum plan judge_plan(const struct db_rows *plan)
{
	static const char *const certain[] = {"system", "const", "eq_ref"};
	size_t how = plan_column(plan, "type");
	size_t part = plan_column(plan, "select_type");

	if (how == plan->column_count || part == plan->column_count ||
	    plan->row_count == MAX_PLAN_ROWS)
		return PLAN_UNFIT;
	if (plan->row_count == 1 && plan->values[how].kind == VALUE_NONE)
		return PLAN_UNKNOWN;
	for (size_t r = 0; r < plan->row_count; r++) {
		const struct value *row = plan->values + r * plan->column_count;
		bool known = false;

		for (size_t i = 0; i < sizeof(certain) / sizeof(certain[0]); i++)
			known |= text_is(row[how].text, certain[i]);
		if (!known || !text_is(row[part].text, "SIMPLE"))
			return PLAN_UNFIT;
	}
	return plan->row_count > 1 ? PLAN_CERTAIN : PLAN_UNFIT;
}

static bool same_column(const struct db_column *a, const struct db_column *b)
{
	return a->kind == b->kind && text_equal(a->name, b->name) &&
	       text_equal(a->base_table, b->base_table) && a->base_table.length > 0;
}

/* Are the columns those that come back when the question is asked by itself, and are the id and what
 * it is set equal to both integers? */
static bool columns_agree(struct companion *companion, size_t lookup, struct arena *arena)
{
	struct db_rows alone;
	struct db_rows both;
	struct db_column *kept;
	size_t parameters;

	if (!verdict_allows(question_describe(companion->question, arena, &alone)) ||
	    alone.column_count != companion->column_count)
		return false;
	kept = db_columns_keep(&alone, arena);
	if (!kept ||
	    db_describe(companion->db, companion->both[lookup], &parameters, &both) != DB_FOUND)
		return false;
	if (both.column_count != companion->own_columns + companion->column_count)
		return false;
	for (size_t i = 0; i < companion->column_count; i++) {
		if (!same_column(&kept[i], &both.columns[companion->own_columns + i]))
			return false;
		if (text_is(kept[i].name, "user") && kept[i].kind != VALUE_INTEGER)
			return false;
	}
	return !companion->about_identity ||
	       both.columns[companion->id_column].kind == VALUE_INTEGER;
}

void companion_learn(const struct companion_lesson *lesson)
{
	struct companion *companion = lesson->ask.companion;
	size_t lookup = lesson->own.lookup;
	struct value parameters[STATEMENT_MAX_PARAMETERS];
	enum plan plan = PLAN_UNFIT;
	struct db_rows rows;
	size_t count;

	if (!companion)
		return;
	distrust(companion, lookup, HOUR_MICROSECONDS);
	count = join_parameters(&lesson->ask, &lesson->own, parameters);
	/* the plans of other servers were never looked at */
	if (!count || !strstr(db_server_version(companion->db), "MariaDB"))
		return;
	if (db_select(companion->db, companion->plan[lookup], parameters, count, MAX_PLAN_ROWS,
	        lesson->arena, &rows) == DB_FOUND)
		plan = judge_plan(&rows);
	if (plan == PLAN_UNKNOWN)
		distrust(companion, lookup, SECOND_MICROSECONDS);
	else if (plan == PLAN_CERTAIN)
		companion->approved[lookup] = columns_agree(companion, lookup, lesson->arena);
	if (db_error(companion->db)->unavailable)
		distrust(companion, lookup, MINUTE_MICROSECONDS);
}
