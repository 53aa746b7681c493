/* An epoll set, since poll(2) wakes everybody who waits at a socket, for one connection. */
#include "platform.h"
#include "http/watch.h"

#include <errno.h>
#include <sys/epoll.h>

int watch_open(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

static bool begin(int set, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool watch_begin(int set, int fd, enum watch_manner manner)
{
	if (manner == WATCH_ONE && begin(set, fd, EPOLLIN | EPOLLEXCLUSIVE))
		return true;
	return (manner == WATCH_EACH || errno == EINVAL) && begin(set, fd, EPOLLIN);
}

void watch_end(int set, int fd)
{
	(void)epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL);
}

int watch_wait(int set, int milliseconds, int readable[WATCH_MOST])
{
	struct epoll_event events[WATCH_MOST];
	int count = epoll_wait(set, events, WATCH_MOST, milliseconds);

	for (int i = 0; i < count; i++)
		readable[i] = events[i].data.fd;
	return count;
}
