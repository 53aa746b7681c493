/* endpoint/dialect: the literal bodies of every dialect, and what developers are told beyond them. */
#include "platform.h"
#include "unit/runner.h"

#include "endpoint/dialect.h"

#define JSON "application/json"
#define PLAIN "text/plain"
#define PROBLEM "application/problem+json"

START_TEST(bodies_are_literal)
{
	static const struct {
		const char *dialect;
		int status;
		const char *type;
		const char *body;
	} rows[] = {
	    {"laravel", 400, JSON, "{\"message\":\"Bad Request.\"}"},
	    {"laravel", 401, JSON, "{\"message\":\"Unauthenticated.\"}"},
	    {"laravel", 403, JSON, "{\n    \"message\": \"\"\n}"},
	    {"laravel", 404, JSON, "{\"message\":\"Not Found\"}"},
	    {"laravel", 405, JSON, "{\"message\":\"Method Not Allowed\"}"},
	    {"laravel", 413, JSON, "{\"message\":\"Payload Too Large\"}"},
	    {"laravel", 429, JSON, "{\"message\":\"Too Many Requests\"}"},
	    {"laravel", 503, JSON, "{\"message\":\"Service Unavailable\"}"},
	    {"nextjs", 400, PLAIN, "Bad Request"},
	    {"nextjs", 401, PLAIN, "Unauthorized"},
	    {"nextjs", 403, JSON, "\"Forbidden\""},
	    {"nextjs", 404, PLAIN, "Not Found"},
	    {"nextjs", 405, PLAIN, "Method Not Allowed"},
	    {"nextjs", 413, PLAIN, "Payload Too Large"},
	    {"nextjs", 429, PLAIN, "Too Many Requests"},
	    {"nextjs", 503, PLAIN, "Service Unavailable"},
	    {"error-message", 400, JSON, "{\"error\":\"Missing required parameters\"}"},
	    {"error-message", 403, JSON, "{\"error\":\"Forbidden\",\"message\":\"Forbidden\"}"},
	    {"error-message", 404, JSON, "{\"error\":\"Not Found\"}"},
	    {"error-message", 405, JSON, "{\"error\":\"Method Not Allowed\"}"},
	    {"error-message", 413, JSON, "{\"error\":\"Payload Too Large\"}"},
	    {"error-message", 429, JSON, "{\"error\":\"Too Many Requests\"}"},
	    {"error-message", 503, JSON, "{\"error\":\"Service Unavailable\"}"},
	    {"problem", 400, PROBLEM,
	        "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400}"},
	    {"problem", 401, PROBLEM,
	        "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401}"},
	    {"problem", 403, PROBLEM,
	        "{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403}"},
	    {"problem", 503, PROBLEM,
	        "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503}"},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct dialect_words words = {0};
		const char *type = NULL;

		assert_text(dialect_body(dialect_named(rows[i].dialect), rows[i].status, &words,
		                arena, &type),
		    rows[i].body);
		ck_assert_str_eq(type, rows[i].type);
	}
	arena_free(arena);
}
END_TEST

