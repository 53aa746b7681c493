/* base/: arena, text, buffer, report, clock, descriptor and the outcome table. */
#include "platform.h"
#include "unit/runner.h"

#include <ctype.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/report.h"
#include "base/verdict.h"

static void ignore_tick(int number)
{
	(void)number;
}

START_TEST(arena_respects_its_limit)
{
	struct arena *arena = arena_new(1000);

	ck_assert_ptr_nonnull(arena_alloc(arena, 900));
	ck_assert_ptr_null(arena_alloc(arena, 200));
	ck_assert_ptr_null(arena_array(arena, SIZE_MAX / 2, 4));
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX));
	arena_wipe(arena);
	ck_assert_ptr_nonnull(arena_alloc(arena, 900));
	arena_free(arena);
}
END_TEST

START_TEST(arena_memory_is_zero_again_after_a_wipe)
{
	struct arena *arena = arena_new(100000);
	char *first = arena_copy(arena, "secret", 6);
	char *again;

	ck_assert_str_eq(first, "secret");
	memset(arena_alloc(arena, 50000), 'x', 50000);
	arena_wipe(arena);
	again = arena_alloc(arena, 7);
	ck_assert_ptr_eq(again, first);
	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(again[i], 0);
	arena_free(arena);
}
END_TEST

START_TEST(arena_memory_is_zero_where_the_heap_is_not)
{
	char *left_behind = malloc(20000);
	struct arena *arena;

	memset(left_behind, 'x', 20000);
	free(left_behind);
	arena = arena_new(100000);
	for (int piece = 0; piece < 9; piece++) {
		const char *bytes = arena_alloc(arena, 5000);

		for (int i = 0; i < 5000; i++)
			ck_assert_int_eq(bytes[i], 0);
	}
	arena_free(arena);
}
END_TEST

