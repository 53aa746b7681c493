/* A rule's SELECT: the scope's values for its parameters, and the first row that proves itself. */
#include "platform.h"
#include "channel/query.h"

#include "db/question_group.h"
#include "db/statement.h"

/* The parameter that a companion takes from the identity. */
static const struct text subject = {"user", 4};

struct query {
	struct question *question;
	struct companion *companion;  /* NULL: the credential's lookup never answers it */
	struct question_group *group; /* NULL: each channel asks for itself */
};

/* Can a rule's parameter of this name have a value? `context` is the query's source. */
static bool is_known(const void *context, struct text name)
{
	const struct query_source *source = context;
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

struct query *query_open(
    const struct query_source *source, struct db *db, struct arena *lifetime, struct report *report)
{
	struct query *query = arena_alloc(lifetime, sizeof(*query));
	struct question_source question = {.sql = source->sql,
	    .origin = source->origin,
	    .purpose = source->purpose,
	    .unproven = source->unproven,
	    .proves_nothing = source->diagnostic,
	    .knows = is_known,
	    .names = source,
	    .known = "neither a capture nor :user, :user.NAME or :now"};

	if (!query) {
		report_add(report, REPORT_ERROR, source->origin, "out of memory");
		return NULL;
	}
	query->question = question_open(&question, db, lifetime, report);
	return query->question ? query : NULL;
}

bool query_check(struct query *query, struct report *report, bool *outage)
{
	return question_check(query->question, report, outage);
}

static struct value find_value(const void *context, struct text name)
{
	return scope_value(context, name);
}

void query_accompany(
    struct query *query, const char *sql, struct credential *credential, struct arena *lifetime)
{
	const struct credential_kind *kind = credential->kind;
	struct plain_select *select = arena_alloc(lifetime, sizeof(*select));

	if (select && kind->accompany && plain_select_read(sql, &subject, 1, lifetime, select))
		query->companion = kind->accompany(credential->state, select, query->question);
}

bool query_bring(const struct query *query, const struct scope *scope, struct arena *arena,
    struct companion_ask *ask)
{
	struct question_values values = {find_value, scope, NULL};
	size_t count = question_name_count(query->question);
	struct value *parameters = arena_array(arena, count + 1, sizeof(*parameters));
	size_t kept = 0;

	*ask = (struct companion_ask){0};
	if (!query->companion || !parameters ||
	    !question_gather(query->question, &values, subject, parameters))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!text_equal(question_name(query->question, i), subject))
			parameters[kept++] = parameters[i];
	*ask = (struct companion_ask){.companion = query->companion, .parameters = parameters};
	return true;
}

void query_group(struct query *query, const char *sql, const struct pattern *channel, struct db *db,
    const struct clock *clock, struct arena *lifetime)
{
	size_t count = pattern_capture_count(channel);
	struct text *captures = arena_array(lifetime, count + 1, sizeof(*captures));

	for (size_t i = 0; captures && i < count; i++)
		captures[i] = pattern_capture_name(channel, i);
	if (captures)
		query->group =
		    question_group_open(sql, query->question, captures, count, db, clock, lifetime);
}

bool query_is_grouped(const struct query *query)
{
	return query->group != NULL;
}

struct verdict query_ask_together(struct query *query, const struct scope *scopes, size_t count,
    struct arena *arena, struct question_answer *answers)
{
	struct question_values *values = arena_array(arena, count, sizeof(*values));

	if (!values)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	for (size_t i = 0; i < count; i++)
		values[i] = (struct question_values){find_value, &scopes[i], NULL};
	return question_group_ask(query->group, values, count, QUERY_MAX_ROWS, arena, answers);
}

/* The answer that came along, if it is to this query: what was asked, with the identity's id in the
 * places of the subject. */
static const struct question_answer *find_answer(const struct query *query,
    const struct scope *scope, struct value parameters[STATEMENT_MAX_PARAMETERS],
    struct question_answer *answer)
{
	const struct companion_ask *brought = scope->brought;
	size_t used = 0;

	if (!brought || !brought->answered || brought->companion != query->companion)
		return scope->answer;
	for (size_t i = 0; i < question_name_count(query->question); i++)
		parameters[i] = text_equal(question_name(query->question, i), subject)
		                    ? brought->id
		                    : brought->parameters[used++];
	*answer = (struct question_answer){query->question, parameters, brought->rows};
	return answer;
}

struct verdict query_run(
    struct query *query, const struct scope *scope, struct arena *arena, struct query_row *row)
{
	struct value parameters[STATEMENT_MAX_PARAMETERS];
	struct question_answer answer;
	struct question_values values = {
	    find_value, scope, find_answer(query, scope, parameters, &answer)};
	struct db_rows rows;
	struct verdict verdict =
	    question_ask(query->question, &values, QUERY_MAX_ROWS, arena, &rows);

	*row = (struct query_row){0};
	if (!verdict_allows(verdict))
		return verdict;
	for (size_t r = 0; r < rows.row_count; r++)
		if (question_row_proves(query->question, &values, &rows, r)) {
			*row = (struct query_row){
			    rows.columns, rows.values + r * rows.column_count, rows.column_count};
			return verdict;
		}
	return verdict_of(OUTCOME_ROW_NOT_PROVEN);
}

void query_check_plan(const struct query *query, struct report *report)
{
	question_check_plan(query->question, report);
}

void query_trace(const struct query *query, const struct scope *scope, struct trace_step *step)
{
	struct question_values values = {find_value, scope, NULL};
	size_t count = question_name_count(query->question);
	struct named_value *shown = arena_array(scope->trace->arena, count + 1, sizeof(*shown));

	step->sql = question_written(query->question, &values, scope->trace->arena).data;
	for (size_t i = 0; shown && i < count; i++) {
		struct text name = question_name(query->question, i);
		bool repeated = false;

		for (size_t k = 0; k < step->value_count; k++)
			repeated = repeated || text_equal(shown[k].name, name);
		if (!repeated)
			shown[step->value_count++] =
			    (struct named_value){name, scope_value(scope, name)};
	}
	step->values = shown;
}

bool query_proves(const struct query *query, struct text column)
{
	return question_has_name(query->question, column);
}
