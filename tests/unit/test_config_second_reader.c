/* config/: libconfuse is given no secret, and what it reads otherwise than the scan is refused. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#include <stdlib.h>
#include <string.h>

#include "config/second_reader.h"

/* Read a file of the folder; the caller frees the arena and the report. */
static void scan_fixture(struct scan *scan, struct arena *arena, struct report *report)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/castgate.conf", fixture_folder);
	ck_assert(scan_read(scan, arena_copy(arena, path, strlen(path)), arena, arena, report));
}

START_TEST(libconfuse_never_sees_a_secret)
{
	struct arena *arena = arena_new(1000000);
	struct report *report = report_new();
	struct scan scan;

	fixture_file("part.conf", "credential d { kind = better-auth secrets = {hunter2,\n'hun\\'"
	                          "ter3', \"env:HOME\"} }\n");
	fixture_file("castgate.conf",
	    "app main { key = k secret = \"hunter2\nhunter3\" encryption_master_key = hunter4 }\n"
	    "# hunter5\ninclude(\"part.conf\") database { password = 'hunter\"6' }\n");
	scan_fixture(&scan, arena, report);
	ck_assert_msg(!strstr(scan.joined.data, "hun"), "%s", scan.joined.data);
	ck_assert_ptr_nonnull(strstr(scan.joined.data, "\"env:HOME\""));
	ck_assert_ptr_nonnull(strstr(scan.joined.data, "secret = \"xxxxxxx\nxxxxxxx\""));
	ck_assert_str_eq(
	    scan_child(scan.top.children, "secret")->values[0].text, "hunter2\nhunter3");
	ck_assert(second_reader_agrees(&scan, report));
	report_free(report);
	arena_free(arena);
}
END_TEST

/* What libconfuse sees is changed behind the scan's back: both readings must not be believed. */
START_TEST(two_readings_must_agree)
{
	static const struct {
		const char *from;
		const char *to;
	} rows[] = {
	    {"\"/auth\"", "\"/atuh\""}, /* a title */
	    {"sanctum", "sanctun"},     /* a value */
	    {"\"SELECT 1\"", "\"SELECT\"  "},
	    {"{x, y}", "{x,y,}"}, /* the same list: no difference */
	    {"{x, y}", "{x}   "}, {"{x, y}", "{y, x}"}, {"log = info", "log=stderr"},
	    {"log = info", "          "},       /* a default in its place */
	    {"secret = \"x\"", "            "}, /* masked, but its absence is seen */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(1000000);
		struct report *report = report_new();
		struct scan scan;
		char *place;
		bool same = i == 3;

		fixture_file("castgate.conf",
		    "log = info " FIXTURE_APP
		    "credential c { kind = sanctum owner U { table = t columns = {x, y} } }\n"
		    "endpoint \"/auth\" { credentials = c channel x { allow = \"SELECT 1\" } }\n");
		scan_fixture(&scan, arena, report);
		place = strstr(scan.joined.data, rows[i].from);
		ck_assert_ptr_nonnull(place);
		memcpy(place, rows[i].to, strlen(rows[i].to));
		ck_assert_msg(second_reader_agrees(&scan, report) == same, "row %zu", i);
		ck_assert_uint_eq(report_count(report), same ? 0 : 1);
		report_free(report);
		arena_free(arena);
	}
}
END_TEST

/* A line of the joined text is told as the line of the file it was written in. */
START_TEST(a_failure_of_libconfuse_names_file_and_line)
{
	static const struct {
		const char *word;
		const char *complaint;
	} rows[] = {
	    {"log_level", "@/castgate.conf:2: "},
	    {"app", "@/part.conf:3: "},
	    {"credential", "@/castgate.conf:3: "},
	    {"endpoint", "@/castgate.conf:4: "},
	};

	fixture_file("part.conf", "# one\n\n" FIXTURE_APP "# four");
	fixture_file("castgate.conf",
	    "\nlog_level = info include(\"part.conf\")\n" FIXTURE_CREDENTIAL FIXTURE_ENDPOINT);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(1000000);
		struct report *report = report_new();
		struct scan scan;
		char *told;

		scan_fixture(&scan, arena, report);
		*strstr(scan.joined.data, rows[i].word) = 'X';
		ck_assert(!second_reader_agrees(&scan, report));
		told = fixture_replace(report_line(report, 0), fixture_folder, "@");
		ck_assert_msg(strncmp(told, rows[i].complaint, strlen(rows[i].complaint)) == 0,
		    "row %zu: %s", i, told);
		free(told);
		report_free(report);
		arena_free(arena);
	}
}
END_TEST

static struct config *load_once(struct report *report)
{
	char path[128];
	struct config *config;

	snprintf(path, sizeof(path), "%s/castgate.conf", fixture_folder);
	config = config_load_once(path, report);
	ck_assert_ptr_nonnull(config);
	return config;
}

/* What the second reading would find is remembered of the very text, and of no other. */
START_TEST(an_agreement_is_remembered_of_one_text)
{
	static const struct {
		const char *text;
		bool same;
	} rows[] = {
	    {"log = info " FIXTURE_ALL, true},
	    {"log = info " FIXTURE_ALL, true},
	    {"log = info\n" FIXTURE_ALL, false},
	    {"log = debug " FIXTURE_ALL, false},
	};
	uint64_t first = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report *report = report_new();
		struct config *config;
		uint64_t agreed = first;

		fixture_file("castgate.conf", rows[i].text);
		config = load_once(report);
		ck_assert(config_confirm(config, &agreed, report));
		ck_assert_uint_ne(agreed, 0);
		ck_assert_ptr_null(config->unconfirmed);
		if (i == 0)
			first = agreed;
		ck_assert_msg((agreed == first) == rows[i].same, "row %zu", i);
		config_free(config);
		report_free(report);
	}
}
END_TEST

START_TEST(only_what_agreed_is_spared_the_second_reading)
{
	struct report *report = report_new();
	uint64_t agreed = 0;
	struct config *config;
	char *place;

	fixture_file("castgate.conf", "log = info " FIXTURE_ALL);
	config = load_once(report);
	ck_assert(config_confirm(config, &agreed, report));
	config_free(config);
	for (int known = 0; known < 2; known++) {
		config = load_once(report);
		place = strstr(config->unconfirmed->joined.data, "info");
		memcpy(place, "warn", 4);
		if (known)
			agreed = second_reader_print(config->unconfirmed);
		ck_assert_int_eq(config_confirm(config, &agreed, report), known);
		ck_assert_int_eq(report_failed(report), !known);
		config_free(config);
		report_free(report);
		report = report_new();
	}
	report_free(report);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config second reader");
	TCase *tests = tcase_create("second reader");

	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, libconfuse_never_sees_a_secret);
	tcase_add_test(tests, two_readings_must_agree);
	tcase_add_test(tests, a_failure_of_libconfuse_names_file_and_line);
	tcase_add_test(tests, an_agreement_is_remembered_of_one_text);
	tcase_add_test(tests, only_what_agreed_is_spared_the_second_reading);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
