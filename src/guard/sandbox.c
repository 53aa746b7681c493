/* Landlock for files and a seccomp allow-list for calls: what is not needed is not possible. */
#include "platform.h"
#include "guard/sandbox.h"

#include <string.h>

enum sandbox_mode sandbox_mode_named(const char *word)
{
	if (word && strcmp(word, "strict") == 0)
		return SANDBOX_STRICT;
	return word && strcmp(word, "permissive") == 0 ? SANDBOX_PERMISSIVE : SANDBOX_OFF;
}

#ifdef HAVE_LIBSECCOMP

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES                                                                                     \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR)
#define REPLACES LANDLOCK_ACCESS_FS_REMOVE_FILE
/* Everything the first version of Landlock knows; what is handled and not allowed is refused. */
#define HANDLED                                                                                    \
	(READS | WRITES | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |             \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                        \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                          \
	    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* What the libraries open while they work: names, zones, certificates, late shared objects. */
static const struct sandbox_path system_paths[] = {
    {"/usr/lib", SANDBOX_READ},
    {"/lib", SANDBOX_READ},
    {"/lib64", SANDBOX_READ},
    {"/usr/lib64", SANDBOX_READ},
    {"/usr/local/lib", SANDBOX_READ},
    {"/usr/share/zoneinfo", SANDBOX_READ},
    {"/etc/localtime", SANDBOX_READ},
    {"/etc/ld.so.cache", SANDBOX_READ},
    {"/etc/passwd", SANDBOX_READ},
    {"/etc/group", SANDBOX_READ},
    {"/etc/hosts", SANDBOX_READ},
    {"/etc/host.conf", SANDBOX_READ},
    {"/etc/resolv.conf", SANDBOX_READ},
    {"/etc/nsswitch.conf", SANDBOX_READ},
    {"/etc/gai.conf", SANDBOX_READ},
    {"/etc/services", SANDBOX_READ},
    {"/etc/ssl", SANDBOX_READ},
    {"/etc/pki", SANDBOX_READ},
    {"/usr/share/ca-certificates", SANDBOX_READ},
    {"/usr/local/share/ca-certificates", SANDBOX_READ},
    {"/run/systemd/resolve", SANDBOX_READ},
    {"/dev/null", SANDBOX_WRITE},
    {"/dev/urandom", SANDBOX_READ},
    {"/dev/log", SANDBOX_WRITE},
};

/* What serving needs. Names an architecture lacks are passed over. */
static const char *const calls[] = {"accept", "accept4", "access", "brk", "clock_gettime",
    "clock_nanosleep", "close", "connect", "dup", "epoll_create1", "epoll_ctl", "epoll_pwait",
    "epoll_wait", "eventfd2", "exit", "exit_group", "faccessat", "faccessat2", "fallocate", "fcntl",
    "fstat", "fstatfs", "ftruncate", "futex", "getcwd", "getdents64", "getegid", "geteuid",
    "getgid", "getgroups", "getpeername", "getpid", "getppid", "getrandom", "getsockname",
    "getsockopt", "gettid", "gettimeofday", "getuid", "ioctl", "lseek", "lstat", "madvise", "mkdir",
    "mkdirat", "mmap", "mprotect", "mremap", "munmap", "nanosleep", "newfstatat", "open", "openat",
    "poll", "ppoll", "pread64", "prlimit64", "pselect6", "pwrite64", "read", "readlink",
    "readlinkat", "readv", "recvfrom", "recvmmsg", "recvmsg", "rename", "renameat", "renameat2",
    "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sched_getaffinity", "sched_yield", "select", "sendmmsg", "sendmsg", "sendto",
    "set_robust_list", "setsockopt", "shutdown", "signalfd4", "stat", "statfs", "statx", "sysinfo",
    "tgkill", "time", "timer_create", "timer_delete", "timer_settime", "umask", "uname", "unlink",
    "unlinkat", "write", "writev"};

static bool allow_path(int ruleset, const struct sandbox_path *allowed)
{
	struct landlock_path_beneath_attr rule = {
	    .allowed_access = READS | (allowed->access >= SANDBOX_WRITE ? WRITES : 0) |
	                      (allowed->access == SANDBOX_REPLACE ? REPLACES : 0)};
	struct stat status;
	bool done;

	rule.parent_fd = open(allowed->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	done = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	close(rule.parent_fd);
	return done;
}

static bool confine_files(const struct sandbox_path *paths, size_t count)
{
	struct landlock_ruleset_attr handled = {.handled_access_fs = HANDLED};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	bool done = ruleset >= 0;

	for (size_t i = 0; done && i < sizeof(system_paths) / sizeof(system_paths[0]); i++)
		done = allow_path(ruleset, &system_paths[i]);
	for (size_t i = 0; done && i < count; i++)
		done = allow_path(ruleset, &paths[i]);
	done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ruleset >= 0)
		close(ruleset);
	return done;
}

static bool confine_calls(uint32_t otherwise)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6};
	scmp_filter_ctx filter = seccomp_init(otherwise);
	bool done = filter != NULL;

	for (size_t i = 0; done && i < sizeof(calls) / sizeof(calls[0]); i++) {
		int number = seccomp_syscall_resolve_name(calls[i]);

		if (number != __NR_SCMP_ERROR)
			done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0;
	}
	for (size_t i = 0; done && i < sizeof(families) / sizeof(families[0]); i++) {
		struct scmp_arg_cmp family = {
		    .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)families[i]};

		done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, family) == 0;
	}
	if (done) {
		/* see http/keeper.h; no other wish of prctl is granted */
		struct scmp_arg_cmp wish = {
		    .arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_PDEATHSIG};

		done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, wish) == 0;
	}
	done = done && seccomp_load(filter) == 0;
	if (filter)
		seccomp_release(filter);
	return done;
}

const char *sandbox_enter(enum sandbox_mode mode, const struct sandbox_path *paths, size_t count)
{
	if (mode == SANDBOX_OFF)
		return NULL;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return "the kernel does not let a process give up privileges";
	if (mode == SANDBOX_STRICT && !confine_files(paths, count))
		return "the kernel has no Landlock (Linux 5.13), or it is not enabled";
	if (!confine_calls(mode == SANDBOX_STRICT ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_LOG))
		return "the kernel refused the seccomp filter";
	return NULL;
}

#else

const char *sandbox_enter(enum sandbox_mode mode, const struct sandbox_path *paths, size_t count)
{
	(void)paths;
	(void)count;
	return mode == SANDBOX_OFF ? NULL : "castgate was built without libseccomp";
}

#endif
