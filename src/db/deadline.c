/* A POSIX timer whose handler shuts down the one socket it was made for. */
#include "platform.h"
#include "db/deadline.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#define DEADLINE_SIGNAL (SIGRTMIN + 4)

/* The socket comes with the signal, so nothing is kept at file scope; shutdown(2) is
 * async-signal-safe and does nothing to a descriptor that is no socket. */
static void on_deadline(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)number;
	(void)context;
	if (info->si_code == SI_TIMER)
		(void)shutdown(info->si_value.sival_int, SHUT_RDWR);
	errno = saved;
}

bool deadline_make(struct deadline *deadline, int socket_fd)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = DEADLINE_SIGNAL};
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART};

	action.sa_sigaction = on_deadline;
	sigemptyset(&action.sa_mask);
	event.sigev_value.sival_int = socket_fd;
	deadline->made = sigaction(DEADLINE_SIGNAL, &action, NULL) == 0 &&
	                 timer_create(CLOCK_MONOTONIC, &event, &deadline->timer) == 0;
	return deadline->made;
}

void deadline_free(struct deadline *deadline)
{
	if (deadline->made)
		(void)timer_delete(deadline->timer);
	deadline->made = false;
}

void deadline_arm(struct deadline *deadline, int64_t milliseconds)
{
	struct itimerspec due = {0};

	if (!deadline->made)
		return;
	if (milliseconds < 1)
		milliseconds = 1;
	due.it_value.tv_sec = (time_t)(milliseconds / 1000);
	due.it_value.tv_nsec = (long)(milliseconds % 1000) * 1000000L;
	(void)timer_settime(deadline->timer, 0, &due, NULL);
}

void deadline_disarm(struct deadline *deadline)
{
	static const struct itimerspec never = {{0, 0}, {0, 0}};

	if (deadline->made)
		(void)timer_settime(deadline->timer, 0, &never, NULL);
}
