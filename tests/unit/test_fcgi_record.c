/* http/fcgi_record and http/exchange: only whole, sane requests get through the screen. */
#include "platform.h"
#include "unit/runner.h"

#include <stdlib.h>
#include <string.h>

#include "http/exchange.h"
#include "http/fcgi_record.h"

#define MAX_BODY 100

/* Feed one record. */
static enum fcgi_progress take(
    struct fcgi_request *request, int type, int id, const void *content, size_t length)
{
	unsigned char header[8] = {1, (unsigned char)type, (unsigned char)(id >> 8),
	    (unsigned char)id, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};

	return fcgi_request_take(request, header, content, MAX_BODY);
}

static const char begin[8] = {0, 1, 1, 0, 0, 0, 0, 0};
static const char params[] = "\x04\x02TESTok";
#define PARAMS_BYTES 8

START_TEST(a_whole_request_is_kept_as_records)
{
	struct fcgi_request request = {0};

	ck_assert_int_eq(take(&request, 1, 7, begin, 8), FCGI_MORE);
	ck_assert(request.keep_connection);
	ck_assert_int_eq(take(&request, 4, 7, params, PARAMS_BYTES), FCGI_MORE);
	ck_assert_int_eq(take(&request, 4, 7, "", 0), FCGI_MORE);
	ck_assert_int_eq(take(&request, 5, 7, "abc", 3), FCGI_MORE);
	ck_assert_int_eq(take(&request, 5, 7, "", 0), FCGI_WHOLE);
	ck_assert_uint_eq(request.body_bytes, 3);
	ck_assert_uint_eq(request.wire.length, 16 + 16 + 8 + 11 + 8);
	fcgi_request_reset(&request);
	ck_assert_uint_eq(request.wire.length, 0);
	ck_assert(!request.begun);
	fcgi_request_free(&request);
}
END_TEST

START_TEST(records_out_of_place_are_refused)
{
	static const struct {
		const char *what;
		int types[4]; /* records sent before, with id 1 */
		int type;
		int id;
		const char *content;
		size_t length;
	} rows[] = {
	    {"management record", {0}, 9, 0, "", 0},
	    {"record of request 0", {1}, 4, 0, params, PARAMS_BYTES},
	    {"parameters first", {0}, 4, 1, params, PARAMS_BYTES},
	    {"body first", {0}, 5, 1, "x", 1},
	    {"body before the parameters ended", {1, 4}, 5, 1, "x", 1},
	    {"second begin", {1}, 1, 1, begin, 8},
	    {"other id", {1}, 4, 2, params, PARAMS_BYTES},
	    {"abort", {1, 4}, 2, 1, "", 0},
	    {"short begin", {0}, 1, 1, begin, 7},
	    {"authorizer role", {0}, 1, 1, "\0\2\0\0\0\0\0\0", 8},
	    {"data stream", {1}, 8, 1, "x", 1},
	    {"unknown type", {1}, 77, 1, "x", 1},
	    {"reply type", {1}, 3, 1, begin, 8},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fcgi_request request = {0};

		for (size_t k = 0; k < 4 && rows[i].types[k]; k++)
			ck_assert_int_eq(take(&request, rows[i].types[k], 1,
			                     rows[i].types[k] == 1 ? begin : params, 8),
			    FCGI_MORE);
		ck_assert_msg(take(&request, rows[i].type, rows[i].id, rows[i].content,
		                  rows[i].length) == FCGI_REFUSED,
		    "%s", rows[i].what);
		fcgi_request_free(&request);
	}
}
END_TEST

START_TEST(wrong_version_is_refused)
{
	static const unsigned char header[8] = {2, 1, 0, 1, 0, 8, 0, 0};
	struct fcgi_request request = {0};

	ck_assert_int_eq(fcgi_request_take(&request, header, begin, MAX_BODY), FCGI_REFUSED);
	fcgi_request_free(&request);
}
END_TEST

