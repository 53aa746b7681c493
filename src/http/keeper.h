/* Whose end is the end of a FastCGI process? */
#ifndef CASTGATE_HTTP_KEEPER_H
#define CASTGATE_HTTP_KEEPER_H

#include <sys/types.h>

/* The parent of this process when that also made the listening socket, as lighttpd and mod_fcgid do:
 * without it nobody would ever connect again. Zeroed, there is none. */
struct keeper {
	pid_t pid;
	long long stays_at; /* monotonic milliseconds from when it is known to be one that stays */
};

/* Look at who made the socket. spawn-fcgi makes one as well and leaves at once, on purpose: only a
 * parent that is still there after `patience` milliseconds is a keeper. */
struct keeper keeper_of(int listen_fd, long long now, int patience);

/* When the time has come, ask the kernel for SIGTERM at the keeper's end. Returns the milliseconds
 * until it wants to be called again, or -1 for never. */
int keeper_tend(struct keeper *keeper, long long now);

#endif
