/* guard/throttle: what comes through, and that many processes together never get more. */
#include "platform.h"
#include "unit/runner.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "guard/throttle.h"

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)

static const struct origin nowhere = {"castgate.conf", 1};
static char folder[] = "/tmp/castgate-throttle-XXXXXX";
static char path[64];
static struct report *report;
static struct throttle *throttle;

static void setup(void)
{
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/throttle", folder);
	report = report_new();
	throttle = throttle_open(folder, nowhere, report);
	ck_assert_ptr_nonnull(throttle);
	ck_assert_uint_eq(report_count(report), 0);
}

static void teardown(void)
{
	throttle_close(throttle);
	report_free(report);
	unlink(path);
	rmdir(folder);
}

static struct throttle_meter meter_of(unsigned per_minute, unsigned burst)
{
	return throttle_meter(throttle, "/auth", "things", per_minute, burst);
}

START_TEST(a_quota_comes_back_evenly)
{
	static const struct {
		int64_t seconds;
		bool refused;
		unsigned remaining;
		unsigned wait;
		unsigned full;
	} rows[] = {
	    {0, false, 2, 0, 1},
	    {0, false, 1, 0, 2},
	    {0, false, 0, 1, 3},
	    {0, true, 0, 1, 3},
	    {0, true, 0, 1, 3},
	    {1, false, 0, 1, 3},
	    {1, true, 0, 1, 3},
	    {3, false, 1, 0, 2},
	    {4, false, 1, 0, 2},
	    {100, false, 2, 0, 1},
	};
	struct throttle_meter meter = meter_of(60, 3);
	struct throttle_state seen;

	ck_assert_uint_eq(meter.quota, 3);
	ck_assert_uint_eq(throttle_window_seconds(&meter), 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t now = HOUR + rows[i].seconds * SECOND;
		struct throttle_state state = throttle_take(throttle, &meter, TEXT("a"), now);

		ck_assert_msg(
		    state.refused == rows[i].refused && state.remaining == rows[i].remaining &&
		        state.wait_seconds == rows[i].wait && state.full_seconds == rows[i].full,
		    "row %zu: %d %u %u %u", i, state.refused, state.remaining, state.wait_seconds,
		    state.full_seconds);
		/* a look says the same about the next one, and changes nothing */
		seen = throttle_look(throttle, &meter, TEXT("a"), now);
		ck_assert_uint_eq(seen.remaining, state.remaining);
		ck_assert_int_eq(seen.refused, state.remaining == 0);
	}
	seen = throttle_look(throttle, &meter, TEXT("b"), HOUR);
	ck_assert(!seen.refused && seen.remaining == 3 && seen.full_seconds == 0);
}
END_TEST

START_TEST(what_happened_is_a_debt)
{
	struct throttle_meter meter = meter_of(60, 3);
	struct throttle_state state;

	throttle_charge(throttle, &meter, TEXT("a"), 2, HOUR);
	state = throttle_look(throttle, &meter, TEXT("a"), HOUR);
	ck_assert(!state.refused && state.remaining == 1);
	throttle_charge(throttle, &meter, TEXT("a"), 0, HOUR);
	throttle_charge(throttle, &meter, TEXT("a"), 100, HOUR);
	state = throttle_look(throttle, &meter, TEXT("a"), HOUR);
	ck_assert(state.refused && state.remaining == 0 && state.wait_seconds == 100);
	ck_assert(throttle_look(throttle, &meter, TEXT("a"), HOUR + 100 * SECOND - 1).refused);
	ck_assert(!throttle_look(throttle, &meter, TEXT("a"), HOUR + 100 * SECOND).refused);
	/* but for an hour at most */
	throttle_charge(throttle, &meter, TEXT("a"), UINT32_MAX, HOUR);
	throttle_charge(throttle, &meter, TEXT("a"), UINT32_MAX, HOUR + 7 * SECOND);
	state = throttle_look(throttle, &meter, TEXT("a"), HOUR + 7 * SECOND);
	ck_assert(state.refused && state.full_seconds == 3600);
	ck_assert(!throttle_look(throttle, &meter, TEXT("a"), 2 * HOUR + 7 * SECOND).refused);
}
END_TEST

