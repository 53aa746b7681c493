/* credential/source: every place a token may stand, and copies that must agree. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "credential/source.h"

#define MAX_PLACES 4

/* One request, and what is found in it: the token, "" for none, NULL for copies that disagree. */
struct source_row {
	const char *from[MAX_PLACES];
	const char *environment[4];
	const char *body;
	const char *token;
	enum carrier carrier;
};

static const struct source_row rows[] = {
    {{0}, {"HTTP_AUTHORIZATION=Bearer a"}, "", "a", CARRIER_DELIBERATE},
    {{0}, {"HTTP_AUTHORIZATION=Basic a"}, "", "", 0},
    {{0}, {"HTTP_AUTHORIZATION=Bearer "}, "", "", 0},
    {{"header:X-My-Token"}, {"HTTP_X_MY_TOKEN=a"}, "", "a", CARRIER_DELIBERATE},
    {{"header:X-My-Token"}, {"HTTP_X_MY_TOKEN="}, "", "", 0},
    {{"header:X-My-Token"}, {"HTTP_X_MY_TOKENS=a", "X_MY_TOKEN=b"}, "", "", 0},
    /* cookies */
    {{"cookie:t"}, {"HTTP_COOKIE=x=1; t=a"}, "", "a", CARRIER_COOKIE},
    {{"cookie:t"}, {"HTTP_COOKIE=t=a%7Cb+c%2Bd%"}, "", "a|b+c+d%", CARRIER_COOKIE},
    {{"cookie:t"}, {"HTTP_COOKIE=t=%2561"}, "", "%61", CARRIER_COOKIE},
    {{"cookie:t"}, {"HTTP_COOKIE=t=; T=a"}, "", "", 0},
    {{"cookie:t"}, {"HTTP_COOKIE=t=a, t=%61; t="}, "", "a", CARRIER_COOKIE},
    {{"cookie:t"}, {"HTTP_COOKIE=t=a; t=b"}, "", NULL, 0},
    {{"cookie:t"}, {"HTTP_COOKIE=x=1", "HTTP_COOKIE=t=a"}, "", "a", CARRIER_COOKIE},
    {{"cookie:t"}, {"HTTP_COOKIE=t=a", "HTTP_COOKIE=t=b"}, "", NULL, 0},
    {{"cookie"}, {"HTTP_COOKIE=t=a; cookie=b"}, "", "", 0},
    /* fields */
    {{"query:t"}, {"REQUEST_URI=/?t=a+b%2b"}, "", "a b+", CARRIER_DELIBERATE},
    {{"query:t"}, {"REQUEST_URI=/?t=a&t=a"}, "", "a", CARRIER_DELIBERATE},
    {{"query:t"}, {"REQUEST_URI=/?t=a&t=b"}, "", NULL, 0},
    {{"query:t"}, {"REQUEST_URI=/?t=a&t[]=b"}, "", NULL, 0},
    {{"query:t"}, {"REQUEST_URI=/?t="}, "t=b", "", 0},
    {{"query:t"}, {"REQUEST_URI=/?t=a%00"}, "", NULL, 0},
    {{"form:t"}, {"REQUEST_URI=/?t=b"}, "x=1&t=a", "a", CARRIER_DELIBERATE},
    {{"form:t"}, {NULL}, "{\"t\":\"a\"}", "a", CARRIER_DELIBERATE},
    {{"form:t"}, {NULL}, "{\"t\":\"\"}", "", 0},
    {{"form:t"}, {NULL}, "{\"t\":1}", NULL, 0},
    {{"form:t"}, {NULL}, "{\"t\":null}", NULL, 0},
    {{"form:t"}, {NULL}, "{\"t\":[\"a\"]}", NULL, 0},
    {{"form:t"}, {NULL}, "{\"t\":\"a\"", NULL, 0},
    {{"form:t"}, {NULL}, "{\"T\":\"a\"}", "", 0},
    /* several places */
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "t=a", "a", CARRIER_DELIBERATE},
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "x=a", "a", CARRIER_DELIBERATE},
    {{"query:t", "form:t"}, {"REQUEST_URI=/"}, "t=a", "a", CARRIER_DELIBERATE},
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "t=b", NULL, 0},
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "t=A", NULL, 0},
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "t=aa", NULL, 0},
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "{\"t\":0}", NULL, 0},
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "{\"t\":", NULL, 0},
    {{"query:t", "form:t"}, {"REQUEST_URI=/?t=a"}, "t=%00", NULL, 0},
    {{"bearer", "form:t"}, {"HTTP_AUTHORIZATION=Bearer a"}, "x=%00", NULL, 0},
    {{"bearer"}, {"HTTP_AUTHORIZATION=Bearer a"}, "x=%00", "a", CARRIER_DELIBERATE},
    {{"cookie:t", "bearer"}, {"HTTP_COOKIE=t=a", "HTTP_AUTHORIZATION=Bearer a"}, "", "a",
        CARRIER_DELIBERATE},
    {{"bearer", "cookie:t"}, {"HTTP_COOKIE=t=a", "HTTP_AUTHORIZATION=Bearer a"}, "", "a",
        CARRIER_DELIBERATE},
    {{"cookie:t", "bearer"}, {"HTTP_COOKIE=t=a", "HTTP_AUTHORIZATION=Bearer b"}, "", NULL, 0},
};

