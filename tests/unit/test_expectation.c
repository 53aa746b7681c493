/* cli/expectation: what a line of an operator's file means, and what is wrong with it. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "cli/expectation.h"

static bool read_text(
    const char *text, struct arena *arena, struct report *report, struct expectations *out)
{
	struct source source = {.path = "rules.expect",
	    .text = arena_copy(arena, text, strlen(text)),
	    .length = strlen(text)};

	return expectations_read(&source, arena, report, out);
}

START_TEST(a_line_says_who_may_listen_to_what)
{
	static const struct {
		const char *line;
		bool allows;
		enum value_kind kind;
		const char *user;
		const char *endpoint; /* NULL: absent */
		const char *channel;
		const char *reason; /* likewise */
	} rows[] = {
	    {"allow user=1 private-a", true, VALUE_INTEGER, "1", NULL, "private-a", NULL},
	    {"\tdeny\tuser=1  private-a [no_row]\r", false, VALUE_INTEGER, "1", NULL, "private-a",
	        "no_row"},
	    {"deny private-a user=01", false, VALUE_TEXT, "01", NULL, "private-a", NULL},
	    {"deny user=\"a \\\"b\\\" \\\\\" endpoint=/x/y private-a # why", false, VALUE_TEXT,
	        "a \"b\" \\", "/x/y", "private-a", NULL},
	    {"deny user=a#b \"user=2\" [A_LABEL]", false, VALUE_TEXT, "a#b", NULL, "user=2",
	        "A_LABEL"},
	    {"deny user=a \"[no_row]\"", false, VALUE_TEXT, "a", NULL, "[no_row]", NULL},
	    {"deny user=a private-a=b", false, VALUE_TEXT, "a", NULL, "private-a=b", NULL},
	    {"deny user=a \"\"", false, VALUE_TEXT, "a", NULL, "", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(100000);
		struct report *report = report_new();
		struct expectations read;
		const struct expectation *one;

		ck_assert_msg(read_text(rows[i].line, arena, report, &read), "%s: %s", rows[i].line,
		    report_count(report) ? report_line(report, 0) : "");
		ck_assert_uint_eq(read.count, 1);
		one = &read.items[0];
		ck_assert_int_eq(one->allows, rows[i].allows);
		ck_assert_int_eq(one->user.kind, rows[i].kind);
		assert_text(one->user.text, rows[i].user);
		assert_text(one->channel, rows[i].channel);
		ck_assert_int_eq(text_present(one->endpoint), rows[i].endpoint != NULL);
		ck_assert_int_eq(text_present(one->reason), rows[i].reason != NULL);
		if (rows[i].endpoint)
			assert_text(one->endpoint, rows[i].endpoint);
		if (rows[i].reason)
			assert_text(one->reason, rows[i].reason);
		report_free(report);
		arena_free(arena);
	}
}
END_TEST

START_TEST(values_and_lines_are_kept)
{
	struct arena *arena = arena_new(100000);
	struct report *report = report_new();
	struct expectations read;

	ck_assert(
	    read_text("# first\n\nallow user=1 user.tenant=\"acme gmbh\" user.level=7 user.none="
	              " private-a  # last\n \t\ndeny user=2 private-b",
	        arena, report, &read));
	ck_assert_uint_eq(read.count, 2);
	ck_assert_uint_eq(read.items[0].line, 3);
	ck_assert_uint_eq(read.items[1].line, 5);
	assert_text(read.items[0].written,
	    "allow user=1 user.tenant=\"acme gmbh\" user.level=7 user.none= private-a");
	ck_assert_uint_eq(read.items[0].value_count, 3);
	assert_text(read.items[0].values[0].name, "tenant");
	assert_text(read.items[0].values[0].value.text, "acme gmbh");
	ck_assert_int_eq(read.items[0].values[1].value.kind, VALUE_INTEGER);
	ck_assert_int_eq(read.items[0].values[2].value.kind, VALUE_NONE);
	ck_assert_uint_eq(read.items[1].value_count, 0);
	report_free(report);
	arena_free(arena);
}
END_TEST

START_TEST(mistakes_are_told_by_line)
{
	static const struct {
		const char *text;
		const char *complaint; /* of the last line */
	} rows[] = {
	    {"", "1: error: there is no expectation in this file"},
	    {"# only this\n", "1: error: there is no expectation in this file"},
	    {"\nAllow user=1 a", "2: error: a line begins with allow or deny"},
	    {"\"allow\" user=1 a", "1: error: a line begins with allow or deny"},
	    {"allow a", "1: error: user=ID is missing"},
	    {"allow user= a", "1: error: user= needs an id"},
	    {"allow user=1 user=2 a", "1: error: user= is given twice"},
	    {"allow user=1 endpoint=/a endpoint=/b a", "1: error: endpoint= is given twice"},
	    {"allow user=1 user.a=1 user.a=2 a", "1: error: a value is given twice"},
	    {"allow user=1 user.=2 a", "1: error: a value reads user.NAME=VALUE"},
	    {"allow user=1 user.a a", "1: error: a value reads user.NAME=VALUE"},
	    {"allow user=1", "1: error: the channel is missing"},
	    {"deny user=1 [no_row]", "1: error: the channel is missing"},
	    {"allow user=1 a b", "1: error: there is more than one channel"},
	    {"deny user=1 [no_row] a", "1: error: the reason in brackets comes last"},
	    {"allow user=1 a [no_row]", "1: error: only a refusal has a reason"},
	    {"deny user=1 \"a", "1: error: a quote is never closed"},
	    {"deny user=1 \"a\\", "1: error: in quotes a backslash stands before"},
	    {"deny user=1 \"a\\n\"", "1: error: in quotes a backslash stands before"},
	    {"allow user=1 a\n\xff", "2: error: "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(100000);
		struct report *report = report_new();
		struct expectations read;

		ck_assert_msg(!read_text(rows[i].text, arena, report, &read), "%s", rows[i].text);
		ck_assert_uint_eq(report_count(report), 1);
		ck_assert_msg(strstr(report_line(report, 0), rows[i].complaint) != NULL, "%s: %s",
		    rows[i].text, report_line(report, 0));
		report_free(report);
		arena_free(arena);
	}
}
END_TEST

START_TEST(a_full_arena_is_an_error)
{
	static const char text[] = "allow user=1 user.a=1 private-a\ndeny user=2 private-b\n";

	for (size_t bytes = 256; bytes < 20000; bytes += 64) {
		struct arena *arena = arena_new(bytes);
		struct report *report = report_new();
		struct source source = {"f", (char *)(uintptr_t)text, sizeof(text) - 1, {0}};
		struct expectations read;

		ck_assert(arena && report);
		if (expectations_read(&source, arena, report, &read))
			ck_assert_uint_eq(read.count, 2);
		else
			ck_assert_uint_ge(report_count(report), 1);
		report_free(report);
		arena_free(arena);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("expectation");
	TCase *tests = tcase_create("expectation");

	tcase_add_test(tests, a_line_says_who_may_listen_to_what);
	tcase_add_test(tests, values_and_lines_are_kept);
	tcase_add_test(tests, mistakes_are_told_by_line);
	tcase_add_test(tests, a_full_arena_is_an_error);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
