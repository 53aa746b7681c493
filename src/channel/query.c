/* A rule's SELECT: the scope's values for its parameters, and the first row that proves itself. */
#include "platform.h"
#include "channel/query.h"

#include "db/question.h"

struct query {
	struct question *question;
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

struct verdict query_run(
    struct query *query, const struct scope *scope, struct arena *arena, struct query_row *row)
{
	struct question_values values = {find_value, scope};
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

bool query_proves(const struct query *query, struct text column)
{
	return question_has_name(query->question, column);
}
