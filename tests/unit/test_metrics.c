/* guard/metrics: counts by kind and by name, shared by all who open the file, and a histogram. */
#include "platform.h"
#include "unit/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/metrics.h"

static char folder[] = "/tmp/castgate-metrics-XXXXXX";

static struct metrics *open_shared(void)
{
	struct report *report = report_new();
	struct metrics *metrics = metrics_open(folder, (struct origin){0}, report);

	ck_assert_ptr_nonnull(metrics);
	ck_assert_uint_eq(report_count(report), 0);
	report_free(report);
	return metrics;
}

static void make_folder(void)
{
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char path[sizeof(folder) + 10];

	snprintf(path, sizeof(path), "%s/metrics", folder);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(kinds_are_told_apart_and_counted_by_all)
{
	static const struct metrics_kind rows[] = {
	    {NULL, NULL, "a"},
	    {"/x", NULL, "a"},
	    {NULL, "/x", "a"},
	    {"/x", "r:1", "a"},
	    {"/x", "r:1", "b"},
	    {"/x", "r:11", "a"},
	    {"/x", "r:1a", ""},
	};
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	struct metrics *one;
	struct metrics *other;

	make_folder();
	one = open_shared();
	other = open_shared();
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(metrics_read(one, &rows[i]), 0);
		for (size_t k = 0; k <= i; k++)
			metrics_count(k % 2 ? one : other, &rows[i]);
	}
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(metrics_read(one, &rows[i]), i + 1);
	metrics_close(one);
	metrics_close(other);
	one = open_shared();
	ck_assert_uint_eq(metrics_read(one, &rows[4]), 5);
	metrics_close(one);
	remove_folder();
}
END_TEST

START_TEST(a_full_table_counts_what_has_a_place)
{
	struct metrics *metrics = metrics_open(NULL, (struct origin){0}, NULL);
	struct metrics_kind first = {"/x", "r:0", "a"};
	uint64_t counted = 0;
	char rule[20];

	ck_assert_ptr_nonnull(metrics);
	for (uint64_t i = 0; i < 6000; i++) {
		struct metrics_kind kind = {"/x", rule, "a"};

		snprintf(rule, sizeof(rule), "r:%u", (unsigned)i);
		metrics_count(metrics, &kind);
		counted += metrics_read(metrics, &kind);
		ck_assert_uint_eq(counted + metrics_counted(metrics, METRICS_UNCOUNTED), i + 1);
	}
	ck_assert_uint_eq(metrics_read(metrics, &first), 1);
	ck_assert_uint_gt(metrics_counted(metrics, METRICS_UNCOUNTED), 1000);
	metrics_close(metrics);
}
END_TEST

START_TEST(a_time_counts_in_one_bucket)
{
	struct metrics *metrics = metrics_open(NULL, (struct origin){0}, NULL);
	struct metrics_times times;
	uint64_t count = 0;

	metrics_time(metrics, 100);
	metrics_time(metrics, 101);
	metrics_time(metrics, 9000000);
	metrics_time(metrics, -5); /* a clock that stepped back is no time at all */
	times = metrics_times(metrics);
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		count += times.counts[i];
	ck_assert_uint_eq(count, 4);
	ck_assert_uint_eq(times.counts[0], 2);
	ck_assert_uint_eq(times.counts[1], 1);
	ck_assert_uint_eq(times.counts[METRICS_BUCKETS - 1], 1);
	ck_assert_uint_eq(times.sum_microseconds, 9000201);
	ck_assert_int_eq(metrics_bound(0), 100);
	ck_assert_int_eq(metrics_bound(METRICS_BUCKETS - 1), 0);
	ck_assert(!metrics_are_common(metrics));
	metrics_close(metrics);
}
END_TEST

START_TEST(counters_are_counted_by_all)
{
	struct metrics *one;
	struct metrics *other;

	make_folder();
	one = open_shared();
	other = open_shared();
	for (int i = 0; i < METRICS_COUNTERS; i++) {
		metrics_add(one, (enum metrics_counter)i, 3);
		metrics_add(other, (enum metrics_counter)i, (uint64_t)i);
	}
	for (int i = 0; i < METRICS_COUNTERS; i++)
		ck_assert_uint_eq(metrics_counted(one, (enum metrics_counter)i), 3 + (uint64_t)i);
	ck_assert(metrics_are_common(one));
	metrics_close(one);
	metrics_close(other);
	remove_folder();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guard");
	TCase *tests = tcase_create("metrics");

	tcase_add_test(tests, kinds_are_told_apart_and_counted_by_all);
	tcase_add_test(tests, a_full_table_counts_what_has_a_place);
	tcase_add_test(tests, a_time_counts_in_one_bucket);
	tcase_add_test(tests, counters_are_counted_by_all);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
