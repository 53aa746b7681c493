/* codec/json_write: the exact bytes of strings, values and documents. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/json_write.h"

#define ARENA_BYTES 200000

static const struct {
	struct text input;
	const char *plain;
	const char *php;
} strings[] = {
    {{"", 0}, "\"\"", "\"\""},
    {{"abc", 3}, "\"abc\"", "\"abc\""},
    {{"a/b", 3}, "\"a/b\"", "\"a\\/b\""},
    {{"\"\\", 2}, "\"\\\"\\\\\"", "\"\\\"\\\\\""},
    {{"\b\f\n\r\t", 5}, "\"\\b\\f\\n\\r\\t\"", "\"\\b\\f\\n\\r\\t\""},
    {{"\0\x01\x0b\x1f", 4}, "\"\\u0000\\u0001\\u000b\\u001f\"", "\"\\u0000\\u0001\\u000b\\u001f\""},
    {{"\x7f", 1}, "\"\x7f\"", "\"\x7f\""},
    {{"<'&>", 4}, "\"<'&>\"", "\"<'&>\""},
    {{"\xc2\x80", 2}, "\"\xc2\x80\"", "\"\\u0080\""},
    {{"Zo\xc3\xab", 4}, "\"Zo\xc3\xab\"", "\"Zo\\u00eb\""},
    {{"\xdf\xbf", 2}, "\"\xdf\xbf\"", "\"\\u07ff\""},
    {{"\xe0\xa0\x80", 3}, "\"\xe0\xa0\x80\"", "\"\\u0800\""},
    {{"\xe2\x80\xa8", 3}, "\"\xe2\x80\xa8\"", "\"\\u2028\""},
    {{"\xed\x9f\xbf", 3}, "\"\xed\x9f\xbf\"", "\"\\ud7ff\""},
    {{"\xef\xbf\xbf", 3}, "\"\xef\xbf\xbf\"", "\"\\uffff\""},
    {{"\xf0\x90\x80\x80", 4}, "\"\xf0\x90\x80\x80\"", "\"\\ud800\\udc00\""},
    {{"\xf0\x9f\x98\x80", 4}, "\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\""},
    {{"\xf4\x8f\xbf\xbf", 4}, "\"\xf4\x8f\xbf\xbf\"", "\"\\udbff\\udfff\""},
};

START_TEST(strings_are_escaped_in_both_styles)
{
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct buffer plain = buffer_start(arena);
		struct buffer php = buffer_start(arena);

		ck_assert(json_add_string(&plain, strings[i].input, JSON_PLAIN));
		assert_text(buffer_text(&plain), strings[i].plain);
		ck_assert(json_add_string(&php, strings[i].input, JSON_PHP));
		assert_text(buffer_text(&php), strings[i].php);
	}
	arena_free(arena);
}
END_TEST

START_TEST(logs_hold_nothing_that_misleads)
{
	static const struct {
		const char *input;
		const char *log;
	} rows[] = {
	    {"a/\"\n", "\"a/\\\"\\n\""},
	    {"\x7e\x7f", "\"~\\u007f\""},
	    {"\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f\xc2\xa0",
	        "\"\\u0080\\u0085\\u009b\\u009f\xc2\xa0\""},
	    {"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9", "\"\xe2\x80\xa7\\u2028\\u2029\""},
	    {"\xe2\x80\xae\xe2\x80\xaf", "\"\\u202e\xe2\x80\xaf\""},
	    {"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
	        "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\""},
	    {"Zo\xc3\xab \xf0\x9f\x98\x80", "\"Zo\xc3\xab \xf0\x9f\x98\x80\""},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer log = buffer_start(arena);

		ck_assert(json_add_string(&log, text_of(rows[i].input), JSON_LOG));
		assert_text(buffer_text(&log), rows[i].log);
	}
	arena_free(arena);
}
END_TEST

START_TEST(strings_that_are_not_utf8_fail_the_buffer)
{
	static const struct text bad[] = {{NULL, 0}, {"\xff", 1}, {"a\xc3", 2}, {"\xc0\xaf", 2},
	    {"\xed\xa0\x80", 3}, {"\xf5\x80\x80\x80", 4}, {"\xf0\x9f\x98", 3}};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buffer buffer = buffer_start(arena);

		ck_assert_msg(!json_add_string(&buffer, bad[i], JSON_PHP), "row %zu", i);
		ck_assert_msg(buffer.failed && buffer.length == 0, "row %zu", i);
		ck_assert(!text_present(buffer_text(&buffer)));
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_full_arena_shows_in_the_buffer)
{
	struct arena *arena = arena_new(600);
	struct buffer buffer = buffer_start(arena);
	struct buffer document = buffer_start(arena);
	char long_text[1000];

	memset(long_text, 'x', sizeof(long_text));
	ck_assert(
	    json_add_string(&buffer, (struct text){long_text, sizeof(long_text)}, JSON_PLAIN));
	ck_assert(buffer.failed);
	long_text[0] = long_text[999] = '"';
	ck_assert(
	    json_add_document(&document, (struct text){long_text, sizeof(long_text)}, JSON_PLAIN));
	ck_assert(document.failed);
	arena_free(arena);
}
END_TEST

START_TEST(values_keep_their_numbers)
{
	static const struct {
		enum value_kind kind;
		const char *text;
		const char *wanted; /* NULL: refused */
	} rows[] = {
	    {VALUE_INTEGER, "0", "0"},
	    {VALUE_INTEGER, "-9223372036854775808", "-9223372036854775808"},
	    {VALUE_INTEGER, "18446744073709551615", "18446744073709551615"},
	    {VALUE_DECIMAL, "12345678901234567890.1234567890", "12345678901234567890.1234567890"},
	    {VALUE_DECIMAL, "1.50", "1.50"},
	    {VALUE_DOUBLE, "1.5e-7", "1.5e-7"},
	    {VALUE_DOUBLE, "1E+20", "1E+20"},
	    {VALUE_TEXT, "12", "\"12\""},
	    {VALUE_TEXT, "2026-11-21 07:00:00", "\"2026-11-21 07:00:00\""},
	    {VALUE_TEXT, "", "\"\""},
	    {VALUE_INTEGER, "007", NULL},
	    {VALUE_INTEGER, "", NULL},
	    {VALUE_INTEGER, NULL, NULL},
	    {VALUE_INTEGER, "-", NULL},
	    {VALUE_INTEGER, "+1", NULL},
	    {VALUE_INTEGER, "1,\"admin\":1", NULL},
	    {VALUE_INTEGER, "1 ", NULL},
	    {VALUE_DECIMAL, ".5", NULL},
	    {VALUE_DECIMAL, "5.", NULL},
	    {VALUE_DECIMAL, "1.2.3", NULL},
	    {VALUE_DOUBLE, "inf", NULL},
	    {VALUE_DOUBLE, "nan", NULL},
	    {VALUE_DOUBLE, "1e", NULL},
	    {VALUE_DOUBLE, "1e+", NULL},
	    {VALUE_DOUBLE, "e5", NULL},
	    {VALUE_TEXT, "\xff", NULL},
	    {VALUE_TEXT, NULL, NULL},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer buffer = buffer_start(arena);
		struct value value = {rows[i].kind, text_of(rows[i].text)};
		bool added = json_add_value(&buffer, value, JSON_PHP);

		ck_assert_msg(added == (rows[i].wanted != NULL), "row %zu", i);
		ck_assert_msg(buffer.failed == !added, "row %zu", i);
		if (added)
			assert_text(buffer_text(&buffer), rows[i].wanted);
	}
	arena_free(arena);
}
END_TEST

