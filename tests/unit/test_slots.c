/* db/slots and db/budget: what several processes may hold and spend together. */
#include "platform.h"
#include "unit/runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/budget.h"
#include "db/slots.h"

#define SECOND 1000000

static char folder[64];
static struct report *report;

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/castgate-slots-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	report = report_new();
}

static void remove_folder(void)
{
	static const char *const names[] = {"shared", "primary-wanted", "replica-wanted"};
	char file[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(file, sizeof(file), "%s/%s", folder, names[i]);
		unlink(file);
	}
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_uint_eq(report_count(report), 0);
	report_free(report);
}

/* One process's view: a mapping of its own claims for itself, as another process's would. */
struct process {
	struct shared *shared;
	struct slots slots;
};

static struct process start(enum slots_kind kind, unsigned count, int bells)
{
	struct process process = {.shared = shared_open(folder, (struct origin){0}, report)};

	ck_assert(shared_is_common(process.shared));
	slots_open(&process.slots, process.shared, kind, count, bells);
	return process;
}

static void end(struct process *process)
{
	slots_close(&process->slots);
	shared_close(process->shared);
}

static bool take_within(struct process *process, int tries)
{
	while (!slots_take(&process->slots)) {
		if (tries-- == 0) {
			slots_stop_waiting(&process->slots);
			return false;
		}
		slots_wait(&process->slots, 20);
	}
	return true;
}

START_TEST(no_more_than_count_are_taken)
{
	struct process a = start(SLOTS_PRIMARY, 2, -1);
	struct process b = start(SLOTS_PRIMARY, 2, -1);
	struct process c = start(SLOTS_PRIMARY, 2, -1);
	struct process other = start(SLOTS_REPLICA, 2, -1);

	ck_assert(slots_take(&a.slots));
	ck_assert(slots_take(&a.slots)); /* the same one */
	ck_assert(slots_take(&b.slots));
	ck_assert(!slots_take(&c.slots));
	ck_assert(slots_take(&other.slots));
	ck_assert(!take_within(&c, 2));
	slots_give_back(&a.slots);
	ck_assert(slots_take(&c.slots));
	ck_assert(!slots_take(&a.slots));
	end(&b);
	ck_assert(take_within(&a, 2));
	end(&a);
	end(&c);
	end(&other);
}
END_TEST

START_TEST(who_waits_is_seen_and_comes_first)
{
	struct process a = start(SLOTS_PRIMARY, 1, -1);
	struct process b = start(SLOTS_PRIMARY, 1, -1);

	ck_assert(slots_take(&a.slots));
	ck_assert(!slots_wanted(&a.slots));
	ck_assert(!slots_take(&b.slots));
	ck_assert(!slots_wanted(&a.slots));
	slots_wait(&b.slots, 1);
	ck_assert(slots_wanted(&a.slots));
	slots_give_back(&a.slots);
	ck_assert(!slots_wanted(&a.slots)); /* there is nothing to give up */
	ck_assert(!slots_take(&a.slots));   /* b is in line */
	ck_assert(slots_take(&b.slots));
	slots_wait(&a.slots, 1);
	ck_assert(slots_wanted(&b.slots));
	slots_stop_waiting(&a.slots);
	ck_assert(!slots_wanted(&b.slots));
	ck_assert_uint_eq(*b.slots.wanted, 0);
	end(&a);
	end(&b);
}
END_TEST

