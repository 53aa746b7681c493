/* http/prefork, http/crew and http/keeper: workers that end, that cannot serve, and whose maker ends. */
#include "platform.h"
#include "unit/runner.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "http/keeper.h"
#include "http/prefork.h"

/* What the processes of a test tell each other. */
struct board {
	_Atomic int starts;
	_Atomic int asides;
	_Atomic int ended;
	_Atomic pid_t pid;
};

static struct board *board_new(void)
{
	struct board *board =
	    mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(board, MAP_FAILED);
	return board;
}

static long long now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool becomes(const _Atomic int *number, int wanted)
{
	for (int i = 0; i < 12000 && atomic_load(number) < wanted; i++)
		poll(NULL, 0, 10);
	return atomic_load(number) >= wanted;
}

/* Workers keep the signals blocked that the front reads; those here just wait for one. */
static int wait_for_end(struct board *board)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &number);
	atomic_fetch_add(&board->ended, 1);
	return 0;
}

static int fail_at_once(void *context, const struct crew_seat *seat)
{
	struct board *board = context;

	(void)seat;
	atomic_fetch_add(&board->starts, 1);
	return 1;
}

START_TEST(a_crash_loop_is_slow)
{
	struct board *board = board_new();
	long long started = now_milliseconds();
	pid_t parent = fork();
	long long seconds;
	int status;

	if (parent == 0)
		_exit(prefork_run(2, fail_at_once, board));
	ck_assert(becomes(&board->starts, 6));
	kill(parent, SIGTERM);
	waitpid(parent, &status, 0);
	seconds = (now_milliseconds() - started) / 1000;
	ck_assert_int_eq(status, 0);
	/* each of the two starts once, and then once a second at most */
	ck_assert_int_ge(seconds, 2);
	ck_assert_int_le(atomic_load(&board->starts), 2 * ((int)seconds + 1));
}
END_TEST

static int be_killed_once(void *context, const struct crew_seat *seat)
{
	struct board *board = context;

	(void)seat;
	if (atomic_fetch_add(&board->starts, 1) == 0) {
		poll(NULL, 0, 1100);
		(void)raise(SIGKILL);
	}
	return wait_for_end(board);
}

START_TEST(a_killed_worker_is_replaced_and_told_of)
{
	struct board *board = board_new();
	char text[200] = "";
	int pipes[2];
	pid_t parent;
	int status;

	ck_assert_int_eq(pipe(pipes), 0);
	parent = fork();
	if (parent == 0) {
		dup2(pipes[1], STDERR_FILENO);
		_exit(prefork_run(2, be_killed_once, board));
	}
	ck_assert(becomes(&board->starts, 3));
	kill(parent, SIGTERM);
	waitpid(parent, &status, 0);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(atomic_load(&board->ended), 2);
	ck_assert_int_gt(read(pipes[0], text, sizeof(text) - 1), 0);
	ck_assert_ptr_nonnull(strstr(text, "was ended by signal 9 (Killed)\n"));
}
END_TEST

/* The first seat is able until it is killed, and says nothing once it is back; the second never is. */
static int one_is_able(void *context, const struct crew_seat *seat)
{
	struct board *board = context;

	if (seat->index == 0) {
		if (atomic_fetch_add(&board->starts, 1) == 0) {
			atomic_store(&board->pid, getpid());
			(void)crew_stands_aside(seat, true);
		}
		return wait_for_end(board);
	}
	while (!crew_stands_aside(seat, false))
		poll(NULL, 0, 10);
	atomic_fetch_add(&board->asides, 1);
	while (crew_stands_aside(seat, false))
		poll(NULL, 0, 10);
	atomic_fetch_add(&board->asides, 1);
	return wait_for_end(board);
}

