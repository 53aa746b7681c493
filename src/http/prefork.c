/* A parent that only starts, counts and ends workers. */
#include "platform.h"
#include "http/prefork.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BACK_OFF_MILLISECONDS 1000
#define LINGER_MILLISECONDS 10000

struct worker {
	pid_t pid; /* 0: not running */
	long long started;
	long long start_at;
};

struct parent {
	struct worker workers[PREFORK_MAX_WORKERS];
	int count;
	int signal_fd;
	sigset_t signals;
	prefork_work *work;
	void *context;
	struct crew *crew;
	bool leaving;
};

static long long now_milliseconds(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void run_worker(struct parent *parent, int index, pid_t parent_pid)
{
	struct crew_seat seat = {parent->crew, index};
	int status;

	/* a worker never outlives its parent */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent_pid)
		_exit(EXIT_FAILURE);
	close(parent->signal_fd);
	/* the signals stay blocked: the front reads them when it is ready, none is lost before */
	status = parent->work(parent->context, &seat);
	exit(status);
}

static void start_worker(struct parent *parent, struct worker *worker)
{
	pid_t parent_pid = getpid();
	pid_t pid = fork();

	if (pid == 0)
		run_worker(parent, (int)(worker - parent->workers), parent_pid);
	worker->started = now_milliseconds();
	worker->pid = pid > 0 ? pid : 0;
	worker->start_at = worker->started + BACK_OFF_MILLISECONDS;
}

static void bury(struct parent *parent, int index, int status)
{
	struct worker *worker = &parent->workers[index];

	if (WIFSIGNALED(status) && !parent->leaving)
		fprintf(stderr, "castgate.fcgi: worker %ld was ended by signal %d (%s)\n",
		    (long)worker->pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	crew_vacate(parent->crew, index);
	worker->pid = 0;
	if (now_milliseconds() - worker->started >= BACK_OFF_MILLISECONDS)
		worker->start_at = 0;
}

static void reap(struct parent *parent)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < parent->count; i++)
			if (parent->workers[i].pid == pid)
				bury(parent, i, status);
}

static void signal_workers(const struct parent *parent, int number)
{
	for (int i = 0; i < parent->count; i++)
		if (parent->workers[i].pid > 0)
			(void)kill(parent->workers[i].pid, number);
}

static void read_signals(struct parent *parent)
{
	struct signalfd_siginfo info;

	while (read(parent->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			signal_workers(parent, SIGHUP);
		else if (info.ssi_signo != SIGCHLD)
			parent->leaving = true;
	}
	reap(parent);
}

static bool any_running(const struct parent *parent)
{
	for (int i = 0; i < parent->count; i++)
		if (parent->workers[i].pid > 0)
			return true;
	return false;
}

static void wait_for_signal(struct parent *parent, int milliseconds)
{
	struct pollfd wait = {.fd = parent->signal_fd, .events = POLLIN};

	if (poll(&wait, 1, milliseconds) >= 0)
		read_signals(parent);
}

/* Start what is due; the milliseconds until something else is, or -1. */
static int start_due(struct parent *parent)
{
	long long now = now_milliseconds();
	int next = -1;

	for (int i = 0; i < parent->count; i++) {
		struct worker *worker = &parent->workers[i];

		if (worker->pid == 0 && worker->start_at <= now)
			start_worker(parent, worker);
		if (worker->pid == 0)
			next = BACK_OFF_MILLISECONDS;
	}
	return next;
}

static void end_workers(struct parent *parent)
{
	long long deadline = now_milliseconds() + LINGER_MILLISECONDS;

	signal_workers(parent, SIGTERM);
	while (any_running(parent) && now_milliseconds() < deadline)
		wait_for_signal(parent, 100);
	signal_workers(parent, SIGKILL);
	while (any_running(parent))
		wait_for_signal(parent, 100);
}

int prefork_run(int count, prefork_work *work, void *context)
{
	struct parent *parent = calloc(1, sizeof(*parent));

	if (!parent || !(parent->crew = crew_new(count))) {
		free(parent);
		return EXIT_FAILURE;
	}
	parent->count = count;
	parent->work = work;
	parent->context = context;
	sigemptyset(&parent->signals);
	sigaddset(&parent->signals, SIGTERM);
	sigaddset(&parent->signals, SIGINT);
	sigaddset(&parent->signals, SIGUSR1);
	sigaddset(&parent->signals, SIGHUP);
	sigaddset(&parent->signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &parent->signals, NULL) == 0)
		parent->signal_fd = signalfd(-1, &parent->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	while (!parent->leaving)
		wait_for_signal(parent, start_due(parent));
	end_workers(parent);
	close(parent->signal_fd);
	free(parent);
	return EXIT_SUCCESS;
}