/* A child takes a slot and waits for a second kind, and is killed. */
static pid_t start_child(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct process holder = start(SLOTS_PRIMARY, 1, -1);
		struct process waiter = start(SLOTS_REPLICA, 1, -1);

		ck_assert(slots_take(&holder.slots));
		ck_assert(!slots_take(&waiter.slots));
		slots_wait(&waiter.slots, 1);
		ck_assert_int_eq(write(ready[1], "", 1), 1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

START_TEST(a_killed_process_holds_nothing)
{
	struct process a = start(SLOTS_PRIMARY, 1, -1);
	struct process b = start(SLOTS_REPLICA, 1, -1);
	pid_t pid;

	ck_assert(slots_take(&b.slots));
	pid = start_child();
	ck_assert(!slots_take(&a.slots));
	ck_assert(slots_wanted(&b.slots));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert(slots_take(&a.slots));
	ck_assert(!slots_wanted(&b.slots));
	end(&a);
	end(&b);
}
END_TEST

/* Give a slot to a child that waits for it. True when that woke the child; false when it found the slot after a wait
 * that had come to its end by itself, after 200 ms. */
static bool hand_over(struct process *holder)
{
	pid_t pid;
	int status;

	ck_assert(slots_take(&holder->slots));
	pid = fork();
	if (pid == 0) {
		struct process b = start(SLOTS_PRIMARY, 1, -1);
		bool woken = false;

		while (!slots_take(&b.slots)) {
			errno = 0; /* the futex says so when a wait was in vain */
			slots_wait(&b.slots, 10000);
			woken = errno == 0;
		}
		_exit(woken ? 0 : 1);
	}
	while (!slots_wanted(&holder->slots))
		usleep(1000);
	usleep(1000);
	slots_give_back(&holder->slots);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

START_TEST(a_waiter_is_woken)
{
	struct process a = start(SLOTS_PRIMARY, 1, -1);
	bool woken = false;

	/* on a busy machine the slot may be given back when nobody sleeps */
	for (int i = 0; i < 50 && !woken; i++)
		woken = hand_over(&a);
	ck_assert(woken);
	end(&a);
}
END_TEST

START_TEST(the_bell_rings_for_holders)
{
	int bells = epoll_create1(0);
	struct pollfd wait = {.fd = bells, .events = POLLIN};
	struct process a = start(SLOTS_PRIMARY, 1, bells);
	struct process b = start(SLOTS_PRIMARY, 1, -1);

	ck_assert(slots_take(&a.slots));
	ck_assert_int_eq(poll(&wait, 1, 0), 0);
	ck_assert(!slots_take(&b.slots));
	slots_wait(&b.slots, 1);
	slots_wait(&b.slots, 1);
	ck_assert_int_eq(poll(&wait, 1, 0), 1);
	slots_hear(&a.slots);
	ck_assert_int_eq(poll(&wait, 1, 0), 1); /* it rang twice, and b still waits */
	slots_stop_waiting(&b.slots);
	slots_hear(&a.slots);
	ck_assert_int_eq(poll(&wait, 1, 0), 0);
	slots_wait(&b.slots, 1);
	slots_give_back(&a.slots);
	ck_assert_int_eq(poll(&wait, 1, 0), 0); /* who holds nothing is left in peace */
	end(&a);
	end(&b);
	close(bells);
}
END_TEST

START_TEST(what_is_not_shared_is_not_kept_to)
{
	struct shared *own = shared_open(NULL, (struct origin){0}, NULL);
	struct slots a;
	struct slots b;

	slots_open(&a, own, SLOTS_PRIMARY, 1, -1);
	slots_open(&b, NULL, SLOTS_PRIMARY, 1, -1);
	ck_assert(slots_take(&a));
	ck_assert(slots_take(&b));
	ck_assert(!slots_wanted(&a));
	slots_wait(&a, 1000);
	slots_hear(&a);
	slots_close(&a);
	slots_close(&b);
	shared_close(own);
}
END_TEST

START_TEST(a_budget_is_spent_and_grows_back)
{
	_Atomic uint64_t word = 0;
	int64_t now = 100 * (int64_t)SECOND;

	for (int i = 0; i < 50; i++)
		ck_assert(budget_spend(&word, now, 50));
	ck_assert(!budget_spend(&word, now, 50));
	ck_assert(!budget_spend(&word, now + SECOND / 50 - 1, 50));
	ck_assert(budget_spend(&word, now + SECOND / 50, 50));
	ck_assert(!budget_spend(&word, now + SECOND / 50, 50));
	now += 100 * (int64_t)SECOND;
	for (int i = 0; i < 50; i++)
		ck_assert(budget_spend(&word, now, 50));
	ck_assert(!budget_spend(&word, now, 50));
	ck_assert(!budget_spend(&word, now, 0));
}
END_TEST

START_TEST(a_budget_from_before_a_reboot_is_whole)
{
	_Atomic uint64_t word = UINT64_C(1) << 60;

	ck_assert(budget_spend(&word, 1, 1));
	ck_assert(!budget_spend(&word, 1, 1));
	ck_assert(budget_spend(&word, 1 + SECOND, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("slots");
	TCase *tests = tcase_create("slots");

	tcase_add_checked_fixture(tests, make_folder, remove_folder);
	tcase_add_test(tests, no_more_than_count_are_taken);
	tcase_add_test(tests, who_waits_is_seen_and_comes_first);
	tcase_add_test(tests, a_killed_process_holds_nothing);
	tcase_add_test(tests, a_waiter_is_woken);
	tcase_add_test(tests, the_bell_rings_for_holders);
	tcase_add_test(tests, what_is_not_shared_is_not_kept_to);
	tcase_add_test(tests, a_budget_is_spent_and_grows_back);
	tcase_add_test(tests, a_budget_from_before_a_reboot_is_whole);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
