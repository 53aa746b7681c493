/* Who may connect to the socket that requests come from? */
#ifndef CASTGATE_HTTP_PEERS_H
#define CASTGATE_HTTP_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PEERS_MAX 16

/* Zeroed, nobody but this process's own user and root. */
struct peers {
	bool anybody;
	bool any_local; /* whoever can reach a UNIX socket */
	uid_t users[PEERS_MAX];
	size_t count;
};

/* Whoever the file's mode lets in: for a socket that a web server made for itself. */
extern const struct peers peers_any_local;

/* Read "any" or a list of user names and numeric ids with commas between; NULL is an empty list. False
 * with *problem, a static sentence, when a word is no user or there are more than PEERS_MAX. */
bool peers_parse(const char *list, struct peers *peers, const char **problem);

/* Is the other end of an accepted connection one of them? The kernel says who it was when it
 * connected (SO_PEERCRED, unix(7)); over TCP it cannot, and only "any" lets that in. One system call.
 * *user is (uid_t)-1 over TCP. */
bool peers_admit(const struct peers *peers, int fd, uid_t *user);

#endif