START_TEST(texts_read_numbers_strictly)
{
	static const struct {
		const char *input;
		bool any;
		bool canonical;
		uint64_t value;
	} rows[] = {
	    {"0", true, true, 0},
	    {"7", true, true, 7},
	    {"07", true, false, 7},
	    {"18446744073709551615", true, true, UINT64_MAX},
	    {"18446744073709551616", false, false, 0},
	    {"000000000000000000001", false, false, 0},
	    {"", false, false, 0},
	    {"-1", false, false, 0},
	    {"1 ", false, false, 0},
	    {"1e0", false, false, 0},
	    {"0x1", false, false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = 99;

		ck_assert_msg(
		    text_to_u64(text_of(rows[i].input), TEXT_DIGITS_ANY, &value) == rows[i].any,
		    "any: %s", rows[i].input);
		if (rows[i].any)
			ck_assert_uint_eq(value, rows[i].value);
		ck_assert_msg(text_to_u64(text_of(rows[i].input), TEXT_DIGITS_CANONICAL, &value) ==
		                  rows[i].canonical,
		    "canonical: %s", rows[i].input);
	}
}
END_TEST

START_TEST(texts_know_utf8)
{
	static const char *const good[] = {
	    "", "abc", "\xc3\xab", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
	static const char *const bad[] = {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80",
	    "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x98", "a\x80"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(text_is_utf8(text_of(good[i])), "good %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!text_is_utf8(text_of(bad[i])), "bad %zu", i);
}
END_TEST

START_TEST(texts_of_others_lose_their_control_characters)
{
	char text[] = "a\033[31m\nb\x7f \xc3\xa9 \xc2\x9b \xc2\xa0";

	text_defuse(text);
	ck_assert_str_eq(text, "a?[31m?b? \xc3\xa9 ?? \xc2\xa0");
}
END_TEST

/* The C library knows them by the locale, which a test leaves at "C". */
START_TEST(bytes_are_what_they_are_in_ascii)
{
	for (int i = 0; i < 256; i++) {
		char byte = (char)(unsigned char)i;

		ck_assert_int_eq(ascii_is_digit(byte), isdigit(i) != 0);
		ck_assert_int_eq(ascii_is_lower(byte), islower(i) != 0);
		ck_assert_int_eq(ascii_is_letter(byte), isalpha(i) != 0);
		ck_assert_int_eq(ascii_is_lower_hex(byte), isxdigit(i) && !isupper(i));
		ck_assert_int_eq(ascii_is_word(byte, "-."), isalnum(i) || i == '-' || i == '.');
	}
}
END_TEST

START_TEST(texts_compare_and_trim)
{
	assert_text(text_trim(text_of(" \t\r\na b\v\f ")), "a b");
	assert_text(text_trim(text_of("   ")), "");
	ck_assert(!text_equal((struct text){0}, (struct text){0}));
	ck_assert(text_is_nocase(text_of("BeaReR"), "bearer"));
	ck_assert(!text_is_nocase(text_of("bearer "), "bearer"));
	ck_assert(text_starts_with(text_of("private-x"), "private-"));
	ck_assert(!text_starts_with(text_of("priv"), "private-"));
}
END_TEST

START_TEST(buffers_keep_their_first_failure)
{
	struct arena *arena = arena_new(2000);
	struct buffer buffer = buffer_start(arena);

	for (int i = 0; i < 100; i++)
		buffer_printf(&buffer, "%d,", i);
	ck_assert(!buffer.failed);
	ck_assert_uint_eq(buffer_text(&buffer).length, 290);
	for (int i = 0; i < 1000; i++)
		buffer_add_string(&buffer, "0123456789");
	ck_assert(buffer.failed);
	ck_assert(!text_present(buffer_text(&buffer)));
	arena_free(arena);
}
END_TEST

START_TEST(room_that_is_only_expected_may_be_missing)
{
	struct arena *arena = arena_new(2000);
	struct buffer buffer = buffer_start(arena);

	buffer_expect(&buffer, 1000);
	buffer_expect(&buffer, 16383);
	buffer_add_string(&buffer, "short");
	assert_text(buffer_text(&buffer), "short");
	for (int i = 0; i < 400; i++)
		buffer_add_string(&buffer, "0123456789");
	buffer_expect(&buffer, 1);
	ck_assert(!text_present(buffer_text(&buffer)));
	arena_free(arena);
}
END_TEST

START_TEST(reports_name_file_and_line)
{
	struct report *report = report_new();
	struct origin origin = {"site.conf", 12};

	report_add(report, REPORT_WARNING, origin, "odd %s", "thing");
	ck_assert(!report_failed(report));
	report_add(report, REPORT_ERROR, (struct origin){0}, "no file");
	ck_assert(report_failed(report));
	ck_assert_str_eq(report_line(report, 0), "site.conf:12: warning: odd thing");
	ck_assert_str_eq(report_line(report, 1), "error: no file");
	ck_assert_ptr_null(report_line(report, 2));
	report_free(report);
}
END_TEST

START_TEST(exact_times_keep_their_fraction)
{
	static const struct {
		int64_t microseconds;
		const char *text;
	} rows[] = {
	    {0, "1970-01-01 05:00:00.000000"},
	    {1795244400000001, "2026-11-21 12:00:00.000001"},
	    {1795244399999999, "2026-11-21 11:59:59.999999"},
	    {-1, "1970-01-01 04:59:59.999999"},
	};
	struct clock_zone zone;

	ck_assert(clock_zone_parse("+05:00", &zone));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[CLOCK_EXACT_BYTES];
		int64_t back;

		ck_assert(clock_format_exact(rows[i].microseconds, &zone, text));
		ck_assert_str_eq(text, rows[i].text);
		ck_assert(clock_parse_naive(text_of(text), &zone, &back));
		ck_assert_int_eq(back, rows[i].microseconds);
	}
	ck_assert(!clock_format_exact(INT64_MAX, &zone, (char[CLOCK_EXACT_BYTES]){0}));
}
END_TEST

START_TEST(times_with_a_zone_of_their_own_are_read_in_it)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} rows[] = {
	    {"2026-11-21T07:00:00.000Z", 1795244400},
	    {"2026-11-21 07:00:00Z", 1795244400},
	    {"2026-11-21T12:00:00+05:00", 1795244400},
	    {"2026-11-20 23:00:00.123456-08:00", 1795244400},
	    /* none of its own: Berlin's */
	    {"2026-11-21 08:00:00", 1795244400},
	    {"2026-11-21 08:00:00.000", 1795244400},
	    {"2026-11-21T07:00:00ZZ", -1},
	    {"2026-11-21T07:00:00z", -1},
	    {"2026-11-21T07:00:00+05", -1},
	    {"2026-11-21T07:00:00+0500", -1},
	    {"2026-11-21T07:00:00+15:00", -1},
	    {"2026-11-21T07:00:00 +05:00", -1},
	    {"2026-11-21Z", -1},
	    {"Z", -1},
	    {"+05:00", -1},
	    {"", -1},
	};
	struct clock_zone berlin;

	ck_assert(clock_zone_parse("Europe/Berlin", &berlin));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t moment = -1;
		bool read = clock_parse_moment(text_of(rows[i].text), &berlin, &moment);

		ck_assert_msg(read == (rows[i].seconds != -1), "%s", rows[i].text);
		if (read)
			ck_assert_msg(moment / 1000000 == rows[i].seconds, "%s", rows[i].text);
	}
	ck_assert(!clock_parse_moment((struct text){0}, &berlin, &(int64_t){0}));
}
END_TEST

