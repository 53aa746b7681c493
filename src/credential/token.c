/* An opaque token, hashed as the application hashes it, and one row that proves to be about it. */
#include "platform.h"
#include "credential/token.h"

#include "codec/base64.h"
#include "credential/source.h"
#include "crypto/digest.h"
#include "db/question.h"

#define CHECK_BYTES 65536
#define MOST_ROWS 2 /* one more than may be */

struct token {
	const struct config_credential *config;
	struct credential_context context;
	struct question *question;
	struct credential_names names;
};

/* What the statement's parameters stand for in one request. */
struct token_values {
	struct text token;
	struct text now;
	const struct request *request;
};

static struct value find_value(const void *context, struct text name)
{
	const struct token_values *values = context;
	const struct request *request = values->request;

	if (text_is(name, "token"))
		return (struct value){VALUE_TEXT, values->token};
	if (text_is(name, "now"))
		return (struct value){VALUE_TEXT, values->now};
	for (size_t i = 0; i < request->capture_count; i++)
		if (text_equal(request->captures[i].name, name))
			return request->captures[i].value;
	return (struct value){0};
}

/* Captures are those of any endpoint that uses the credential; see credential_names. */
static bool knows(const void *names, struct text name)
{
	(void)names;
	return !text_is(name, "user") && text_find(name, '.') == name.length;
}

/* A list with room for `count` names. */
static bool list_new(struct config_list *list, size_t count, struct arena *arena)
{
	*list = (struct config_list){0};
	list->items = arena_array(arena, count + 1, sizeof(*list->items));
	return list->items != NULL;
}

static bool list_add(struct config_list *list, struct text name, struct arena *arena)
{
	const char *copy = arena_copy(arena, name.data, name.length);

	if (copy)
		list->items[list->count++] = copy;
	return copy != NULL;
}

static bool learn_captures(struct token *kind, struct arena *lifetime)
{
	struct config_list *captures = &kind->names.captures;
	size_t count = question_name_count(kind->question);

	if (!list_new(captures, count, lifetime))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct text name = question_name(kind->question, i);

		if (!text_is(name, "token") && !text_is(name, "now") &&
		    !list_add(captures, name, lifetime))
			return false;
	}
	return true;
}

static void *token_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report)
{
	struct token *kind = arena_alloc(context->lifetime, sizeof(*kind));
	struct question_source source = {.sql = config->identify,
	    .origin = config->identify_origin,
	    .purpose = {"credential", config->name, NULL},
	    .unproven = &config->unproven,
	    .knows = knows,
	    .known = "neither :token, :now nor a capture of a path",
	    .same = secret_equal};

	if (!kind) {
		report_add(report, REPORT_ERROR, config->origin, "out of memory");
		return NULL;
	}
	kind->config = config;
	kind->context = *context;
	kind->question = question_open(&source, context->db, context->lifetime, report);
	if (!kind->question)
		return NULL;
	if (!question_has_name(kind->question, TEXT("token"))) {
		report_add(report, REPORT_ERROR, config->identify_origin,
		    "\"identify\" does not mention :token, so anybody would be let in");
		return NULL;
	}
	if (!learn_captures(kind, context->lifetime)) {
		report_add(report, REPORT_ERROR, config->origin, "out of memory");
		return NULL;
	}
	return kind;
}

/* The only column of this name; the column count when there is none, or more than one. */
static size_t find_column(const struct db_rows *rows, const char *name)
{
	size_t found = rows->column_count;

	for (size_t i = 0; i < rows->column_count; i++) {
		if (!text_is(rows->columns[i].name, name))
			continue;
		if (found != rows->column_count)
			return rows->column_count;
		found = i;
	}
	return found;
}

/* Columns that mean something else than a value of the identity. */
static bool is_value(struct text column)
{
	return !text_is(column, "id") && !text_is(column, "session_id") &&
	       !text_is(column, "token");
}

static bool is_id(enum value_kind kind)
{
	return kind == VALUE_INTEGER || kind == VALUE_DECIMAL || kind == VALUE_TEXT;
}

/* What is wrong with the columns, whatever the rows may hold; NULL when nothing is. */
static const char *columns_problem(const struct db_rows *rows)
{
	size_t id = find_column(rows, "id");

	if (id == rows->column_count)
		return "\"identify\" must select exactly one column `id`";
	if (!is_id(rows->columns[id].kind))
		return "the column `id` must be an integer or text";
	for (size_t i = 0; i < rows->column_count; i++)
		for (size_t k = 0; k < i; k++)
			if (text_equal(rows->columns[i].name, rows->columns[k].name))
				return "\"identify\" selects two columns of one name";
	return NULL;
}

static bool learn_values(struct token *kind, const struct db_rows *rows)
{
	struct arena *lifetime = kind->context.lifetime;
	struct config_list *values = &kind->names.values;

	if (!list_new(values, rows->column_count, lifetime))
		return false;
	for (size_t i = 0; i < rows->column_count; i++)
		if (is_value(rows->columns[i].name) &&
		    !list_add(values, rows->columns[i].name, lifetime))
			return false;
	return true;
}