START_TEST(the_clock_of_an_earlier_boot_is_forgotten)
{
	struct throttle_meter meter = meter_of(60, 3);

	throttle_charge(throttle, &meter, TEXT("a"), 1000, 100 * HOUR);
	ck_assert(throttle_look(throttle, &meter, TEXT("a"), 100 * HOUR).refused);
	ck_assert(!throttle_look(throttle, &meter, TEXT("a"), 5 * SECOND).refused);
	ck_assert_uint_eq(throttle_take(throttle, &meter, TEXT("a"), 5 * SECOND).remaining, 2);
	/* a process whose clock was read a moment ago does not let more through */
	meter = meter_of(60, 1);
	ck_assert(!throttle_take(throttle, &meter, TEXT("b"), HOUR).refused);
	ck_assert(throttle_take(throttle, &meter, TEXT("b"), HOUR - SECOND).refused);
	ck_assert(throttle_take(throttle, &meter, TEXT("b"), 1).refused == true);
}
END_TEST

START_TEST(meters_do_not_mix)
{
	struct throttle_meter one = meter_of(60, 1);
	struct throttle_meter again = meter_of(60, 1);
	struct throttle_meter path_differs = throttle_meter(throttle, "/other", "things", 60, 1);
	struct throttle_meter about_differs = throttle_meter(throttle, "/auth", "people", 60, 1);
	struct throttle_meter none = meter_of(0, 0);

	ck_assert(!throttle_take(throttle, &one, TEXT("a"), HOUR).refused);
	ck_assert(throttle_look(throttle, &again, TEXT("a"), HOUR).refused);
	ck_assert(!throttle_look(throttle, &path_differs, TEXT("a"), HOUR).refused);
	ck_assert(!throttle_look(throttle, &about_differs, TEXT("a"), HOUR).refused);
	for (int i = 0; i < 5; i++) {
		throttle_charge(throttle, &none, TEXT("a"), 1000, HOUR);
		ck_assert(!throttle_look(throttle, &none, TEXT("a"), HOUR).refused);
		ck_assert(!throttle_take(throttle, &none, TEXT("a"), HOUR).refused);
	}
}
END_TEST

START_TEST(every_rate_is_kept)
{
	static const struct {
		unsigned per_minute;
		unsigned burst;
	} rows[] = {{1, 1}, {1, 10}, {7, 70}, {60, 30}, {1000, 1000}, {999999, 3}, {1000000, 17}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct throttle_meter meter = meter_of(rows[i].per_minute, rows[i].burst);
		unsigned through = 0;
		char who[16];
		int64_t now = HOUR;

		snprintf(who, sizeof(who), "row %zu", i);
		/* greedy for a minute: at once, and as soon as told to */
		while (now < HOUR + 60 * SECOND) {
			struct throttle_state state =
			    throttle_take(throttle, &meter, text_of(who), now);

			through += !state.refused;
			if (state.refused)
				now += meter.interval_microseconds / 3 + 1;
		}
		ck_assert_msg(through <= rows[i].per_minute + rows[i].burst, "%u a minute: %u",
		    rows[i].per_minute, through);
		ck_assert_msg(through * 10 >= rows[i].per_minute * 7, "%u a minute: %u",
		    rows[i].per_minute, through);
	}
}
END_TEST