START_TEST(naive_times_are_read_in_their_zone)
{
	static const struct {
		const char *zone;
		const char *text;
		int64_t seconds;
	} rows[] = {
	    {"UTC", "1970-01-01 00:00:00", 0},
	    {"UTC", "2026-11-21T07:00:00.5", 1795244400},
	    {"+05:00", "2026-11-21 12:00:00", 1795244400},
	    {"-08:00", "2026-11-20 23:00:00", 1795244400},
	    {"Europe/Berlin", "2026-11-21 08:00:00", 1795244400},
	    /* clocks went back at 03:00: 02:30 came twice, the earlier counts */
	    {"Europe/Berlin", "2026-10-25 02:30:00", 1792888200},
	    /* and forward at 02:00: 02:30 never came */
	    {"Europe/Berlin", "2026-03-29 02:30:00", 1774744200},
	    /* set back without the end of a summer time */
	    {"Europe/Moscow", "2014-10-26 01:30:00", 1414272600},
	    {"Europe/Berlin", "1970-01-01 00:59:59", -1},
	    {"Europe/Berlin", "2024-02-29 12:00:00", 1709204400},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct clock_zone zone;
		int64_t moment = -1;

		ck_assert_msg(clock_zone_parse(rows[i].zone, &zone), "zone %s", rows[i].zone);
		ck_assert_msg(
		    clock_parse_naive(text_of(rows[i].text), &zone, &moment), "%s", rows[i].text);
		ck_assert_msg(moment / 1000000 == rows[i].seconds, "%s %s: %lld", rows[i].zone,
		    rows[i].text, (long long)moment);
	}
}
END_TEST

START_TEST(broken_times_and_zones_are_refused)
{
	static const char *const times[] = {"", "0000-00-00 00:00:00", "2026-11-21", "now",
	    "2026-11-21 07:00:00Z", "2026-11-21 07:00:00.", "2026-13-21 07:00:00",
	    "2026-11-21 24:00:00", "2026-02-29 07:00:00", "2026-04-31 07:00:00",
	    "2026-11-21 07:00:00.1234567"};
	static const char *const zones[] = {
	    "", "Mars/Olympus", "+5", "+15:00", "../etc/passwd", "/etc/passwd"};
	struct clock_zone zone = {0};
	int64_t moment;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		ck_assert_msg(
		    !clock_parse_naive(text_of(times[i]), &zone, &moment), "%s", times[i]);
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		ck_assert_msg(!clock_zone_parse(zones[i], &zone), "%s", zones[i]);
}
END_TEST

START_TEST(times_are_written_as_they_are_read)
{
	static const char *const zones[] = {"UTC", "+05:30", "-08:00", "Europe/Berlin"};
	char text[CLOCK_RFC3339_BYTES];

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		struct clock_zone zone;
		int64_t back;
		char naive[CLOCK_NAIVE_BYTES];

		ck_assert(clock_zone_parse(zones[i], &zone));
		ck_assert(clock_format_naive(1795244400000000, &zone, naive));
		ck_assert(clock_parse_naive(text_of(naive), &zone, &back));
		ck_assert_int_eq(back, 1795244400000000);
	}
	ck_assert(clock_format_rfc3339(1795244400123999, text));
	ck_assert_str_eq(text, "2026-11-21T07:00:00.123Z");
	ck_assert(clock_format_rfc3339(-1, text));
	ck_assert_str_eq(text, "1969-12-31T23:59:59.999Z");
	ck_assert(!clock_format_rfc3339(INT64_MIN, text));
	ck_assert(!clock_format_rfc3339(INT64_MAX, text));
}
END_TEST

