/* What can a process still do once it serves, should somebody else come to steer it? */
#ifndef CASTGATE_GUARD_SANDBOX_H
#define CASTGATE_GUARD_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* SANDBOX_PERMISSIVE lets everything pass and has the kernel log the calls that would be refused. */
enum sandbox_mode { SANDBOX_OFF, SANDBOX_PERMISSIVE, SANDBOX_STRICT };

/* The mode a configuration word names. */
enum sandbox_mode sandbox_mode_named(const char *word);

/* What stays possible below a path: reading; writing and creating files; renaming and removing them
 * too. */
enum sandbox_access { SANDBOX_READ, SANDBOX_WRITE, SANDBOX_REPLACE };

/* A file or folder that stays reachable. Paths that do not exist are passed over: they cannot be
 * opened anyway. */
struct sandbox_path {
	const char *path;
	enum sandbox_access access;
};

/* Give up, for good, every system call that serving does not need (seccomp) and every file but
 * those listed and what the libraries need: resolver, time zones, certificates, shared objects
 * (Landlock). Afterwards exec, fork, other sockets than UNIX and IP, and other files fail. NULL on
 * success, else a static sentence that says why it could not be done; the process may then be half
 * confined and must not serve in strict mode. */
const char *sandbox_enter(enum sandbox_mode mode, const struct sandbox_path *paths, size_t count);

#endif
