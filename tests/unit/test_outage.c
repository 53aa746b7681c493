/* db/outage and base/shared: the breaker's word, and words that several processes see. */
#include "platform.h"
#include "unit/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shared.h"
#include "db/outage.h"

#define HOLD 1000
#define START 5000000

START_TEST(an_outage_is_held_then_probed)
{
	_Atomic uint64_t word = 0;

	ck_assert_int_eq(outage_advise(&word, START, HOLD), OUTAGE_ASK);
	ck_assert(!outage_lasts(&word, START, HOLD));
	outage_note_failure(&word, START, START);
	ck_assert(!outage_lasts(&word, START + 500, HOLD));
	ck_assert_int_eq(outage_advise(&word, START + 500, HOLD), OUTAGE_ASK);
	outage_note_failure(&word, START + 800, START + 800);
	ck_assert_int_eq(outage_advise(&word, START + 800, HOLD), OUTAGE_ASK);
	outage_note_failure(&word, START, START + 1000);
	ck_assert(outage_lasts(&word, START + 1000, HOLD));
	ck_assert_int_eq(outage_advise(&word, START + 1000, HOLD), OUTAGE_FAIL_FAST);
	ck_assert_int_eq(outage_advise(&word, START + 1100, HOLD), OUTAGE_FAIL_FAST);
	ck_assert_int_eq(outage_advise(&word, START + 1500, HOLD), OUTAGE_PROBE);
	ck_assert_int_eq(outage_advise(&word, START + 1500, HOLD), OUTAGE_FAIL_FAST);
	ck_assert_int_eq(outage_advise(&word, START + 2000, HOLD), OUTAGE_PROBE);
	outage_note_success(&word);
	ck_assert_int_eq(outage_advise(&word, START + 2000, HOLD), OUTAGE_ASK);
}
END_TEST

START_TEST(a_success_ends_it_for_everybody)
{
	_Atomic uint64_t word = 0;

	outage_note_failure(&word, START, START);
	ck_assert_uint_ne(word, 0);
	outage_note_success(&word);
	ck_assert_uint_eq(word, 0);
}
END_TEST

START_TEST(words_from_before_a_reboot_are_ignored)
{
	_Atomic uint64_t word = 0;

	outage_note_failure(&word, 900000000, 900000000);
	ck_assert_int_eq(outage_advise(&word, 1000, HOLD), OUTAGE_ASK);
	outage_note_failure(&word, 1000, 1000);
	ck_assert_int_eq(outage_advise(&word, 1000 + HOLD + 100, HOLD), OUTAGE_PROBE);
	ck_assert_int_eq(outage_advise(&word, 1000 + 3700000, HOLD), OUTAGE_ASK);
}
END_TEST

START_TEST(the_clock_may_wrap)
{
	_Atomic uint64_t word = 0;
	int64_t edge = INT64_C(0x100000000) - 200;

	outage_note_failure(&word, edge, edge);
	ck_assert_int_eq(outage_advise(&word, edge + 500, HOLD), OUTAGE_ASK);
	ck_assert_int_eq(outage_advise(&word, edge + 1200, HOLD), OUTAGE_PROBE);
}
END_TEST

static void make_folder(char *path)
{
	snprintf(path, 64, "/tmp/castgate-shared-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(path));
}

static void remove_folder(const char *path)
{
	char file[128];

	snprintf(file, sizeof(file), "%s/shared", path);
	unlink(file);
	rmdir(path);
}

START_TEST(processes_see_each_others_words)
{
	struct report *report = report_new();
	struct origin nowhere = {0};
	struct shared *shared;
	char folder[64];
	pid_t pid;

	make_folder(folder);
	shared = shared_open(folder, nowhere, report);
	ck_assert(shared_is_common(shared));
	ck_assert_uint_eq(*shared_word(shared, SHARED_DATABASE_OUTAGE), 0);
	pid = fork();
	if (pid == 0) {
		struct shared *other = shared_open(folder, nowhere, report);

		*shared_word(other, SHARED_DATABASE_OUTAGE) = 42;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ck_assert_uint_eq(*shared_word(shared, SHARED_DATABASE_OUTAGE), 42);
	ck_assert_uint_eq(report_count(report), 0);
	shared_close(shared);
	report_free(report);
	remove_folder(folder);
}
END_TEST

START_TEST(where_nothing_can_be_shared_words_are_private)
{
	struct report *report = report_new();
	struct origin nowhere = {0};
	struct shared *shared;
	char folder[64];
	char file[128];
	FILE *foreign;

	shared = shared_open(NULL, nowhere, report);
	ck_assert(!shared_is_common(shared));
	ck_assert_uint_eq(report_count(report), 0);
	shared_close(shared);

	shared = shared_open("/nonexistent/folder", nowhere, report);
	ck_assert(!shared_is_common(shared));
	*shared_word(shared, SHARED_DATABASE_OUTAGE) = 1;
	shared_close(shared);
	ck_assert_uint_eq(report_count(report), 1);
	ck_assert(!report_failed(report));

	make_folder(folder);
	snprintf(file, sizeof(file), "%s/shared", folder);
	foreign = fopen(file, "w");
	fputs("another layout altogether", foreign);
	fclose(foreign);
	shared = shared_open(folder, nowhere, report);
	ck_assert(!shared_is_common(shared));
	ck_assert_ptr_nonnull(strstr(report_line(report, 1), "another layout"));
	shared_close(shared);
	unlink(file);
	ck_assert_int_eq(symlink("/etc/passwd", file), 0);
	shared = shared_open(folder, nowhere, report);
	ck_assert(!shared_is_common(shared));
	shared_close(shared);
	report_free(report);
	remove_folder(folder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("outage");
	TCase *tests = tcase_create("outage");

	tcase_add_test(tests, an_outage_is_held_then_probed);
	tcase_add_test(tests, a_success_ends_it_for_everybody);
	tcase_add_test(tests, words_from_before_a_reboot_are_ignored);
	tcase_add_test(tests, the_clock_may_wrap);
	tcase_add_test(tests, processes_see_each_others_words);
	tcase_add_test(tests, where_nothing_can_be_shared_words_are_private);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
