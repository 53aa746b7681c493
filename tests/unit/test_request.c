/* http/request and endpoint/subscription: what a request says, and which channels it asks for. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "endpoint/subscription.h"
#include "http/request.h"

static struct request read_with(struct arena *arena, struct exchange *exchange,
    const char *const *environment, const char *body)
{
	struct request request;

	*exchange = (struct exchange){environment, text_of(body), BODY_COMPLETE};
	ck_assert(request_read(exchange, arena, &request));
	request_read_fields(&request, arena);
	return request;
}

START_TEST(paths_come_from_request_uri_alone)
{
	static const struct {
		const char *uri;
		const char *path; /* NULL: unreadable */
		const char *query;
	} rows[] = {
	    {"REQUEST_URI=/broadcasting/auth", "/broadcasting/auth", NULL},
	    {"REQUEST_URI=/broadcasting/auth/", "/broadcasting/auth", NULL},
	    {"REQUEST_URI=/broadcasting/auth//", "/broadcasting/auth/", NULL},
	    {"REQUEST_URI=//broadcasting/auth", "//broadcasting/auth", NULL},
	    {"REQUEST_URI=/a?x=1&y=/b", "/a", "x=1&y=/b"},
	    {"REQUEST_URI=/a?x#f", "/a", "x"},
	    {"REQUEST_URI=http://example.org/a?x", "/a", "x"},
	    {"REQUEST_URI=https://example.org:8443/a", "/a", NULL},
	    {"REQUEST_URI=/%61%2fb", "/a/b", NULL},
	    {"REQUEST_URI=/%2561", "/%61", NULL},
	    {"REQUEST_URI=/a%00b", NULL, NULL},
	    {"REQUEST_URI=/a%zz", "/a%zz", NULL},
	    {"REQUEST_URI=/a%4", "/a%4", NULL},
	    {"REQUEST_URI=/", "/", NULL},
	    {"REQUEST_URI=", NULL, NULL},
	    {"PATH_INFO=/broadcasting/auth", NULL, NULL},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *environment[] = {
		    "REQUEST_METHOD=POST", "SCRIPT_NAME=/broadcasting", rows[i].uri, NULL};
		struct exchange exchange = {environment, TEXT(""), BODY_COMPLETE};
		struct request request;
		bool readable = request_read(&exchange, arena, &request);

		ck_assert_msg(readable == (rows[i].path != NULL), "%s", rows[i].uri);
		if (!readable)
			continue;
		assert_text(request.path, rows[i].path);
		if (rows[i].query)
			assert_text(request.query, rows[i].query);
	}
	arena_free(arena);
}
END_TEST

START_TEST(authorization_hides_in_three_places)
{
	static const struct {
		const char *lines[3];
		const char *found; /* NULL: absent */
	} rows[] = {
	    {{"HTTP_AUTHORIZATION=a"}, "a"},
	    {{"HTTP_AUTHORIZATION=", "REDIRECT_HTTP_AUTHORIZATION=b"}, "b"},
	    {{"REDIRECT_REDIRECT_HTTP_AUTHORIZATION=c"}, "c"},
	    {{"HTTP_AUTHORIZATION=a", "REDIRECT_HTTP_AUTHORIZATION=b"}, "a"},
	    {{"HTTP_AUTHORIZATION="}, NULL},
	    {{"HTTP_AUTHORIZATION_X=a"}, NULL},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *environment[] = {"REQUEST_METHOD=POST", "REQUEST_URI=/",
		    rows[i].lines[0], rows[i].lines[1], rows[i].lines[2], NULL};
		struct exchange exchange = {environment, TEXT(""), BODY_COMPLETE};
		struct request request;

		ck_assert(request_read(&exchange, arena, &request));
		if (rows[i].found)
			assert_text(request.authorization, rows[i].found);
		else
			ck_assert(!text_present(request.authorization));
	}
	arena_free(arena);
}
END_TEST

static const struct subscription_limits limits = {3, 164};

