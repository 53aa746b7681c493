/* guard/sandbox: what a confined process can no longer do, tried in children. */
#include "platform.h"
#include "unit/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/sandbox.h"

/* Sanitizers need system calls that the sandbox refuses. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INSTRUMENTED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define INSTRUMENTED
#endif
#if defined(HAVE_LIBSECCOMP) && !defined(INSTRUMENTED)
#define CAN_CONFINE
#endif

#ifdef CAN_CONFINE

static char folder[] = "/tmp/castgate-sandbox-XXXXXX";

/* Run `act` confined in a child; 0 when it says so. */
static int confined_with(enum sandbox_mode mode, enum sandbox_access access, int (*act)(void))
{
	struct sandbox_path paths[] = {{folder, access}};
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_enter(mode, paths, 1))
			_exit(99);
		_exit(act());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int confined(enum sandbox_mode mode, int (*act)(void))
{
	return confined_with(mode, SANDBOX_WRITE, act);
}

static int fails_with(long result, int number)
{
	return result < 0 && errno == number ? 0 : 1;
}

static int executes(void)
{
	char *argv[] = {(char[]){"true"}, NULL};

	return fails_with(execv("/bin/true", argv), EPERM);
}

static int forks(void)
{
	return fails_with(fork(), EPERM);
}

static int opens_elsewhere(void)
{
	return fails_with(open("/etc/hostname", O_RDONLY), EACCES) +
	       fails_with(open("/tmp/castgate-sandbox-elsewhere", O_RDWR | O_CREAT, 0600), EACCES) +
	       fails_with(open("/usr/lib/castgate-new", O_RDWR | O_CREAT, 0600), EACCES);
}

static int opens_netlink(void)
{
	return fails_with(socket(AF_NETLINK, SOCK_RAW, 0), EPERM) +
	       fails_with(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
}

static int wishes(void)
{
	return fails_with(prctl(PR_SET_DUMPABLE, 1), EPERM) +
	       fails_with(prctl(PR_SET_NAME, "x"), EPERM) +
	       (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 ? 0 : 1);
}

static int works_as_usual(void)
{
	char path[64];
	int file;
	int stream;

	snprintf(path, sizeof(path), "%s/log", folder);
	file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	stream = socket(AF_UNIX, SOCK_STREAM, 0);
	return file >= 0 && write(file, "x", 1) == 1 && stream >= 0 &&
	               open("/etc/passwd", O_RDONLY) >= 0 && socket(AF_INET, SOCK_STREAM, 0) >= 0
	           ? 0
	           : 1;
}

static int executes_all_the_same(void)
{
	char *argv[] = {(char[]){"true"}, NULL};

	execv("/bin/true", argv);
	return 1;
}

/* Write a file beside one that is there, and put it in its place. */
static int replaces(void)
{
	char old[64];
	char new[64];
	int file;

	snprintf(old, sizeof(old), "%s/old", folder);
	snprintf(new, sizeof(new), "%s/new", folder);
	file = open(new, O_WRONLY | O_CREAT, 0600);
	return file >= 0 && rename(new, old) == 0 && unlink(old) == 0 ? 0 : 1;
}

START_TEST(files_are_replaced_only_where_that_was_allowed)
{
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(confined_with(SANDBOX_STRICT, SANDBOX_REPLACE, replaces), 0);
	ck_assert_int_eq(confined_with(SANDBOX_STRICT, SANDBOX_WRITE, replaces), 1);
	ck_assert_int_eq(confined_with(SANDBOX_STRICT, SANDBOX_READ, replaces), 1);
	snprintf(path, sizeof(path), "%s/new", folder);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_strict_sandbox_refuses)
{
	static const struct {
		const char *what;
		int (*act)(void);
	} rows[] = {
	    {"exec", executes},
	    {"fork", forks},
	    {"other files", opens_elsewhere},
	    {"other sockets", opens_netlink},
	    {"other wishes", wishes},
	    {"what it needs", works_as_usual},
	};
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int status = confined(SANDBOX_STRICT, rows[i].act);

		ck_assert_msg(status == 0, "%s: %d", rows[i].what, status);
	}
	snprintf(path, sizeof(path), "%s/log", folder);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(other_modes_let_pass)
{
	ck_assert_int_eq(confined(SANDBOX_OFF, executes_all_the_same), 0);
	ck_assert_int_eq(confined(SANDBOX_PERMISSIVE, executes_all_the_same), 0);
}
END_TEST

#endif

START_TEST(modes_have_words)
{
	ck_assert_int_eq(sandbox_mode_named("strict"), SANDBOX_STRICT);
	ck_assert_int_eq(sandbox_mode_named("permissive"), SANDBOX_PERMISSIVE);
	ck_assert_int_eq(sandbox_mode_named("off"), SANDBOX_OFF);
	ck_assert_int_eq(sandbox_mode_named(NULL), SANDBOX_OFF);
	ck_assert_ptr_null(sandbox_enter(SANDBOX_OFF, NULL, 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tests = tcase_create("sandbox");

#ifdef CAN_CONFINE
	tcase_add_test(tests, a_strict_sandbox_refuses);
	tcase_add_test(tests, files_are_replaced_only_where_that_was_allowed);
	tcase_add_test(tests, other_modes_let_pass);
#endif
	tcase_add_test(tests, modes_have_words);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