START_TEST(who_cannot_serve_stands_aside_for_who_can)
{
	struct board *board = board_new();
	pid_t parent = fork();
	int status;

	if (parent == 0)
		_exit(prefork_run(2, one_is_able, board));
	ck_assert(becomes(&board->asides, 1));
	/* a dead worker is able no longer, even when another sits in its place at once */
	kill(atomic_load(&board->pid), SIGKILL);
	ck_assert(becomes(&board->asides, 2));
	kill(parent, SIGTERM);
	waitpid(parent, &status, 0);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_crew_of_unable_workers_serves_all_the_same)
{
	struct crew *crew = crew_new(3);
	struct crew_seat first = {crew, 0};
	struct crew_seat last = {crew, 2};

	ck_assert(!crew_stands_aside(&first, false));
	ck_assert(!crew_stands_aside(&last, true));
	ck_assert(crew_stands_aside(&first, false));
	ck_assert(!crew_stands_aside(&first, true));
	ck_assert(!crew_stands_aside(&last, true));
	ck_assert(crew_stands_aside(&last, false));
	crew_vacate(crew, 0);
	ck_assert(!crew_stands_aside(&last, false));
}
END_TEST

static int open_listener(int type)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "castgate-keeper-%d-%d",
	    (int)getpid(), type);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

/* Our parent makes a socket and starts us, as web servers do; we tell when we are told to leave. */
static void start_responder(struct board *board, int patience)
{
	int fd = open_listener(1);
	pid_t child;

	child = fork();
	if (child == 0) {
		struct keeper keeper = keeper_of(fd, now_milliseconds(), patience);
		sigset_t set;
		int left;

		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		atomic_store(&board->pid, getpid());
		atomic_fetch_add(&board->starts, 1);
		while ((left = keeper_tend(&keeper, now_milliseconds())) >= 0)
			poll(NULL, 0, left);
		atomic_fetch_add(&board->starts, 1);
		_exit(wait_for_end(board));
	}
}

START_TEST(the_end_of_a_maker_that_stayed_is_an_order)
{
	struct board *board = board_new();
	pid_t maker = fork();

	if (maker == 0) {
		start_responder(board, 50);
		pause();
	}
	ck_assert(becomes(&board->starts, 2));
	ck_assert_int_eq(atomic_load(&board->ended), 0);
	kill(maker, SIGKILL);
	waitpid(maker, NULL, 0);
	ck_assert(becomes(&board->ended, 1));
}
END_TEST

START_TEST(a_maker_that_leaves_at_once_is_no_keeper)
{
	struct board *board = board_new();
	pid_t maker = fork();

	if (maker == 0) {
		start_responder(board, 600000);
		ck_assert(becomes(&board->starts, 1));
		_exit(0);
	}
	waitpid(maker, NULL, 0);
	ck_assert(becomes(&board->starts, 1));
	/* a signal would be here by now; there is none, until we send one */
	poll(NULL, 0, 200);
	ck_assert_int_eq(atomic_load(&board->ended), 0);
	kill(atomic_load(&board->pid), SIGKILL);
}
END_TEST

START_TEST(only_who_made_the_socket_is_a_keeper)
{
	int ours = open_listener(2);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	pid_t child = fork();
	int status;

	if (child == 0) {
		int own = open_listener(3);
		bool right = keeper_of(ours, 0, 0).pid == getppid() &&
		             keeper_of(own, 0, 0).pid == 0 && keeper_of(tcp, 0, 0).pid == 0 &&
		             keeper_of(-1, 0, 0).pid == 0;

		_exit(right ? 0 : 1);
	}
	waitpid(child, &status, 0);
	ck_assert_int_eq(status, 0);
	close(ours);
	close(tcp);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("prefork");
	TCase *tests = tcase_create("prefork");

	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, a_crash_loop_is_slow);
	tcase_add_test(tests, a_killed_worker_is_replaced_and_told_of);
	tcase_add_test(tests, who_cannot_serve_stands_aside_for_who_can);
	tcase_add_test(tests, a_crew_of_unable_workers_serves_all_the_same);
	tcase_add_test(tests, the_end_of_a_maker_that_stayed_is_an_order);
	tcase_add_test(tests, a_maker_that_leaves_at_once_is_no_keeper);
	tcase_add_test(tests, only_who_made_the_socket_is_a_keeper);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