static bool token_check(void *state, struct report *report, bool *outage)
{
	struct token *kind = state;
	struct arena *arena = arena_new(CHECK_BYTES);
	struct db_rows columns = {0};
	const char *problem = "out of memory";
	bool ok = question_check(kind->question, report, outage);

	if (ok && arena && verdict_allows(question_describe(kind->question, arena, &columns)))
		problem = columns_problem(&columns);
	if (ok && !problem && !learn_values(kind, &columns))
		problem = "out of memory";
	arena_free(arena);
	if (ok && problem)
		report_add(report, REPORT_ERROR, kind->config->identify_origin, "%s", problem);
	return ok && !problem;
}

static void token_examine(void *state, struct report *report)
{
	const struct token *kind = state;

	question_check_plan(kind->question, report);
}

static const struct credential_names *token_names(void *state)
{
	const struct token *kind = state;

	return &kind->names;
}

static bool token_presented(void *state, const struct request *request)
{
	const struct token *kind = state;

	return source_presented(&kind->config->from, request);
}

/* The text that ":token" stands for. */
static struct verdict lookup_text(
    const struct token *kind, struct text presented, struct arena *arena, struct text *text)
{
	unsigned char hash[SHA256_BYTES];
	char *hex;

	*text = presented;
	if (!text_is_utf8(presented) || text_find(presented, '\0') < presented.length)
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	if (text_is(text_of(kind->config->hash), "plain"))
		return verdict_of(OUTCOME_ALLOWED);
	hex = arena_alloc(arena, SHA256_HEX_BYTES);
	if (!hex || !hasher_sha256(kind->context.hasher, &presented, 1, hash))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	hex_encode(hash, sizeof(hash), hex);
	*text = (struct text){hex, SHA256_HEX_BYTES - 1};
	return verdict_of(OUTCOME_ALLOWED);
}

static struct verdict read_identity(
    const struct db_rows *rows, struct arena *arena, struct identity *identity)
{
	size_t id = find_column(rows, "id");
	size_t session = find_column(rows, "session_id");

	if (id == rows->column_count || !is_id(rows->columns[id].kind))
		return (struct verdict){OUTCOME_CONFIGURATION_BROKEN, columns_problem(rows)};
	if (rows->values[id].text.length == 0)
		return (struct verdict){OUTCOME_OWNER_MISSING, "the row has no id"};
	identity->values = arena_array(arena, rows->column_count, sizeof(*identity->values));
	if (!identity->values)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	for (size_t i = 0; i < rows->column_count; i++) {
		struct text name = rows->columns[i].name;
		const char *copy = arena_copy(arena, name.data, name.length);

		if (!copy)
			return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
		if (is_value(name))
			identity->values[identity->value_count++] =
			    (struct named_value){{copy, name.length}, rows->values[i]};
	}
	identity->id = rows->values[id];
	if (session < rows->column_count && is_id(rows->columns[session].kind))
		identity->token_id = rows->values[session].text;
	return verdict_of(OUTCOME_ALLOWED);
}

/* A credential is refused with 401, where a rule in the same case would answer 403. */
static struct verdict as_credential(struct verdict verdict)
{
	if (verdict.outcome == OUTCOME_NO_ROW)
		verdict.outcome = OUTCOME_TOKEN_UNKNOWN;
	else if (verdict.outcome == OUTCOME_VALUE_MISSING)
		verdict.outcome = OUTCOME_CONFIGURATION_BROKEN;
	return verdict;
}

static struct verdict look_up(struct token *kind, const struct token_values *values,
    struct arena *arena, struct identity *identity)
{
	struct question_values parameters = {.find = find_value, .context = values};
	struct db_rows rows;
	struct verdict verdict = question_ask(kind->question, &parameters, MOST_ROWS, arena, &rows);

	if (!verdict_allows(verdict))
		return as_credential(verdict);
	if (rows.row_count != 1)
		return verdict_of(OUTCOME_TOKEN_AMBIGUOUS);
	if (!question_row_proves(kind->question, &parameters, &rows, 0))
		return verdict_of(OUTCOME_TOKEN_MISMATCH);
	return read_identity(&rows, arena, identity);
}

static struct verdict token_prove(
    void *state, const struct request *request, struct arena *arena, struct identity *identity)
{
	struct token *kind = state;
	const struct credential_context *context = &kind->context;
	char now[CLOCK_EXACT_BYTES];
	struct token_values values = {.request = request};
	struct source_token found;
	struct verdict verdict =
	    source_verdict(source_find(&kind->config->from, request, arena, &found));

	if (!verdict_allows(verdict))
		return verdict;
	verdict = lookup_text(kind, found.text, arena, &values.token);
	if (!verdict_allows(verdict))
		return verdict;
	if (!clock_format_exact(clock_now(context->clock), context->zone, now))
		return (struct verdict){OUTCOME_CONFIGURATION_BROKEN, "the clock is wrong"};
	values.now = text_of(now);
	verdict = look_up(kind, &values, arena, identity);
	identity->carrier = found.carrier;
	return verdict;
}

const struct credential_kind credential_token = {
    .name = "token",
    .open = token_open,
    .check = token_check,
    .presented = token_presented,
    .prove = token_prove,
    .examine = token_examine,
    .names = token_names,
};