START_TEST(developers_get_a_code)
{
	static const struct {
		const char *dialect;
		int status;
		bool explained;
		const char *code;
		const char *type;
		const char *body;
	} rows[] = {
	    {"nextjs", 403, true, "USER_MISMATCH", JSON,
	        "{\"code\":\"USER_MISMATCH\",\"message\":\"It \\\"is\\\" so.\"}"},
	    {"nextjs", 403, false, "no_rule", JSON,
	        "{\"code\":\"CHANNEL_FORBIDDEN\",\"message\":\"It \\\"is\\\" so.\"}"},
	    {"nextjs", 401, false, "token_expired", PLAIN, "Unauthorized"},
	    {"nextjs", 400, false, "channel_missing", PLAIN, "Bad Request"},
	    {"laravel", 401, false, "token_expired", JSON,
	        "{\"message\":\"Unauthenticated.\",\"code\":\"token_expired\"}"},
	    {"laravel", 403, true, "OTHER_COMPANY", JSON,
	        "{\n    \"message\": \"\",\"code\":\"OTHER_COMPANY\"}"},
	    {"laravel", 404, false, "endpoint_unknown", JSON,
	        "{\"message\":\"Not Found\",\"code\":\"endpoint_unknown\"}"},
	    {"error-message", 403, false, "no_row", JSON,
	        "{\"error\":\"Forbidden\",\"message\":\"Custom\",\"code\":\"no_row\"}"},
	    {"problem", 403, false, "no_row", PROBLEM,
	        "{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403,\"code\":"
	        "\"no_row\"}"},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct dialect_words words = {.message = TEXT("Custom"),
		    .code = text_of(rows[i].code),
		    .meaning = TEXT("It \"is\" so."),
		    .explained = rows[i].explained};
		const char *type = NULL;

		assert_text(dialect_body(dialect_named(rows[i].dialect), rows[i].status, &words,
		                arena, &type),
		    rows[i].body);
		ck_assert_str_eq(type, rows[i].type);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_code_is_added_to_objects)
{
	struct arena *arena = arena_new(10000);

	assert_text(dialect_add_code(TEXT("{\"a\":1}"), TEXT("x\"y"), arena),
	    "{\"a\":1,\"code\":\"x\\\"y\"}");
	assert_text(dialect_add_code(TEXT("{\"a\":1}"), (struct text){0}, arena), "{\"a\":1}");
	ck_assert(!text_present(dialect_add_code((struct text){0}, TEXT("x"), arena)));
	arena_free(arena);
}
END_TEST

START_TEST(a_message_is_text_and_no_json)
{
	struct arena *arena = arena_new(10000);
	const struct dialect_words words = {.message = TEXT("a \"b\" 100%p é")};
	const char *type;

	assert_text(dialect_body(dialect_named("error-message"), 403, &words, arena, &type),
	    "{\"error\":\"Forbidden\",\"message\":\"a \\\"b\\\" 100%p é\"}");
	/* others have no place for it */
	assert_text(
	    dialect_body(dialect_named("nextjs"), 403, &words, arena, &type), "\"Forbidden\"");
	arena_free(arena);
}
END_TEST

START_TEST(statuses_depend_on_the_dialect)
{
	static const struct {
		enum outcome outcome;
		int status[4]; /* laravel, nextjs, error-message, problem */
	} rows[] = {
	    {OUTCOME_CREDENTIAL_MISSING, {401, 401, 400, 401}},
	    {OUTCOME_TOKEN_EXPIRED, {401, 401, 403, 401}},
	    {OUTCOME_CREDENTIAL_MALFORMED, {401, 401, 403, 401}},
	    {OUTCOME_NO_ROW, {403, 403, 403, 403}},
	    {OUTCOME_CROSS_SITE_REQUEST, {403, 403, 403, 403}},
	    {OUTCOME_UNDECIDED, {403, 403, 403, 403}},
	    {OUTCOME_DATABASE_UNAVAILABLE, {503, 503, 503, 503}},
	    {OUTCOME_CHANNEL_MISSING, {400, 400, 400, 400}},
	    {OUTCOME_ALLOWED, {200, 200, 200, 200}},
	};
	static const char *const names[] = {"laravel", "nextjs", "error-message", "problem"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t d = 0; d < 4; d++)
			ck_assert_int_eq(
			    dialect_status(dialect_named(names[d]), verdict_of(rows[i].outcome)),
			    rows[i].status[d]);
	ck_assert_ptr_null(dialect_named("Laravel"));
}
END_TEST

START_TEST(a_full_arena_gives_no_body)
{
	struct arena *arena = arena_new(8);
	const struct dialect_words words = {0};
	const char *type;

	ck_assert(!text_present(dialect_body(dialect_named("problem"), 403, &words, arena, &type)));
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialect");
	TCase *tests = tcase_create("dialect");

	tcase_add_test(tests, bodies_are_literal);
	tcase_add_test(tests, developers_get_a_code);
	tcase_add_test(tests, a_code_is_added_to_objects);
	tcase_add_test(tests, a_message_is_text_and_no_json);
	tcase_add_test(tests, statuses_depend_on_the_dialect);
	tcase_add_test(tests, a_full_arena_gives_no_body);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