START_TEST(spans_are_told_in_their_largest_unit)
{
	static const struct {
		int64_t microseconds;
		const char *text;
	} rows[] = {
	    {0, "0 s"},
	    {999999, "0 s"},
	    {-119000000, "119 s"},
	    {120000000, "2 min"},
	    {7199000000, "119 min"},
	    {-7200000000, "2 h"},
	    {172799000000, "47 h"},
	    {172800000000, "2 days"},
	    {INT64_MAX, "106751991 days"},
	    {INT64_MIN, "106751991 days"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[CLOCK_SPAN_BYTES];

		clock_format_span(rows[i].microseconds, text);
		ck_assert_str_eq(text, rows[i].text);
	}
}
END_TEST

/* A pipe holds less than this, so both sides are often cut short; ticks of a timer interrupt them. */
START_TEST(descriptors_move_all_of_a_text)
{
	static char sent[300000];
	static char received[sizeof(sent) + 1];
	struct itimerval often = {{0, 200}, {0, 200}};
	struct sigaction tick = {.sa_handler = ignore_tick};
	int ends[2];
	size_t got;

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 7 % 251);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(sigaction(SIGALRM, &tick, NULL), 0);
	if (fork() == 0) {
		close(ends[0]);
		(void)poll(NULL, 0, 5); /* the reader waits */
		(void)setitimer(ITIMER_REAL, &often, NULL);
		_exit(descriptor_write(ends[1], (struct text){sent, sizeof(sent)}) ? 0 : 1);
	}
	close(ends[1]);
	(void)setitimer(ITIMER_REAL, &often, NULL);
	ck_assert(descriptor_read(ends[0], received, 1000, &got));
	ck_assert_uint_eq(got, 1000);
	(void)setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	(void)poll(NULL, 0, 5); /* the writer waits */
	ck_assert(descriptor_read(ends[0], received + 1000, sizeof(received) - 1000, &got));
	ck_assert_uint_eq(got, sizeof(sent) - 1000);
	ck_assert_mem_eq(received, sent, sizeof(sent));
	close(ends[0]);
	ck_assert(!descriptor_read(ends[0], received, 1, &got));
	ck_assert(!descriptor_write(ends[0], TEXT("x")));
}
END_TEST

START_TEST(every_outcome_has_a_full_row)
{
	ck_assert(!verdict_allows((struct verdict){0}));
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		const struct outcome_row *row = outcome_row((enum outcome)i);

		ck_assert_msg(row->reason && row->meaning && row->cure, "outcome %d", i);
		ck_assert_msg((row->status == 200) == (i == OUTCOME_ALLOWED), "outcome %d", i);
		ck_assert_str_ne(http_phrase(row->status), "Unknown");
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(row->reason, outcome_row((enum outcome)j)->reason);
	}
	ck_assert_int_eq(outcome_row((enum outcome)9999)->status, 403);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tests = tcase_create("base");

	tcase_add_test(tests, arena_respects_its_limit);
	tcase_add_test(tests, arena_memory_is_zero_again_after_a_wipe);
	tcase_add_test(tests, arena_memory_is_zero_where_the_heap_is_not);
	tcase_add_test(tests, texts_read_numbers_strictly);
	tcase_add_test(tests, texts_know_utf8);
	tcase_add_test(tests, texts_of_others_lose_their_control_characters);
	tcase_add_test(tests, bytes_are_what_they_are_in_ascii);
	tcase_add_test(tests, texts_compare_and_trim);
	tcase_add_test(tests, buffers_keep_their_first_failure);
	tcase_add_test(tests, room_that_is_only_expected_may_be_missing);
	tcase_add_test(tests, reports_name_file_and_line);
	tcase_add_test(tests, naive_times_are_read_in_their_zone);
	tcase_add_test(tests, times_with_a_zone_of_their_own_are_read_in_it);
	tcase_add_test(tests, exact_times_keep_their_fraction);
	tcase_add_test(tests, broken_times_and_zones_are_refused);
	tcase_add_test(tests, times_are_written_as_they_are_read);
	tcase_add_test(tests, spans_are_told_in_their_largest_unit);
	tcase_add_test(tests, descriptors_move_all_of_a_text);
	tcase_add_test(tests, every_outcome_has_a_full_row);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
