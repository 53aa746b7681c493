/* guard/audit: a log without room loses lines, counts them, and says so when there is room again. */
#include "platform.h"
#include "unit/runner.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "guard/audit.h"

#define NOW INT64_C(1795255200000000)
#define START                                                                                      \
	"{\"@timestamp\":\"2026-11-21T10:00:00.000Z\",\"log.level\":\"error\","                    \
	"\"ecs.version\":\"9.4.0\",\"event.module\":\"castgate\",\"message\":"

/* A private place for a logger's socket. */
static const char *logger_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/castgate-logger-%d", (int)getpid());
	return path;
}

/* Start to listen there, as the system's logger does. */
static int start_logger(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", logger_path());
	(void)unlink(logger_path());
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void assert_received(int logger, const char *wanted)
{
	char datagram[2000] = "";
	char whole[2000];
	ssize_t length = recv(logger, datagram, sizeof(datagram) - 1, 0);

	snprintf(whole, sizeof(whole), "<27>castgate[%d]: %s", (int)getpid(), wanted);
	ck_assert_int_ge(length, 0);
	ck_assert_str_eq(datagram, whole);
}

struct log {
	char path[64];
	struct arena *memory;
	struct report *report;
	struct metrics *metrics;
	struct audit *audit;
};

static struct log open_log(const char *destination)
{
	struct audit_settings settings = {.syslog_path = logger_path()};
	struct log log = {.memory = arena_new(65536), .report = report_new()};

	snprintf(log.path, sizeof(log.path), "/tmp/castgate-audit-%d.log", (int)getpid());
	log.metrics = metrics_open(NULL, (struct origin){0}, log.report);
	settings.destination = destination ? destination : log.path;
	settings.metrics = log.metrics;
	log.audit = audit_open(&settings, (struct origin){0}, log.report);
	ck_assert_uint_eq(report_count(log.report), 0);
	return log;
}

static void close_log(struct log *log)
{
	audit_close(log->audit);
	metrics_close(log->metrics);
	report_free(log->report);
	arena_free(log->memory);
	(void)unlink(log->path);
}

static bool note(struct log *log, const char *message)
{
	bool written = audit_note(log->audit, NOW, "error", message, log->memory);

	arena_wipe(log->memory);
	return written;
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

/* Decisions on so many channels of one request, together, with room for so many bytes in a file. */
static bool decide_within(struct log *log, unsigned count, size_t bytes)
{
	struct rlimit limit = {bytes, RLIM_INFINITY};
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	struct audit_lines lines = audit_lines_start(log->memory);
	bool written = true;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (unsigned i = 0; i < count; i++) {
		struct audit_entry entry = {.time_microseconds = NOW,
		    .channel = {"abcdefghijklmnopqrstuvwxyz" + i % 26, 1},
		    .status = 403};

		written = audit_gather(log->audit, &entry, &lines) && written;
	}
	written = audit_give(log->audit, NOW, &lines) && written;
	setrlimit(RLIMIT_FSIZE, &none);
	arena_wipe(log->memory);
	return written;
}

/* The lines that are in the file: the last letter of each channel, '!' for one that tells of a loss. A torn one, or
 * one that is no line of these, does not parse. */
static const char *letters_of(const struct log *log)
{
	static char letters[200];
	char line[2000];
	size_t used = 0;
	FILE *file = fopen(log->path, "r");

	while (fgets(line, sizeof(line), file)) {
		const char *channel = strstr(line, "\"castgate.channel\":\"");

		ck_assert_msg(line[0] == '{' || line[0] == '\n', "%s", line);
		if (strstr(line, "lines of this log were lost"))
			letters[used++] = '!';
		else if (!strchr(line, '\n') || !strstr(line, "}\n"))
			letters[used++] = '~';
		else if (channel)
			letters[used++] = channel[sizeof("\"castgate.channel\":\"") - 1];
	}
	letters[used] = '\0';
	fclose(file);
	return letters;
}

START_TEST(what_is_gathered_is_written_whole_or_counted)
{
	struct log log = open_log(NULL);
	struct stat status;
	size_t one;

	ck_assert(decide_within(&log, 1, RLIM_INFINITY));
	ck_assert_int_eq(stat(log.path, &status), 0);
	one = (size_t)status.st_size;
	ck_assert(decide_within(&log, 3, RLIM_INFINITY));
	ck_assert_str_eq(letters_of(&log), "aabc");
	/* two of three, and a half; then none; then two exactly */
	ck_assert(!decide_within(&log, 3, 6 * one + one / 2));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 1);
	ck_assert(!decide_within(&log, 2, 6 * one + one / 2));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 3);
	ck_assert(decide_within(&log, 1, RLIM_INFINITY));
	ck_assert_str_eq(letters_of(&log), "aabcab~!a");
	ck_assert_int_eq(stat(log.path, &status), 0);
	ck_assert(!decide_within(&log, 4, (size_t)status.st_size + 2 * one));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 5);
	ck_assert(decide_within(&log, 0, RLIM_INFINITY));
	ck_assert(decide_within(&log, 1, RLIM_INFINITY));
	ck_assert_str_eq(letters_of(&log), "aabcab~!aab!a");
	close_log(&log);
}
END_TEST

