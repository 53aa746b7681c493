/* codec/cookies: names that count only as a whole, and lines that servers joined. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "base/buffer.h"
#include "codec/cookies.h"

/* The values of all cookies "t", each in brackets. */
static struct text taken(struct arena *arena, struct text header)
{
	struct buffer out = buffer_start(arena);
	struct text value;

	buffer_add_string(&out, "");
	while (cookie_take(&header, "t", &value)) {
		buffer_add_byte(&out, '[');
		buffer_add(&out, value);
		buffer_add_byte(&out, ']');
	}
	ck_assert_uint_eq(header.length, 0);
	ck_assert(!text_present(value));
	return out.length ? buffer_text(&out) : TEXT("");
}

START_TEST(cookies_are_found_by_their_whole_name)
{
	static const struct {
		const char *header;
		const char *values;
	} rows[] = {
	    {"", ""},
	    {"t=1", "[1]"},
	    {"a=2; t=1; b=3", "[1]"},
	    {"t=1;t=2", "[1][2]"},
	    {"t=1; a=; t=2; t=1", "[1][2][1]"},
	    {"t=", "[]"},
	    {"t", ""},
	    {"t; t=1", "[1]"},
	    {";;; t=1 ;", "[1]"},
	    {"  t =\t1 ", "[1]"},
	    {"t=a=b==", "[a=b==]"},
	    {"t=%2B+%zz", "[%2B+%zz]"},
	    {"t=\"1\"", "[\"1\"]"},
	    /* other names */
	    {"T=1", ""},
	    {"tt=1; xt=2; t1=3; __Host-t=4", ""},
	    {"a=t=1", ""},
	    {"a=x t=1", ""},
	    {"=t=1", ""},
	    /* lines that Apache joined, and a comma within a value */
	    {"a=1, t=2", "[2]"},
	    {"t=1,\tt=2", "[1][2]"},
	    {"t=1,2", "[1,2]"},
	    {"a=1,t=2", ""},
	    {"t=1,", "[1,]"},
	    {"t=1, ", "[1]"},
	    {"t=1, 2; t=3", "[1][3]"},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_text(taken(arena, text_of(rows[i].header)), rows[i].values);
	arena_free(arena);
}
END_TEST

START_TEST(absent_headers_have_no_cookies)
{
	struct text rest = {0};
	struct text value = TEXT("x");

	ck_assert(!cookie_take(&rest, "t", &value));
	ck_assert(!text_present(value));
}
END_TEST

START_TEST(what_is_too_long_is_no_cookie)
{
	char header[2 * COOKIE_MAX_BYTES];
	size_t length = 2 + COOKIE_MAX_BYTES;
	struct text rest = {header, length};
	struct text value;

	memset(header, 'x', sizeof(header));
	memcpy(header, "t=", 2);
	ck_assert(cookie_take(&rest, "t", &value));
	ck_assert_uint_eq(value.length, COOKIE_MAX_BYTES);
	memcpy(header + length + 1, ";t=1", 4);
	rest = (struct text){header, length + 5};
	ck_assert(cookie_take(&rest, "t", &value));
	assert_text(value, "1");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cookies");
	TCase *tests = tcase_create("cookies");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, cookies_are_found_by_their_whole_name);
	tcase_add_test(tests, absent_headers_have_no_cookies);
	tcase_add_test(tests, what_is_too_long_is_no_cookie);
	return run_suite(suite);
}