START_TEST(parameters_are_screened)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t length;
		bool valid;
	} rows[] = {
	    {"one pair", "\x04\x02TESTok", 8, true},
	    {"empty value", "\x04\x00TEST", 6, true},
	    {"long form length", "\x80\x00\x00\x04\x02TESTok", 11, true},
	    {"none at all", "", 0, false},
	    {"empty name", "\x00\x02ok", 4, false},
	    {"value cut", "\x04\x03TESTok", 8, false},
	    {"name cut", "\x09\x00TEST", 6, false},
	    {"length cut", "\x04", 1, false},
	    {"long length cut", "\x04\x80\x00\x00", 4, false},
	    {"enormous length", "\x04\xff\xff\xff\xffTEST", 9, false},
	    {"equals sign in the name", "\x04\x02TE=Tok", 8, false},
	    {"NUL in the name", "\x04\x02TE\0Tok", 8, false},
	    {"NUL in the value", "\x04\x02TESTo\0", 8, false},
	    {"a decisive name twice, alike", "\x0b\x01REMOTE_ADDR1\x0b\x01REMOTE_ADDR1", 28, true},
	    {"a decisive name twice, unlike", "\x0b\x01REMOTE_ADDR1\x0b\x01REMOTE_ADDR2", 28,
	        false},
	    {"another name twice",
	        "\x01\x01"
	        "A1\x01\x01"
	        "A2",
	        8, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(fcgi_parameters_valid((struct text){rows[i].bytes, rows[i].length}) ==
		                  rows[i].valid,
		    "%s", rows[i].what);
}
END_TEST

START_TEST(limits_hold)
{
	struct fcgi_request request = {0};
	char big[65535];
	int taken = 0;

	memset(big, 'x', sizeof(big));
	ck_assert_int_eq(take(&request, 1, 1, begin, 8), FCGI_MORE);
	ck_assert_int_eq(take(&request, 4, 1, big, sizeof(big)), FCGI_MORE);
	ck_assert_int_eq(take(&request, 4, 1, big, sizeof(big)), FCGI_REFUSED);
	fcgi_request_reset(&request);

	ck_assert_int_eq(take(&request, 1, 1, begin, 8), FCGI_MORE);
	ck_assert_int_eq(take(&request, 4, 1, params, PARAMS_BYTES), FCGI_MORE);
	ck_assert_int_eq(take(&request, 4, 1, "", 0), FCGI_MORE);
	while (take(&request, 5, 1, "x", 1) == FCGI_MORE && taken < 100000)
		taken++;
	ck_assert_int_lt(taken, 2000);
	fcgi_request_free(&request);
}
END_TEST

START_TEST(a_body_over_the_limit_is_counted_but_not_kept)
{
	struct fcgi_request request = {0};
	char body[90];
	size_t before;

	memset(body, 'x', sizeof(body));
	take(&request, 1, 1, begin, 8);
	take(&request, 4, 1, params, PARAMS_BYTES);
	take(&request, 4, 1, "", 0);
	ck_assert_int_eq(take(&request, 5, 1, body, sizeof(body)), FCGI_MORE);
	before = request.wire.length;
	ck_assert_int_eq(take(&request, 5, 1, body, sizeof(body)), FCGI_MORE);
	ck_assert_uint_eq(request.wire.length, before);
	ck_assert_int_eq(take(&request, 5, 1, "", 0), FCGI_WHOLE);
	ck_assert_uint_eq(request.body_bytes, 180);
	fcgi_request_free(&request);
}
END_TEST

START_TEST(bodies_are_judged_against_content_length)
{
	static const struct {
		const char *declared; /* NULL: none */
		size_t received;
		int clean;
		enum body_state state;
	} rows[] = {
	    {"CONTENT_LENGTH=5", 5, 1, BODY_COMPLETE},
	    {"CONTENT_LENGTH=5", 4, 1, BODY_CUT},
	    {"CONTENT_LENGTH=5", 6, 1, BODY_CUT},
	    {"CONTENT_LENGTH=5", 5, 0, BODY_CUT},
	    {"CONTENT_LENGTH=", 0, 1, BODY_COMPLETE},
	    {NULL, 0, 1, BODY_COMPLETE},
	    {NULL, 3, 1, BODY_CUT},
	    {"CONTENT_LENGTH=abc", 3, 1, BODY_CUT},
	    {"CONTENT_LENGTH=-1", 3, 1, BODY_CUT},
	    {"CONTENT_LENGTH=101", 101, 1, BODY_TOO_LARGE},
	    {"CONTENT_LENGTH=101", 0, 1, BODY_TOO_LARGE},
	    {"CONTENT_LENGTH=5", 101, 1, BODY_TOO_LARGE},
	};

	ck_assert_int_eq(((struct exchange){0}).body_state, BODY_CUT);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *environment[] = {rows[i].declared, NULL};

		ck_assert_msg(exchange_body_state(environment, rows[i].received, MAX_BODY,
		                  rows[i].clean) == rows[i].state,
		    "row %zu", i);
	}
}
END_TEST

/* Apache's mod_cgid hands over neither length nor body of such a request. */
START_TEST(a_body_in_chunks_is_whole_with_a_length_only)
{
	const char *environment[] = {"HTTP_TRANSFER_ENCODING=chunked", "CONTENT_LENGTH=5", NULL};

	ck_assert_int_eq(exchange_body_state(environment, 5, MAX_BODY, 1), BODY_COMPLETE);
	environment[1] = NULL;
	ck_assert_int_eq(exchange_body_state(environment, 0, MAX_BODY, 1), BODY_CUT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("http");
	TCase *tests = tcase_create("fcgi_record");

	tcase_add_test(tests, a_whole_request_is_kept_as_records);
	tcase_add_test(tests, records_out_of_place_are_refused);
	tcase_add_test(tests, wrong_version_is_refused);
	tcase_add_test(tests, parameters_are_screened);
	tcase_add_test(tests, limits_hold);
	tcase_add_test(tests, a_body_over_the_limit_is_counted_but_not_kept);
	tcase_add_test(tests, bodies_are_judged_against_content_length);
	tcase_add_test(tests, a_body_in_chunks_is_whole_with_a_length_only);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
