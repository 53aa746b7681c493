/* Puts the values of many into one IN, and finds out by the proof whose row is whose. */
#include "platform.h"
#include "db/question_group.h"

#include "db/plain_select.h"
#include "db/statement.h"

#define MOST_SETS 20
#define MINUTE_MICROSECONDS INT64_C(60000000)
#define HOUR_MICROSECONDS (60 * MINUTE_MICROSECONDS)

struct question_group {
	struct question *question;
	struct db *db;
	const struct clock *clock;
	struct arena *lifetime;
	struct plain_select select;     /* its parameters are the question's names */
	struct db_statement *statement; /* NULL until it is known what columns come back */
	size_t leader;      /* the subject that alone is asked for of its table, if there is one */
	size_t width;       /* values of each subject that is asked for */
	int64_t rest_until; /* monotonic */
};

/* One set that can be asked together with others. */
struct set {
	const struct question_values *values;
	const struct value *parameters; /* in the order of the question's names */
	struct question_answer *answer;
	size_t row; /* the last that proves itself for it */
};

/* Are the parameters those of the question, in its order, and does a row prove each subject? */
static bool parameters_fit(const struct question *question, const struct plain_select *select)
{
	if (select->subject_count == 0 || select->parameter_count != question_name_count(question))
		return false;
	for (size_t i = 0; i < select->parameter_count; i++) {
		const struct plain_parameter *parameter = &select->parameters[i];

		if (!text_equal(parameter->name, question_name(question, i)) ||
		    (parameter->is_subject && !question_needs_proof(question, parameter->name)))
			return false;
	}
	return true;
}

/* Is the parameter there once for each set? */
static bool is_asked(const struct question_group *group, size_t index)
{
	return group->select.parameters[index].is_subject &&
	       !plain_select_is_beside(&group->select, index, group->leader);
}

/* How many values of each subject one statement has room for. */
static size_t width_for(const struct question_group *group)
{
	size_t others = 0;
	size_t subjects = 0;
	size_t width;

	for (size_t i = 0; i < group->select.parameter_count; i++) {
		others += !group->select.parameters[i].is_subject;
		subjects += is_asked(group, i);
	}
	width = (STATEMENT_MAX_PARAMETERS - others) / subjects;
	return width < MOST_SETS ? width : MOST_SETS;
}

struct question_group *question_group_open(const char *sql, struct question *question,
    const struct text *subjects, size_t subject_count, struct db *db, const struct clock *clock,
    struct arena *lifetime)
{
	struct question_group *group = arena_alloc(lifetime, sizeof(*group));

	if (!group || !plain_select_read(sql, subjects, subject_count, lifetime, &group->select) ||
	    !parameters_fit(question, &group->select))
		return NULL;
	group->question = question;
	group->db = db;
	group->clock = clock;
	group->lifetime = lifetime;
	group->leader = group->select.parameter_count;
	return width_for(group) < 2 ? NULL : group;
}

/* Where a value of one subject leads to one row of its table, the others need not be asked for: the row proves
 * them, and the server has one index less to think about. */
static bool make_statement(struct question_group *group)
{
	struct db_purpose purpose = question_purpose(group->question);
	const char *wide;

	if (group->statement)
		return true;
	for (size_t i = group->select.parameter_count; i-- > 0;)
		if (group->select.parameters[i].is_subject &&
		    question_is_unique(group->question, i))
			group->leader = i;
	group->width = width_for(group);
	wide = plain_select_widen(&group->select, group->width, group->leader, group->lifetime);
	if (wide)
		group->statement =
		    db_statement_new(group->db, &purpose, question_label(group->question), wide);
	return group->statement != NULL;
}

static void rest(struct question_group *group, int64_t microseconds)
{
	group->rest_until = clock_monotonic(group->clock) + microseconds;
}

/* Is each subject compared with an integer or a text? A row may show as the same bytes two numbers of floating
 * point that differ. */
static bool subjects_are_exact(const struct question_group *group)
{
	for (size_t i = 0; i < group->select.parameter_count; i++) {
		enum value_kind kind = question_binding(group->question, i);

		if (group->select.parameters[i].is_subject && kind != VALUE_INTEGER &&
		    kind != VALUE_TEXT)
			return false;
	}
	return true;
}

/* As many as fill the statement; of those that ask for texts, no more than find_row could be certain of. */
static size_t most_at_once(const struct question_group *group, size_t max_rows)
{
	size_t most = group->width;

	for (size_t i = 0; i < group->select.parameter_count; i++)
		if (group->select.parameters[i].is_subject && most > max_rows &&
		    question_binding(group->question, i) == VALUE_TEXT)
			most = max_rows;
	return most;
}

/* Do they differ in nothing but subjects? */
static bool goes_with(
    const struct question_group *group, const struct value *parameters, const struct value *first)
{
	for (size_t i = 0; i < group->select.parameter_count; i++)
		if (!group->select.parameters[i].is_subject &&
		    !value_equal(&parameters[i], &first[i]))
			return false;
	return true;
}

/* Those that can be asked together, in order; their count. */
static size_t gather_sets(const struct question_group *group, const struct question_values *values,
    size_t count, struct arena *arena, struct question_answer *answers, struct set *sets)
{
	static const struct text nothing = {0};
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		struct value *parameters =
		    arena_array(arena, group->select.parameter_count, sizeof(*parameters));

		if (!parameters ||
		    !question_gather(group->question, &values[i], nothing, parameters) ||
		    !goes_with(group, parameters, used ? sets[0].parameters : parameters))
			continue;
		sets[used++] = (struct set){
		    .values = &values[i], .parameters = parameters, .answer = &answers[i]};
	}
	return used;
}