START_TEST(many_lines_are_written_in_pieces)
{
	struct log log = open_log(NULL);

	ck_assert(decide_within(&log, 150, RLIM_INFINITY));
	ck_assert_uint_eq(strlen(letters_of(&log)), 150);
	ck_assert(!strchr(letters_of(&log), '~'));
	ck_assert_int_eq(letters_of(&log)[149], 'a' + 149 % 26);
	close_log(&log);
}
END_TEST

START_TEST(without_memory_lines_are_lost_and_told)
{
	struct log log = open_log(NULL);

	while (arena_alloc(log.memory, 16))
		;
	ck_assert(!decide_within(&log, 2, RLIM_INFINITY));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 2);
	ck_assert(decide_within(&log, 1, RLIM_INFINITY));
	ck_assert_str_eq(letters_of(&log), "!a");
	close_log(&log);
}
END_TEST

START_TEST(a_full_device_loses_lines_and_nothing_else)
{
	struct log log = open_log("/dev/full");

	for (int i = 0; i < 3; i++)
		ck_assert(!note(&log, "x"));
	ck_assert(!audit_has_room(log.audit, NOW, log.memory));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 3);
	ck_assert(!decide_within(&log, 2, RLIM_INFINITY));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 5);
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
	ck_assert(audit_has_room(log.audit, NOW, log.memory));
	ck_assert(note(&log, "e"));
	ck_assert(note(&log, "f"));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 2);
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
	next = audit_open(
	    &(struct audit_settings){.destination = log.path}, (struct origin){0}, log.report);
	audit_succeed(next, log.audit);
	audit_close(log.audit);
	log.audit = next;
	ck_assert(note(&log, "b"));
	assert_content(
	    &log, START "\"1 lines of this log were lost: File too large\"}\n" START "\"b\"}\n");
	close_log(&log);
}
END_TEST

START_TEST(a_logger_gets_datagrams_also_when_it_was_started_anew)
{
	int logger = start_logger();
	struct log log = open_log("syslog");
	char datagram[2000];

	ck_assert(note(&log, "a"));
	assert_received(logger, START "\"a\"}");
	close(logger);
	ck_assert(!note(&log, "b"));
	logger = start_logger();
	ck_assert(note(&log, "c"));
	assert_received(logger, START "\"1 lines of this log were lost: Connection refused\"}");
	assert_received(logger, START "\"c\"}");
	ck_assert(decide_within(&log, 3, RLIM_INFINITY));
	for (int i = 0; i < 3; i++)
		ck_assert_int_gt(recv(logger, datagram, sizeof(datagram), 0), 0);
	ck_assert_int_lt(recv(logger, datagram, sizeof(datagram), 0), 0);
	close(logger);
	(void)unlink(logger_path());
	close_log(&log);
}
END_TEST

START_TEST(a_logger_that_does_not_listen_loses_lines_and_is_not_waited_for)
{
	int logger = start_logger();
	struct log log = open_log("syslog");
	unsigned taken = 0;

	while (taken < 100000 && note(&log, "x"))
		taken++;
	ck_assert_uint_gt(taken, 0);
	ck_assert_uint_lt(taken, 100000);
	for (int i = 0; i < 100; i++)
		ck_assert(!note(&log, "y"));
	ck_assert_uint_eq(metrics_counted(log.metrics, METRICS_AUDIT_LOST), 101);
	for (unsigned i = 0; i < taken; i++)
		assert_received(logger, START "\"x\"}");
	ck_assert(note(&log, "z"));
	assert_received(
	    logger, START "\"101 lines of this log were lost: Resource temporarily unavailable\"}");
	assert_received(logger, START "\"z\"}");
	close(logger);
	(void)unlink(logger_path());
	close_log(&log);
}
END_TEST

START_TEST(without_a_logger_lines_are_lost_and_nothing_goes_elsewhere)
{
	struct audit_settings settings = {
	    .destination = "syslog", .syslog_path = "/nonexistent/log"};
	struct report *report = report_new();
	struct arena *memory = arena_new(65536);
	struct audit *audit = audit_open(&settings, (struct origin){0}, report);

	ck_assert_uint_eq(report_count(report), 1);
	ck_assert(!audit_note(audit, NOW, "error", "x", memory));
	ck_assert(!audit_has_room(audit, NOW, memory));
	audit_close(audit);
	arena_free(memory);
	report_free(report);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audit");
	TCase *tests = tcase_create("audit");

	tcase_add_test(tests, a_full_device_loses_lines_and_nothing_else);
	tcase_add_test(tests, what_is_gathered_is_written_whole_or_counted);
	tcase_add_test(tests, many_lines_are_written_in_pieces);
	tcase_add_test(tests, without_memory_lines_are_lost_and_told);
	tcase_add_test(tests, losses_are_told_when_there_is_room_again);
	tcase_add_test(tests, a_successor_tells_them);
	tcase_add_test(tests, a_logger_gets_datagrams_also_when_it_was_started_anew);
	tcase_add_test(tests, a_logger_that_does_not_listen_loses_lines_and_is_not_waited_for);
	tcase_add_test(tests, without_a_logger_lines_are_lost_and_nothing_goes_elsewhere);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
