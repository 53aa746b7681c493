/* crypto/https_reply: which replies are whole, at every place where a packet may end. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "crypto/https_reply.h"

#define OK "HTTP/1.1 200 OK\r\n"

START_TEST(complete_replies_give_their_body)
{
	static const struct {
		const char *reply;
		const char *body;
		bool needs_end;
	} rows[] = {
	    {OK "Content-Length: 2\r\n\r\n{}", "{}", false},
	    {"HTTP/1.0 200 OK\r\ncontent-length:2\r\nX: y\r\n\r\n{}", "{}", false},
	    {"HTTP/1.1 200\nContent-Length: 02 \n\n{}", "{}", false},
	    {OK "Content-Encoding: identity\r\nContent-Length: 0\r\n\r\n", "", false},
	    {OK "\r\n{}", "{}", true},
	    {OK "X-Empty:\r\n\r\n\r\n\r\n", "\r\n\r\n", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text whole = text_of(rows[i].reply);
		const char *problem;
		struct text body;

		for (size_t length = 0; length < whole.length; length++) {
			struct text start = {whole.data, length};

			ck_assert_msg(https_reply_read(start, false, &body, &problem) ==
			                  HTTPS_REPLY_INCOMPLETE,
			    "row %zu at %zu", i, length);
			ck_assert(!text_present(body) && !problem);
			if (rows[i].needs_end && length >= whole.length - strlen(rows[i].body))
				continue;
			ck_assert_msg(
			    https_reply_read(start, true, &body, &problem) == HTTPS_REPLY_BROKEN,
			    "row %zu ended at %zu", i, length);
			ck_assert_str_eq(problem, "The server's reply ends too early.");
		}
		ck_assert_int_eq(https_reply_read(whole, false, &body, &problem),
		    rows[i].needs_end ? HTTPS_REPLY_INCOMPLETE : HTTPS_REPLY_COMPLETE);
		ck_assert_int_eq(
		    https_reply_read(whole, true, &body, &problem), HTTPS_REPLY_COMPLETE);
		ck_assert(!problem);
		assert_text(body, rows[i].body);
	}
}
END_TEST

START_TEST(broken_replies_say_why)
{
	static const struct {
		const char *reply;
		const char *problem;
	} rows[] = {
	    {"\r\n", "The server does not speak HTTP/1."},
	    {"HTTP/2 200 OK\r\n", "The server does not speak HTTP/1."},
	    {"HTTP/1.1 000 X\r\n", "The server does not speak HTTP/1."},
	    {"HTTP/1.1 099 X\r\n", "The server does not speak HTTP/1."},
	    {"HTTP/1.1  200 OK\r\n", "The server does not speak HTTP/1."},
	    {"HTTP/1.1 2000\r\n", "The server does not speak HTTP/1."},
	    {"http/1.1 200 OK\r\n", "The server does not speak HTTP/1."},
	    {"HTTP/1.1 20\r\n", "The server does not speak HTTP/1."},
	    {"HTTP/1.1 301 Moved\r\n", "The server redirects, which is not followed."},
	    {"HTTP/1.1 304 Not Modified\r\n", "The server redirects, which is not followed."},
	    {"HTTP/1.1 100 Continue\r\n", "The server's status is not 200."},
	    {"HTTP/1.1 206 Partial Content\r\n", "The server's status is not 200."},
	    {"HTTP/1.1 401 No\r\n", "The server's status is not 200."},
	    {"HTTP/1.1 500 No\r\n", "The server's status is not 200."},
	    {OK "Transfer-Encoding: chunked\r\n",
	        "The server's body is chunked, which was not asked for."},
	    {OK "transfer-encoding:\r\n", "The server's body is chunked, which was not asked for."},
	    {OK "Content-Encoding: gzip\r\n",
	        "The server's body is compressed, which was not asked for."},
	    {OK "Content-Length: 2\r\nContent-Length: 2\r\n",
	        "The server's Content-Length is broken."},
	    {OK "Content-Length: -2\r\n", "The server's Content-Length is broken."},
	    {OK "Content-Length: 2, 2\r\n", "The server's Content-Length is broken."},
	    {OK "Content-Length: 0x2\r\n", "The server's Content-Length is broken."},
	    {OK "Content-Length:\r\n", "The server's Content-Length is broken."},
	    {OK "Content-Length: 99999999999999999999\r\n",
	        "The server's Content-Length is broken."},
	    {OK "X: y\r\n folded\r\n", "The server's header is broken."},
	    {OK ": y\r\n", "The server's header is broken."},
	    {OK "no colon\r\n", "The server's header is broken."},
	    {OK "Content-Length: 2\r\n\r\n{}\n", "The server's reply is longer than it says."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int ended = 0; ended <= 1; ended++) {
			struct text body;
			const char *problem = NULL;
			enum https_reply found =
			    https_reply_read(text_of(rows[i].reply), ended == 1, &body, &problem);

			ck_assert_msg(found == HTTPS_REPLY_BROKEN, "row %zu", i);
			ck_assert_msg(
			    strcmp(problem, rows[i].problem) == 0, "row %zu: %s", i, problem);
			ck_assert(!text_present(body));
		}
}
END_TEST

START_TEST(a_head_is_read_whatever_its_status)
{
	static const char reply[] = "HTTP/1.1 302 Found\r\nLocation:  /login \r\n"
	                            "location: /other\r\nTransfer-Encoding: chunked\r\n\r\nrest";
	size_t whole = strlen(reply) - strlen("rest");
	struct https_head head;
	const char *problem;

	for (size_t length = 0; length <= whole; length++) {
		struct text rest = {reply, length};

		ck_assert_int_eq(https_head_read(&rest, &head, &problem),
		    length < whole ? HTTPS_REPLY_INCOMPLETE : HTTPS_REPLY_COMPLETE);
		ck_assert(!problem);
		ck_assert_uint_eq(rest.length, length < whole ? length : 0);
	}
	ck_assert_uint_eq(head.status, 302);
	assert_text(https_head_field(&head, "LOCATION"), "/login");
	assert_text(https_head_field(&head, "transfer-encoding"), "chunked");
	ck_assert(!text_present(https_head_field(&head, "Locatio")));
}
END_TEST

START_TEST(a_broken_head_says_why)
{
	static const char *const rows[] = {"HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 000 X\r\n", "HTTP/2 200 OK\r\n", "SSH-2.0\n",
	    OK " folded\r\n", OK "no colon\r\n\r\n"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text reply = text_of(rows[i]);
		struct https_head head;
		const char *problem;

		ck_assert_msg(
		    https_head_read(&reply, &head, &problem) == HTTPS_REPLY_BROKEN, "row %zu", i);
		ck_assert(problem && reply.data == rows[i]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("https_reply");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, complete_replies_give_their_body);
	tcase_add_test(tc, broken_replies_say_why);
	tcase_add_test(tc, a_head_is_read_whatever_its_status);
	tcase_add_test(tc, a_broken_head_says_why);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
