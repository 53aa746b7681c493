/* Which of the descriptors that one process waits for can be read? */
#ifndef CASTGATE_HTTP_WATCH_H
#define CASTGATE_HTTP_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Who is woken by a descriptor that several processes wait for. */
enum watch_manner {
	WATCH_NOT,  /* not this process */
	WATCH_EACH, /* everybody who waits in this manner */
	WATCH_ONE,  /* one of those who wait in this manner, and no other */
};

/* Make an empty set; -1 when out of descriptors or memory. Closed with close(2). */
int watch_open(void);

/* Wait for `fd` as well, in a manner other than WATCH_NOT. A kernel that cannot wake one wakes each.
 * Closing `fd` ends it; so does watch_end, which may be called for a descriptor that is not watched.
 * False when the kernel cannot keep it. One system call each. */
bool watch_begin(int set, int fd, enum watch_manner manner);
void watch_end(int set, int fd);

#define WATCH_MOST 128

/* Wait so many milliseconds, for ever when -1, until something can be read, or a peer is gone, and tell
 * what, up to WATCH_MOST of them. Returns their count, or -1 as epoll_wait(2) does. Whoever is woken by
 * WATCH_ONE should take what there is: nobody else was told of it. */
int watch_wait(int set, int milliseconds, int readable[WATCH_MOST]);

#endif