/* The statement's parameters; the first set stands in for those that are not there. Their count. */
static size_t join_parameters(const struct question_group *group, const struct set *sets,
    size_t count, struct value parameters[STATEMENT_MAX_PARAMETERS])
{
	size_t used = 0;

	for (size_t i = 0; i < group->select.parameter_count; i++)
		if (is_asked(group, i))
			for (size_t k = 0; k < group->width; k++)
				parameters[used++] = sets[k < count ? k : 0].parameters[i];
		else if (!group->select.parameters[i].is_subject)
			parameters[used++] = sets[0].parameters[i];
	return used;
}

/* The subject by which rows and sets are told apart at a glance: one that is an integer, if there is one. */
static size_t key_subject(const struct question_group *group)
{
	size_t key = group->select.parameter_count;

	for (size_t i = group->select.parameter_count; i-- > 0;)
		if (group->select.parameters[i].is_subject &&
		    (key == group->select.parameter_count ||
		        question_binding(group->question, key) != VALUE_INTEGER ||
		        question_binding(group->question, i) == VALUE_INTEGER))
			key = i;
	return key;
}

/* Could the set's own statement have found this row? Texts may be equal for the database and differ. */
static bool could_find(const struct question_group *group, const struct set *set,
    const struct db_rows *rows, size_t row)
{
	for (size_t i = 0; i < group->select.parameter_count; i++)
		if (group->select.parameters[i].is_subject &&
		    question_binding(group->question, i) == VALUE_INTEGER &&
		    !text_equal(question_proof(group->question, i, rows, row).text,
		        set->parameters[i].text))
			return false;
	return true;
}

/* Is there one row that proves itself for this set, to which its own statement, of whose rows `max_rows` are
 * read, would surely have come? `keys` are what the rows have in the column of the subject `key`. */
static bool find_row(const struct question_group *group, struct set *set,
    const struct db_rows *rows, const struct text *keys, size_t key, size_t max_rows)
{
	bool exact = question_binding(group->question, key) == VALUE_INTEGER;
	size_t proven = 0;
	size_t found = 0;

	for (size_t r = 0; r < rows->row_count; r++) {
		bool same = text_equal(keys[r], set->parameters[key].text);

		if (same && question_row_proves(group->question, set->values, rows, r)) {
			set->row = r;
			proven++;
		}
		found += (same || !exact) && could_find(group, set, rows, r);
	}
	return proven == 1 && found <= max_rows;
}

/* The columns are copied: those of the statement may be gone when the answer is looked at. */
static void hand_out(const struct question_group *group, const struct db_rows *rows,
    struct set *sets, size_t count, size_t max_rows, struct arena *arena)
{
	struct db_column *columns = db_columns_keep(rows, arena);
	struct text *keys = arena_array(arena, rows->row_count, sizeof(*keys));
	size_t key = key_subject(group);

	for (size_t r = 0; keys && r < rows->row_count; r++)
		keys[r] = question_proof(group->question, key, rows, r).text;
	for (size_t i = 0; columns && keys && i < count; i++)
		if (find_row(group, &sets[i], rows, keys, key, max_rows))
			*sets[i].answer =
			    (struct question_answer){group->question, sets[i].parameters,
			        {columns, rows->column_count,
			            rows->values + sets[i].row * rows->column_count, 1}};
}

/* Ask for as many sets as go into one statement. False when the database is away. */
static bool ask_once(struct question_group *group, struct set *sets, size_t count, size_t max_rows,
    struct arena *arena)
{
	struct value parameters[STATEMENT_MAX_PARAMETERS];
	size_t parameter_count = join_parameters(group, sets, count, parameters);
	size_t most = group->width + max_rows;
	struct db_rows rows;

	switch (db_select(
	    group->db, group->statement, parameters, parameter_count, most, arena, &rows)) {
	case DB_EMPTY:
		return true;
	case DB_FOUND:
		/* of more rows nobody knows what they are */
		if (rows.row_count < most && question_holds(group->question, &rows))
			hand_out(group, &rows, sets, count, max_rows, arena);
		else
			rest(group, HOUR_MICROSECONDS);
		return true;
	case DB_BROKEN:
	default:
		/* should it be that together they take too long, they can soon be asked alone */
		rest(group, MINUTE_MICROSECONDS);
		return !db_error(group->db)->unavailable;
	}
}

struct verdict question_group_ask(struct question_group *group,
    const struct question_values *values, size_t count, size_t max_rows, struct arena *arena,
    struct question_answer *answers)
{
	struct set *sets = arena_array(arena, count, sizeof(*sets));
	struct verdict ready = question_ready(group->question, arena);
	size_t used;
	size_t most;

	if (verdict_is_outage(ready) && db_error(group->db)->unavailable)
		return ready;
	if (!sets || !verdict_allows(ready) || !subjects_are_exact(group) ||
	    clock_monotonic(group->clock) < group->rest_until || !make_statement(group))
		return verdict_of(OUTCOME_ALLOWED);
	used = gather_sets(group, values, count, arena, answers, sets);
	most = most_at_once(group, max_rows);
	for (size_t done = 0; done + 1 < used; done += most) {
		size_t left = used - done;

		if (!ask_once(group, sets + done, left < most ? left : most, max_rows, arena))
			return db_verdict(group->db, arena);
		if (clock_monotonic(group->clock) < group->rest_until)
			break;
	}
	return verdict_of(OUTCOME_ALLOWED);
}