START_TEST(null_and_binary_add_nothing)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct buffer buffer = buffer_start(arena);

	ck_assert(!json_add_value(&buffer, (struct value){0}, JSON_PLAIN));
	ck_assert(!json_add_value(&buffer, (struct value){VALUE_BINARY, TEXT("x")}, JSON_PLAIN));
	ck_assert(
	    !json_add_value(&buffer, (struct value){(enum value_kind)99, TEXT("x")}, JSON_PLAIN));
	ck_assert(!buffer.failed);
	assert_text(buffer_text(&buffer), "");
	arena_free(arena);
}
END_TEST

START_TEST(documents_are_rewritten_token_by_token)
{
	static const struct {
		const char *input;
		const char *plain;
		const char *php;
	} rows[] = {
	    {" { \"b\" : 1 ,\n\t\"a\" : [ 1 , 2 ] }\r\n", "{\"b\":1,\"a\":[1,2]}",
	        "{\"b\":1,\"a\":[1,2]}"},
	    {"[1.0,-0,1e5,1.50,18446744073709551616,0.1]",
	        "[1.0,-0,1e5,1.50,18446744073709551616,0.1]",
	        "[1.0,-0,1e5,1.50,18446744073709551616,0.1]"},
	    {"\"a \\/ b\"", "\"a / b\"", "\"a \\/ b\""},
	    {"{\"x y\":\"\\u00eb \xc3\xab\"}", "{\"x y\":\"\xc3\xab \xc3\xab\"}",
	        "{\"x y\":\"\\u00eb \\u00eb\"}"},
	    {"\"\\uD83D\\uDE00\"", "\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\""},
	    {"\"\\\"{[,:]}\\\\\"", "\"\\\"{[,:]}\\\\\"", "\"\\\"{[,:]}\\\\\""},
	    {"\"\\u0022\\u005c\\u001f\"", "\"\\\"\\\\\\u001f\"", "\"\\\"\\\\\\u001f\""},
	    {"null", "null", "null"},
	    {" true ", "true", "true"},
	    {"{}", "{}", "{}"},
	    {"[]", "[]", "[]"},
	    {"\"\"", "\"\"", "\"\""},
	    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"},
	    {"[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]",
	        "[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]",
	        "[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer plain = buffer_start(arena);
		struct buffer php = buffer_start(arena);

		ck_assert_msg(
		    json_add_document(&plain, text_of(rows[i].input), JSON_PLAIN), "row %zu", i);
		assert_text(buffer_text(&plain), rows[i].plain);
		ck_assert(json_add_document(&php, text_of(rows[i].input), JSON_PHP));
		assert_text(buffer_text(&php), rows[i].php);
	}
	arena_free(arena);
}
END_TEST

START_TEST(broken_documents_fail_the_buffer)
{
	static const struct text bad[] = {{NULL, 0}, {"", 0}, {" ", 1}, {"{", 1}, {"{}}", 3},
	    {"{} {}", 5}, {"1 2", 3}, {"01", 2}, {"[1,]", 4}, {"{'a':1}", 7}, {"nul", 3},
	    {"NaN", 3}, {"\"abc", 4}, {"\"\\", 2}, {"{\"a\":1,\"a\":2}", 13},
	    {"{\"a\":1,\"\\u0061\":2}", 18}, {"[{\"x\":{\"a\":1,\"a\":2}}]", 22},
	    {"\"\\u0000\"", 8}, {"{\"\\u0000\":1}", 12}, {"\"\\ud800\"", 8},
	    {"\"\\udc00\\ud800\"", 14}, {"\"\xff\"", 3}, {"\"a\nb\"", 5}, {"1\0", 2}, {"\0", 1},
	    {"{}\0", 3}, {"1e999", 5}, {"\xef\xbb\xbf{}", 5}, {"/**/1", 5},
	    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 66}};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buffer buffer = buffer_start(arena);

		ck_assert_msg(!json_add_document(&buffer, bad[i], JSON_PHP), "row %zu", i);
		ck_assert_msg(buffer.failed, "row %zu", i);
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json_write");
	TCase *tests = tcase_create("json_write");

	tcase_add_test(tests, strings_are_escaped_in_both_styles);
	tcase_add_test(tests, logs_hold_nothing_that_misleads);
	tcase_add_test(tests, strings_that_are_not_utf8_fail_the_buffer);
	tcase_add_test(tests, a_full_arena_shows_in_the_buffer);
	tcase_add_test(tests, values_keep_their_numbers);
	tcase_add_test(tests, null_and_binary_add_nothing);
	tcase_add_test(tests, documents_are_rewritten_token_by_token);
	tcase_add_test(tests, broken_documents_fail_the_buffer);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