START_TEST(processes_count_together_and_across_restarts)
{
	struct throttle_meter meter = meter_of(60, 2);
	struct throttle *other = throttle_open(folder, nowhere, report);
	struct throttle_meter same = throttle_meter(other, "/auth", "things", 60, 2);
	struct stat status;

	ck_assert(!throttle_take(throttle, &meter, TEXT("a"), HOUR).refused);
	ck_assert(!throttle_take(other, &same, TEXT("a"), HOUR).refused);
	ck_assert(throttle_take(throttle, &meter, TEXT("a"), HOUR).refused);
	throttle_close(other);
	throttle_close(throttle);
	throttle = throttle_open(folder, nowhere, report);
	meter = meter_of(60, 2);
	ck_assert(throttle_take(throttle, &meter, TEXT("a"), HOUR).refused);
	ck_assert_uint_eq(report_count(report), 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	/* reserved, so that a full disk is noticed now and not by a signal later */
	ck_assert_uint_ge((uint64_t)status.st_blocks * 512, (uint64_t)status.st_size);
}
END_TEST

START_TEST(another_file_has_another_key)
{
	struct throttle_meter meter = meter_of(60, 1);
	struct throttle_meter again;

	throttle_close(throttle);
	ck_assert_int_eq(unlink(path), 0);
	throttle = throttle_open(folder, nowhere, report);
	again = meter_of(60, 1);
	ck_assert(meter.key.low != again.key.low && meter.key.high != again.key.high);
}
END_TEST

START_TEST(the_file_names_nobody)
{
	static const char token[] = "1|a-token-that-nobody-may-ever-read";
	struct throttle_meter meter = meter_of(60, 1);
	char *bytes;
	off_t size;
	int fd;

	throttle_charge(throttle, &meter, TEXT(token), 3, HOUR);
	throttle_charge(throttle, &meter, TEXT("192.0.2.77"), 3, HOUR);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = lseek(fd, 0, SEEK_END);
	bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	ck_assert_ptr_nonnull(memmem(bytes, 8, "tt", 2)); /* the layout, in either byte order */
	ck_assert_ptr_null(memmem(bytes, (size_t)size, "a-token", 7));
	ck_assert_ptr_null(memmem(bytes, (size_t)size, "192.0.2", 7));
	munmap(bytes, (size_t)size);
	close(fd);
}
END_TEST

/* The warning a folder gives; the throttle works all the same, alone. */
static void assert_alone(const char *where, const char *complaint)
{
	struct report *alone = report_new();
	struct throttle *mine = throttle_open(where, nowhere, alone);
	struct throttle_meter meter = throttle_meter(mine, "/auth", "things", 60, 1);

	ck_assert_uint_eq(report_count(alone), complaint ? 1 : 0);
	if (complaint)
		ck_assert_msg(
		    strstr(report_line(alone, 0), complaint) != NULL, "%s", report_line(alone, 0));
	ck_assert(!report_failed(alone));
	ck_assert(!throttle_take(mine, &meter, TEXT("a"), HOUR).refused);
	ck_assert(throttle_take(mine, &meter, TEXT("a"), HOUR).refused);
	throttle_close(mine);
	report_free(alone);
}

/* What the next look at a file system is to say; 0: the truth. */
static long pretended_type;

/* In the place of the C library's. */
int fstatfs(int fd, struct statfs *status)
{
	int result = (int)syscall(SYS_fstatfs, fd, status);

	if (pretended_type)
		status->f_type = pretended_type;
	return result;
}

START_TEST(network_file_systems_are_refused)
{
	static const long types[] = {NFS_SUPER_MAGIC, (long)(unsigned)CIFS_SUPER_MAGIC,
	    (long)(unsigned)SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC, V9FS_MAGIC};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		pretended_type = types[i];
		assert_alone(
		    folder, "\"throttle\" is on a network file system: each process counts");
	}
	pretended_type = EXT4_SUPER_MAGIC;
	throttle_close(throttle);
	throttle = throttle_open(folder, nowhere, report);
	ck_assert_uint_eq(report_count(report), 0);
	pretended_type = 0;
}
END_TEST

START_TEST(what_cannot_be_shared_is_said)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_alone(NULL, NULL);
	assert_alone("/proc/nowhere", "\"throttle\" cannot be opened: each process counts");
	ck_assert_int_eq(pwrite(fd, "another", 8, 0), 8);
	close(fd);
	assert_alone(folder, "\"throttle\" has another layout");
	unlink(path);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	assert_alone(folder, "\"throttle\" cannot be opened");
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	assert_alone(folder, "\"throttle\" cannot be opened");
	rmdir(path);
}
END_TEST

/* What root makes while checking for somebody can be used by that somebody, and nothing else of theirs
 * is touched. Only root can try. */
START_TEST(root_leaves_files_to_the_folders_owner)
{
	const uid_t somebody = 12345;
	struct throttle *mine;
	struct stat status;

	if (geteuid() != 0)
		return;
	unlink(path);
	ck_assert_int_eq(chown(folder, somebody, 12345), 0);
	mine = throttle_open(folder, nowhere, report);
	throttle_close(mine);
	ck_assert_uint_eq(report_count(report), 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_uid, somebody);
	/* and again, now that it is there */
	mine = throttle_open(folder, nowhere, report);
	throttle_close(mine);
	ck_assert_uint_eq(report_count(report), 0);
	/* a file of root's in there was put there, and is not given away */
	ck_assert_int_eq(chown(path, 0, 0), 0);
	assert_alone(folder, "\"throttle\" does not belong to this user");
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_uid, 0);
}
END_TEST

START_TEST(a_file_of_two_names_is_not_ours_alone)
{
	char other[80];

	snprintf(other, sizeof(other), "%s/other", folder);
	ck_assert_int_eq(link(path, other), 0);
	assert_alone(folder, "\"throttle\" does not belong to this user");
	unlink(other);
}
END_TEST

