/* guard/audit: a log without room loses lines, counts them, and says so when there is room again. */
#include "platform.h"
#include "unit/runner.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "guard/audit.h"

#define NOW INT64_C(1795255200000000)
#define START                                                                                      \
	"{\"@timestamp\":\"2026-11-21T10:00:00.000Z\",\"log.level\":\"error\","                    \
	"\"event.module\":\"castgate\",\"message\":"

struct log {
	char path[64];
	struct arena *memory;
	struct report *report;
	struct audit *audit;
};

static struct log open_log(const char *destination)
{
	struct log log = {.memory = arena_new(65536), .report = report_new()};

	snprintf(log.path, sizeof(log.path), "/tmp/castgate-audit-%d.log", (int)getpid());
	log.audit =
	    audit_open(destination ? destination : log.path, (struct origin){0}, log.report);
	ck_assert_uint_eq(report_count(log.report), 0);
	return log;
}

static void close_log(struct log *log)
{
	audit_close(log->audit);
	report_free(log->report);
	arena_free(log->memory);
	(void)unlink(log->path);
}

static bool note(struct log *log, const char *message)
{
	return audit_note(log->audit, NOW, "error", message, log->memory);
}

static void assert_content(const struct log *log, const char *wanted)
{
	char content[2000] = "";
	int fd = open(log->path, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(read(fd, content, sizeof(content) - 1), 0);
	ck_assert_str_eq(content, wanted);
	close(fd);
}

/* The same with room for so many bytes in a file; beyond, a write fails like one on a full disk. The
 * limit is for this call alone, since libcheck writes files, too. */
static bool note_within(struct log *log, const char *message, size_t bytes)
{
	struct rlimit limit = {bytes, RLIM_INFINITY};
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	bool written;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	written = note(log, message);
	setrlimit(RLIMIT_FSIZE, &none);
	return written;
}

START_TEST(a_full_device_loses_lines_and_nothing_else)
{
	struct log log = open_log("/dev/full");

	for (int i = 0; i < 3; i++)
		ck_assert(!note(&log, "x"));
	close_log(&log);
}
END_TEST

START_TEST(losses_are_told_when_there_is_room_again)
{
	struct log log = open_log(NULL);
	size_t one = sizeof(START "\"a\"}\n") - 1;

	ck_assert(note(&log, "a"));
	ck_assert(note_within(&log, "b", 2 * one));
	ck_assert(!note_within(&log, "c", 2 * one + 3));
	ck_assert(!note_within(&log, "d", 2 * one + 3));
	ck_assert(note(&log, "e"));
	ck_assert(note(&log, "f"));
	assert_content(&log,
	    START "\"a\"}\n" START "\"b\"}\n{\"@\n" START
	          "\"2 lines of this log were lost: No space left on device\"}\n" START
	          "\"e\"}\n" START "\"f\"}\n");
	close_log(&log);
}
END_TEST

START_TEST(a_successor_tells_them)
{
	struct log log = open_log(NULL);
	struct audit *next;

	ck_assert(!note_within(&log, "a", 0));
	next = audit_open(log.path, (struct origin){0}, log.report);
	audit_succeed(next, log.audit);
	audit_close(log.audit);
	log.audit = next;
	ck_assert(note(&log, "b"));
	assert_content(
	    &log, START "\"1 lines of this log were lost: File too large\"}\n" START "\"b\"}\n");
	close_log(&log);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audit");
	TCase *tests = tcase_create("audit");

	tcase_add_test(tests, a_full_device_loses_lines_and_nothing_else);
	tcase_add_test(tests, losses_are_told_when_there_is_room_again);
	tcase_add_test(tests, a_successor_tells_them);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