static struct request read_row(
    const struct source_row *row, struct exchange *exchange, const char **environment)
{
	struct request request = {.exchange = exchange};
	size_t count = 0;

	environment[count++] = "REQUEST_METHOD=POST";
	for (size_t i = 0; i < 4 && row->environment[i]; i++)
		environment[count++] = row->environment[i];
	environment[count++] = "REQUEST_URI=/";
	environment[count] = NULL;
	*exchange = (struct exchange){environment, text_of(row->body), BODY_COMPLETE};
	return request;
}

START_TEST(places_are_read)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct source_row *row = &rows[i];
		struct arena *arena = arena_new(100000);
		struct config_list from = {(const char **)(uintptr_t)row->from, 0};
		const char *environment[8];
		struct source_token token;
		struct exchange exchange;
		struct request request = read_row(row, &exchange, environment);
		enum source_result result;

		while (from.count < MAX_PLACES && row->from[from.count])
			from.count++;
		ck_assert(request_read(&exchange, arena, &request));
		request_read_fields(&request, arena);
		result = source_find(&from, &request, arena, &token);
		ck_assert_msg((result == SOURCE_CONFLICT) == (row->token == NULL), "row %zu", i);
		ck_assert_msg(
		    (result == SOURCE_FOUND) == (row->token && *row->token), "row %zu", i);
		ck_assert_msg(
		    source_presented(&from, &request) == (result != SOURCE_ABSENT), "row %zu", i);
		ck_assert_msg(token.carrier == row->carrier, "row %zu", i);
		if (result == SOURCE_FOUND)
			assert_text(token.text, row->token);
		else
			ck_assert(!text_present(token.text));
		arena_free(arena);
	}
}
END_TEST

START_TEST(results_are_worded)
{
	ck_assert_int_eq(source_verdict(SOURCE_FOUND).outcome, OUTCOME_ALLOWED);
	ck_assert_int_eq(source_verdict(SOURCE_ABSENT).outcome, OUTCOME_CREDENTIAL_MISSING);
	ck_assert_int_eq(source_verdict(SOURCE_CONFLICT).outcome, OUTCOME_CREDENTIAL_MALFORMED);
	ck_assert_int_eq(
	    source_verdict((enum source_result)77).outcome, OUTCOME_CREDENTIAL_MALFORMED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source");
	TCase *tests = tcase_create("source");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, places_are_read);
	tcase_add_test(tests, results_are_worded);
	return run_suite(suite);
}
