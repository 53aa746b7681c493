/* http/peers and http/complaint: who may connect, and how often a stranger is told of. */
#include "platform.h"
#include "unit/runner.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/complaint.h"
#include "http/peers.h"

#define STRANGER 54321

START_TEST(lists_are_read)
{
	struct peers peers;
	const char *problem = "";

	ck_assert(peers_parse(NULL, &peers, &problem));
	ck_assert(!peers.anybody && !peers.any_local && peers.count == 0);
	ck_assert(peers_parse("any", &peers, &problem));
	ck_assert(peers.anybody);
	ck_assert(peers_parse("root,12,34", &peers, &problem));
	ck_assert(!peers.anybody && !peers.any_local);
	ck_assert_uint_eq(peers.count, 3);
	ck_assert_uint_eq(peers.users[0], 0);
	ck_assert_uint_eq(peers.users[1], 12);
	ck_assert_uint_eq(peers.users[2], 34);
	ck_assert_ptr_null(problem);
}
END_TEST

static const char *const wrong[] = {"", ",", "root,", ",root", "no-such-user-here", "root, daemon",
    "4294967295", "4294967296", "-1", "012", "any,root",
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};

START_TEST(what_is_no_list_is_told)
{
	struct peers peers;
	const char *problem = NULL;

	ck_assert_msg(!peers_parse(wrong[_i], &peers, &problem), "\"%s\" was taken", wrong[_i]);
	ck_assert_ptr_nonnull(problem);
}
END_TEST

/* What the list says of a connection that `user` makes; the user is the kernel's word. */
static bool admitted(const struct peers *peers, uid_t user)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	uid_t seen = 12345;
	bool welcome;
	int accepted;
	pid_t child;

	/* an abstract name, which no file mode protects */
	snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "castgate-peers-%d", (int)getpid());
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	child = fork();
	if (child == 0) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		if (user != geteuid() && setuid(user) != 0)
			_exit(1);
		_exit(connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0 ? 0 : 1);
	}
	accepted = accept(listening, NULL, NULL);
	ck_assert_int_ge(accepted, 0);
	welcome = peers_admit(peers, accepted, &seen);
	if (!peers->anybody)
		ck_assert_uint_eq(seen, user);
	close(accepted);
	close(listening);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	return welcome;
}

START_TEST(our_own_user_is_always_welcome)
{
	static const struct peers nobody_else;

	ck_assert(admitted(&nobody_else, geteuid()));
	ck_assert(admitted(&peers_any_local, geteuid()));
}
END_TEST

/* Rows: the list, and whether a foreign user may come in. */
START_TEST(another_user_must_be_named)
{
	static const struct peers none, anybody = {.anybody = true},
	                                named = {.users = {7, STRANGER}, .count = 2},
	                                others = {.users = {7, STRANGER + 1}, .count = 2},
	                                beyond = {.users = {7, STRANGER}, .count = 1};

	if (geteuid() != 0) /* the integration tests insist on it */
		return;
	ck_assert(!admitted(&none, STRANGER));
	ck_assert(!admitted(&others, STRANGER));
	ck_assert(!admitted(&beyond, STRANGER));
	ck_assert(admitted(&named, STRANGER));
	ck_assert(admitted(&anybody, STRANGER));
	ck_assert(admitted(&peers_any_local, STRANGER));
}
END_TEST

START_TEST(tcp_has_no_user)
{
	static const struct peers named = {.users = {0}, .count = 1}, anybody = {.anybody = true};
	struct sockaddr_in name = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(name);
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uid_t user = 0;
	int accepted;

	ck_assert_int_eq(bind(listening, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&name, &length), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	accepted = accept(listening, NULL, NULL);
	ck_assert(!peers_admit(&named, accepted, &user));
	ck_assert_uint_eq(user, (uid_t)-1);
	ck_assert(!peers_admit(&peers_any_local, accepted, &user));
	ck_assert(peers_admit(&anybody, accepted, &user));
	close(accepted);
	close(fd);
	close(listening);
}
END_TEST

static void note(void *context, const char *message)
{
	char *log = context;

	snprintf(log + strlen(log), 400 - strlen(log), "%s\n", message);
}

START_TEST(trouble_is_told_once_and_then_counted)
{
	char log[400] = "";
	struct responder responder = {.tell = note, .context = log};
	struct responder deaf = {.tell = NULL};
	struct complaint complaint = {0};

	complaint_tell(&complaint, &responder, 5000, "a");
	for (int i = 1; i < 10; i++)
		complaint_tell(&complaint, &responder, 5000 + i * 1000, "b");
	ck_assert_str_eq(log, "a\n");
	complaint_tell(&complaint, &responder, 15000, "c");
	complaint_tell(&complaint, &responder, 30000, "d");
	ck_assert_str_eq(log, "a\nc (and 9 more times before)\nd\n");
	complaint_tell(&complaint, &deaf, 99000, "e");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("peers");
	TCase *tests = tcase_create("peers");

	tcase_add_test(tests, lists_are_read);
	tcase_add_loop_test(tests, what_is_no_list_is_told, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tests, our_own_user_is_always_welcome);
	tcase_add_test(tests, another_user_must_be_named);
	tcase_add_test(tests, tcp_has_no_user);
	tcase_add_test(tests, trouble_is_told_once_and_then_counted);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