START_TEST(subscriptions_are_read_from_every_form)
{
	static const struct {
		const char *uri;
		const char *type;
		const char *body;
		enum outcome outcome;
		const char *channel; /* of the first channel when ALLOWED */
		size_t count;
	} rows[] = {
	    {"/", "", "socket_id=1.2&channel_name=private-a", OUTCOME_ALLOWED, "private-a", 1},
	    {"/", "", "&socket_id=1.2&&channel_name=private-a", OUTCOME_ALLOWED, "private-a", 1},
	    {"/", "", "socket_id=+1.2%20&channel_name=%20private-a+", OUTCOME_ALLOWED, "private-a",
	        1},
	    {"/", "application/json", "socket_id=1.2&channel_name=private-a", OUTCOME_ALLOWED,
	        "private-a", 1},
	    {"/", "text/plain", " {\"socket_id\":\"1.2\",\"channel_name\":\"private-a\"}",
	        OUTCOME_ALLOWED, "private-a", 1},
	    {"/", "application/x-www-form-urlencoded, application/json",
	        "socket_id=1.2&channel_name=private-a", OUTCOME_ALLOWED, "private-a", 1},
	    {"/?socket_id=9.9&channel_name=private-q", "", "socket_id=1.2&channel_name=private-a",
	        OUTCOME_ALLOWED, "private-a", 1},
	    {"/?socket_id=1.2", "", "channel_name=private-a", OUTCOME_ALLOWED, "private-a", 1},
	    {"/?socket_id=1.2&channel_name=private-q", "", "", OUTCOME_ALLOWED, "private-q", 1},
	    {"/", "multipart/form-data; boundary=xx",
	        "--xx\r\nContent-Disposition: form-data; name=\"socket_id\"\r\n\r\n1.2\r\n"
	        "--xx\r\nContent-Disposition: form-data; name=\"channel_name\"\r\n\r\nprivate-a\r\n"
	        "--xx--\r\n",
	        OUTCOME_ALLOWED, "private-a", 1},
	    {"/", "", "socket_id=1.2&channel_name[0]=private-a&channel_name%5B1%5D=private-b",
	        OUTCOME_ALLOWED, "private-a", 2},
	    {"/", "", "socket_id=1.2&channel_name[]=private-a&channel_name[]=bad:name",
	        OUTCOME_ALLOWED, "private-a", 2},
	    {"/", "", "{\"socket_id\":\"1.2\",\"channel_name\":[\"private-a\",\"private-b\"]}",
	        OUTCOME_ALLOWED, "private-a", 2},
	    {"/", "", "channel_name=private-a", OUTCOME_SOCKET_ID_MISSING, NULL, 0},
	    {"/", "", "socket_id=&channel_name=private-a", OUTCOME_SOCKET_ID_MISSING, NULL, 0},
	    {"/", "", "socket.id=1.2&channel_name=private-a", OUTCOME_SOCKET_ID_MISSING, NULL, 0},
	    {"/", "", "socket_id=1.2", OUTCOME_CHANNEL_MISSING, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name=", OUTCOME_CHANNEL_MISSING, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name=++", OUTCOME_CHANNEL_MISSING, NULL, 0},
	    {"/", "", "[1,2]", OUTCOME_SOCKET_ID_MISSING, NULL, 0},
	    {"/", "", "socket_id=1.2&socket_id=1.2&channel_name=private-a",
	        OUTCOME_PARAMETER_REPEATED, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name=private-a&channel_name=private-a",
	        OUTCOME_PARAMETER_REPEATED, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name=private-a&channel_name[]=private-b",
	        OUTCOME_PARAMETER_REPEATED, NULL, 0},
	    {"/", "", "socket_id[]=1.2&channel_name=private-a", OUTCOME_SOCKET_ID_INVALID, NULL, 0},
	    {"/", "", "socket_id=1&channel_name=private-a", OUTCOME_SOCKET_ID_INVALID, NULL, 0},
	    {"/", "", "socket_id=1.2%0A3&channel_name=private-a", OUTCOME_SOCKET_ID_INVALID, NULL,
	        0},
	    {"/", "", "socket_id=1.2&channel_name=private:a", OUTCOME_CHANNEL_INVALID, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name=private-%FF", OUTCOME_CHANNEL_INVALID, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name=private-a%00", OUTCOME_REQUEST_MALFORMED, NULL, 0},
	    {"/", "", "{\"socket_id\":1.2,\"channel_name\":\"private-a\"}",
	        OUTCOME_SOCKET_ID_INVALID, NULL, 0},
	    {"/", "", "{\"socket_id\":\"1.2\",\"channel_name\":true}", OUTCOME_CHANNEL_INVALID,
	        NULL, 0},
	    {"/", "", "{\"socket_id\":\"1.2\",\"channel_name\":null}", OUTCOME_CHANNEL_INVALID,
	        NULL, 0},
	    {"/", "", "{\"socket_id\":\"1.2\",\"channel_name\":[]}", OUTCOME_CHANNEL_INVALID, NULL,
	        0},
	    {"/", "",
	        "{\"socket_id\":\"1.2\",\"socket_id\":\"1.2\",\"channel_name\":\"private-a\"}",
	        OUTCOME_REQUEST_MALFORMED, NULL, 0},
	    {"/", "", "{\"socket_id\":\"1.2\"", OUTCOME_REQUEST_MALFORMED, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name[]=private-a&channel_name[]=private-a",
	        OUTCOME_BATCH_INVALID, NULL, 0},
	    {"/", "",
	        "socket_id=1.2&channel_name[]=a&channel_name[]=b&channel_name[]=c&channel_name[]=d",
	        OUTCOME_BATCH_INVALID, NULL, 0},
	    {"/", "", "socket_id=1.2&channel_name[]=%FF", OUTCOME_BATCH_INVALID, NULL, 0},
	};
	struct arena *arena = arena_new(1000000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *environment[] = {"REQUEST_METHOD=POST",
		    arena_printf(arena, "REQUEST_URI=%s", rows[i].uri),
		    arena_printf(arena, "CONTENT_TYPE=%s", rows[i].type), NULL};
		struct exchange exchange;
		struct request request = read_with(arena, &exchange, environment, rows[i].body);
		struct subscription subscription;
		struct verdict verdict = subscription_read(&request, &limits, arena, &subscription);

		ck_assert_msg(verdict.outcome == rows[i].outcome, "%s %s: %s", rows[i].uri,
		    rows[i].body, outcome_row(verdict.outcome)->reason);
		if (!verdict_allows(verdict))
			continue;
		assert_text(subscription.socket_id, "1.2");
		assert_text(subscription.channels[0], rows[i].channel);
		ck_assert_uint_eq(subscription.count, rows[i].count);
		ck_assert_int_eq(subscription.is_batch, rows[i].count > 1);
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("request");
	TCase *tests = tcase_create("request");

	tcase_add_test(tests, paths_come_from_request_uri_alone);
	tcase_add_test(tests, authorization_hides_in_three_places);
	tcase_add_test(tests, subscriptions_are_read_from_every_form);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