#define PROCESSES 8
#define KEYS 4
#define BURST 20000u

static atomic_uint *shared_counters(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* Take from every key in turn until all are used up, in a process with a mapping of its own. */
static void hammer(atomic_uint *granted)
{
	struct throttle *mine = throttle_open(folder, nowhere, report);
	struct throttle_meter meter = throttle_meter(mine, "/auth", "things", 60000, BURST);
	unsigned refused = 0;

	for (unsigned i = 0; refused < KEYS; i++) {
		char who[2] = {(char)('a' + i % KEYS), '\0'};

		if (throttle_take(mine, &meter, text_of(who), HOUR).refused) {
			refused++;
		} else {
			refused = 0;
			atomic_fetch_add(&granted[i % KEYS], 1);
		}
	}
	throttle_close(mine);
}

static void start_hammers(pid_t pids[PROCESSES], atomic_uint *granted)
{
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			hammer(granted);
			_exit(0);
		}
	}
}

START_TEST(racing_processes_get_exactly_the_limit)
{
	atomic_uint *granted = shared_counters();
	pid_t pids[PROCESSES];
	int status;

	start_hammers(pids, granted);
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	for (int i = 0; i < KEYS; i++)
		ck_assert_uint_eq(granted[i], BURST);
	munmap(granted, 4096);
}
END_TEST

START_TEST(killed_processes_break_nothing)
{
	struct throttle_meter meter = throttle_meter(throttle, "/auth", "things", 60000, BURST);
	atomic_uint *granted = shared_counters();
	unsigned kills = 0;

	/* each round kills all in the middle, at a moment that differs */
	for (int round = 0; round < 12; round++) {
		pid_t pids[PROCESSES];

		start_hammers(pids, granted);
		usleep((useconds_t)(100 + round * 150));
		for (int i = 0; i < PROCESSES; i++) {
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
			kills++;
		}
	}
	for (int i = 0; i < KEYS; i++) {
		char who[2] = {(char)('a' + i), '\0'};

		while (!throttle_take(throttle, &meter, text_of(who), HOUR).refused)
			granted[i]++;
		/* one killed between taking and telling loses its one; nobody wins one */
		ck_assert_uint_le(granted[i], BURST);
		ck_assert_uint_ge(granted[i], BURST - kills);
	}
	munmap(granted, 4096);
}
END_TEST

START_TEST(racing_processes_with_running_clocks_keep_the_rate)
{
	atomic_uint *granted = shared_counters();
	struct clock clock = clock_system();
	int64_t start = clock.monotonic_microseconds(NULL);
	pid_t pids[PROCESSES];
	int64_t elapsed;

	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		/* 100 at once and one each 100 us */
		for (int n = 0; n < 20000; n++) {
			struct throttle_meter meter =
			    throttle_meter(throttle, "/auth", "clocks", 600000, 100);
			int64_t now = clock.monotonic_microseconds(NULL);

			if (!throttle_take(throttle, &meter, TEXT("a"), now).refused)
				atomic_fetch_add(granted, 1);
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++)
		waitpid(pids[i], NULL, 0);
	elapsed = clock.monotonic_microseconds(NULL) - start;
	ck_assert_uint_ge(granted[0], 100);
	ck_assert_uint_le(granted[0], 100 + (unsigned)(elapsed / 100) + 1);
	munmap(granted, 4096);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("throttle");
	TCase *tests = tcase_create("throttle");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, a_quota_comes_back_evenly);
	tcase_add_test(tests, what_happened_is_a_debt);
	tcase_add_test(tests, the_clock_of_an_earlier_boot_is_forgotten);
	tcase_add_test(tests, meters_do_not_mix);
	tcase_add_test(tests, every_rate_is_kept);
	tcase_add_test(tests, processes_count_together_and_across_restarts);
	tcase_add_test(tests, another_file_has_another_key);
	tcase_add_test(tests, the_file_names_nobody);
	tcase_add_test(tests, network_file_systems_are_refused);
	tcase_add_test(tests, what_cannot_be_shared_is_said);
	tcase_add_test(tests, root_leaves_files_to_the_folders_owner);
	tcase_add_test(tests, a_file_of_two_names_is_not_ours_alone);
	tcase_add_test(tests, racing_processes_get_exactly_the_limit);
	tcase_add_test(tests, killed_processes_break_nothing);
	tcase_add_test(tests, racing_processes_with_running_clocks_keep_the_rate);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
