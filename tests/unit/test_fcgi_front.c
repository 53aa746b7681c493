/* http/fcgi_front and http/fcgi_wire: a real accept loop in a child, driven byte by byte. */
#include "platform.h"
#include "unit/runner.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/fcgi_front.h"
#include "http/fcgi_wire.h"
#include "http/listener.h"

#define KEEP 1
#define CLOSE 0
#define REPLY_BYTES 4096
/* What has not come by then never will. */
#define PATIENCE_MILLISECONDS 120000
/* How long a peer may take for its request, and for the reply: longer than a test, but where one stalls. */
#define REQUEST_MILLISECONDS 600000
#define STALLED_MILLISECONDS 500
/* As http/fcgi_front.c has them: one that leaves waits so long for what a new connection sends, and for all. */
#define FIRST_BYTE_MILLISECONDS 100
#define LEAVE_MILLISECONDS 1000

/* Answers with what it was given, so that a test sees what got through. */
static struct text echo_answer(void *context, const struct exchange *exchange)
{
	static char reply[REPLY_BYTES];
	struct text uri = exchange_variable(exchange, "REQUEST_URI");

	(void)context;
	snprintf(reply, sizeof(reply), "Status: 200 OK\r\n\r\nuri=%.*s state=%d body=%.*s",
	    (int)uri.length, uri.data ? uri.data : "", (int)exchange->body_state,
	    (int)exchange->body.length, exchange->body.data ? exchange->body.data : "");
	return text_of(reply);
}

static void echo_finish(void *context)
{
	(void)context;
}

struct server {
	pid_t pid;
	char address[108];
	int listen_fd;
};

static struct server server_listen(void)
{
	struct server server = {.pid = -1};
	const char *problem;

	snprintf(server.address, sizeof(server.address), "unix:/tmp/castgate-test-%d.sock",
	    (int)getpid());
	server.listen_fd = listener_open(server.address, &problem);
	ck_assert_msg(server.listen_fd >= 0, "%s", problem);
	return server;
}

static pid_t start_worker(const struct server *server, const struct responder *responder,
    int milliseconds, const struct crew_seat *seat)
{
	struct fcgi_limits limits = {
	    .request_milliseconds = milliseconds, .reply_milliseconds = milliseconds, .crew = seat};
	pid_t pid = fork();

	if (pid == 0)
		_exit(fcgi_serve(server->listen_fd, responder, &limits));
	return pid;
}

static struct server server_start(int milliseconds)
{
	static const struct responder responder = {
	    .answer = echo_answer, .finish = echo_finish, .max_body = 100};
	struct server server = server_listen();

	server.pid = start_worker(&server, &responder, milliseconds, NULL);
	return server;
}

static int await_exit(pid_t pid)
{
	int status = -1;

	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int server_stop(struct server *server)
{
	int status = await_exit(server->pid);

	close(server->listen_fd);
	listener_remove(server->address);
	return status;
}

/* -1 when it is refused. */
static int server_try(const struct server *server)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", server->address + 5);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int server_connect(const struct server *server)
{
	int fd = server_try(server);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static size_t add_record(char *out, int type, const void *content, size_t length)
{
	char header[8] = {1, (char)type, 0, 1, (char)(length >> 8), (char)length, 0, 0};

	memcpy(out, header, 8);
	memcpy(out + 8, content, length);
	return 8 + length;
}

static size_t add_pair(char *out, const char *name, const char *value)
{
	out[0] = (char)strlen(name);
	out[1] = (char)strlen(value);
	memcpy(out + 2, name, strlen(name));
	memcpy(out + 2 + strlen(name), value, strlen(value));
	return 2 + strlen(name) + strlen(value);
}

static size_t make_request(char *out, const char *uri, const char *body, int keep)
{
	char begin[8] = {0, 1, (char)keep, 0, 0, 0, 0, 0};
	char pairs[1000];
	char number[20];
	size_t length = 0;
	size_t used;

	snprintf(number, sizeof(number), "%zu", strlen(body));
	used = add_pair(pairs, "REQUEST_URI", uri);
	used += add_pair(pairs + used, "CONTENT_LENGTH", number);
	length += add_record(out + length, 1, begin, 8);
	length += add_record(out + length, 4, pairs, used);
	length += add_record(out + length, 4, "", 0);
	if (*body)
		length += add_record(out + length, 5, body, strlen(body));
	length += add_record(out + length, 5, "", 0);
	return length;
}

/* Read until the end-of-request record, the end of the connection, or two minutes without a byte. */
static size_t read_reply(int fd, char *out, size_t capacity)
{
	size_t length = 0;
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	while (length < capacity && poll(&wait, 1, PATIENCE_MILLISECONDS) == 1) {
		ssize_t got = read(fd, out + length, capacity - length);

		if (got <= 0)
			break;
		length += (size_t)got;
		if (length >= 16 && out[length - 15] == 3 && out[length - 16] == 1)
			break;
	}
	return length;
}

static void expect_reply(int fd, const char *expected)
{
	char reply[REPLY_BYTES];
	size_t length = read_reply(fd, reply, sizeof(reply));

	ck_assert_msg(memmem(reply, length, expected, strlen(expected)) != NULL,
	    "no \"%s\" in %zu bytes", expected, length);
}

/* Send a whole request, and want this in the reply. */
static void ask(int fd, const char *request, size_t length, const char *expected)
{
	ck_assert_int_eq(write(fd, request, length), (ssize_t)length);
	expect_reply(fd, expected);
}

START_TEST(libfcgi_is_taken_over)
{
	ck_assert(wire_self_test());
	ck_assert(wire_self_test());
}
END_TEST

START_TEST(a_request_in_single_bytes_is_answered)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char request[2000];
	size_t length = make_request(request, "/a", "hello", CLOSE);
	int fd = server_connect(&server);

	for (size_t i = 0; i < length; i++)
		ck_assert_int_eq(write(fd, request + i, 1), 1);
	expect_reply(fd, "uri=/a state=1 body=hello");
	close(fd);
	ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_request_cut_at_any_byte_is_never_answered)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char request[2000];
	size_t length = make_request(request, "/a", "hello", CLOSE);

	for (size_t cut = 0; cut < length; cut++) {
		char reply[REPLY_BYTES];
		int fd = server_connect(&server);

		ck_assert_int_eq(write(fd, request, cut), (ssize_t)cut);
		shutdown(fd, SHUT_WR);
		ck_assert_msg(read_reply(fd, reply, sizeof(reply)) == 0, "answered at %zu", cut);
		close(fd);
	}
	ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(kept_connections_serve_again_and_never_block)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char request[2000];
	size_t length = make_request(request, "/kept", "", KEEP);
	int idle[80];
	int fd;

	for (int i = 0; i < 80; i++) { /* more than the front keeps */
		idle[i] = server_connect(&server);
		ask(idle[i], request, length, "uri=/kept state=1");
	}
	fd = idle[79];
	for (int i = 0; i < 3; i++) {
		ask(fd, request, length, "uri=/kept state=1");
	}
	for (int i = 0; i < 80; i++)
		close(idle[i]);
	ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_stalled_peer_costs_one_deadline)
{
	struct server server = server_start(STALLED_MILLISECONDS);
	char request[2000];
	size_t length = make_request(request, "/next", "", CLOSE);
	int stalled = server_connect(&server);
	int fd;

	ck_assert_int_eq(write(stalled, request, 10), 10);
	fd = server_connect(&server);
	ask(fd, request, length, "uri=/next state=1");
	close(fd);
	close(stalled);
	ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(bodies_are_whole_or_marked)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char big[301];
	char request[2000];
	size_t length;
	int fd;

	memset(big, 'x', 300);
	big[300] = '\0';
	length = make_request(request, "/big", big, CLOSE);
	fd = server_connect(&server);
	ask(fd, request, length, "uri=/big state=2 body=");
	close(fd);

	length = make_request(request, "/short", "hello", CLOSE);
	memcpy(memmem(request, length, "CONTENT_LENGTH5", 15), "CONTENT_LENGTH6", 15);
	fd = server_connect(&server);
	ask(fd, request, length, "uri=/short state=0 body=");
	close(fd);
	ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(queued_requests_are_answered_before_leaving)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char request[2000];
	size_t length = make_request(request, "/last", "", CLOSE);
	int fds[5];
	int first = server_connect(&server);

	ask(first, request, length, "uri=/last state=1"); /* it is up, its signals are in hand */
	close(first);
	kill(server.pid, SIGSTOP);
	for (int i = 0; i < 5; i++) {
		fds[i] = server_connect(&server);
		ck_assert_int_eq(write(fds[i], request, length), (ssize_t)length);
	}
	kill(server.pid, SIGTERM);
	kill(server.pid, SIGCONT);
	for (int i = 0; i < 5; i++) {
		expect_reply(fds[i], "uri=/last state=1");
		close(fds[i]);
	}
	ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_request_on_a_kept_connection_is_answered_before_leaving)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char request[2000];
	size_t length = make_request(request, "/kept", "", KEEP);
	int fd = server_connect(&server);

	ask(fd, request, length, "uri=/kept state=1");
	kill(server.pid, SIGSTOP);
	ck_assert_int_eq(write(fd, request, length), (ssize_t)length);
	kill(server.pid, SIGTERM);
	kill(server.pid, SIGCONT);
	expect_reply(fd, "uri=/kept state=1");
	close(fd);
	ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(silent_peers_do_not_keep_it_from_leaving)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char request[2000];
	size_t length = make_request(request, "/first", "", CLOSE);
	int first = server_connect(&server);
	int silent[4];

	ask(first, request, length, "uri=/first state=1");
	close(first);
	kill(server.pid, SIGSTOP);
	for (int i = 0; i < 4; i++)
		silent[i] = server_connect(&server);
	kill(server.pid, SIGTERM);
	kill(server.pid, SIGCONT);
	ck_assert_int_eq(server_stop(&server), 0);
	for (int i = 0; i < 4; i++)
		close(silent[i]);
}
END_TEST

/* Else its request would be lost: a web server whose connection is refused asks another process. */
START_TEST(who_comes_while_it_leaves_is_answered_or_refused)
{
	struct server server = server_start(REQUEST_MILLISECONDS);
	char request[2000];
	char reply[REPLY_BYTES];
	size_t length = make_request(request, "/kept", "", KEEP);
	int kept = server_connect(&server);
	long long told;
	int fd;

	ask(kept, request, length, "uri=/kept state=1");
	close(server.listen_fd); /* as a web server does that has started a program */
	length = make_request(request, "/late", "", CLOSE);
	told = wire_now();
	kill(server.pid, SIGTERM);
	/* not in haste: nobody can close a socket at the very moment that its queue is empty */
	for (long long came = told; (fd = server_try(&server)) >= 0; came = wire_now()) {
		ssize_t sent = send(fd, request, length, MSG_NOSIGNAL);
		bool late = wire_now() - came >= FIRST_BYTE_MILLISECONDS;
		size_t got = read_reply(fd, reply, sizeof(reply));

		/* a busy machine may hold up either of the two for longer than the front waits */
		late = late || wire_now() - told >= LEAVE_MILLISECONDS;
		ck_assert_msg(late || memmem(reply, got, "uri=/late state=1", 17),
		    "%zd bytes sent, %zu received", sent, got);
		close(fd);
		usleep(10000);
	}
	/* the connection that was kept has made it linger: only now does it end */
	ck_assert_int_eq(recv(kept, request, 1, 0), 0);
	close(kept);
	ck_assert_int_eq(await_exit(server.pid), 0);
	listener_remove(server.address);
}
END_TEST

/* What the processes of a test share. */
struct tally {
	_Atomic int answers;
};

static struct text count_unable_answer(void *context, const struct exchange *exchange)
{
	struct tally *tally = context;

	atomic_fetch_add(&tally->answers, 1);
	return echo_answer(NULL, exchange);
}

static void ask_once(const struct server *server)
{
	char request[2000];
	size_t length = make_request(request, "/crew", "", CLOSE);
	int fd = server_connect(server);

	ask(fd, request, length, "uri=/crew state=1");
	close(fd);
}

/* Until another seat of the crew is taken by one that can serve. */
static void await_able(struct crew *crew, int index)
{
	const struct crew_seat seat = {crew, index};

	while (!crew_stands_aside(&seat, false))
		poll(NULL, 0, 1);
}

/* How often a process went to sleep. */
static long sleeps_of(pid_t pid)
{
	static const char name[] = "\nvoluntary_ctxt_switches:";
	char path[64];
	char text[4096];
	const char *line;
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	line = strstr(text, name);
	ck_assert_ptr_nonnull(line);
	return strtol(line + strlen(name), NULL, 10);
}

START_TEST(a_connection_wakes_one_worker)
{
	struct server server = server_listen();
	struct responder responder = {
	    .answer = echo_answer, .finish = echo_finish, .max_body = 100};
	struct crew_seat seats[3];
	pid_t pids[3];
	long sleeps = 0;

	for (int i = 0; i < 3; i++) {
		/* each is alone in its crew, so that its coming can be seen */
		seats[i] = (struct crew_seat){crew_new(2), 0};
		pids[i] = start_worker(&server, &responder, REQUEST_MILLISECONDS, &seats[i]);
		await_able(seats[i].crew, 1);
	}
	ask_once(&server);
	for (int i = 0; i < 3; i++)
		sleeps -= sleeps_of(pids[i]);
	for (int i = 0; i < 99; i++)
		ask_once(&server);
	for (int i = 0; i < 3; i++)
		sleeps += sleeps_of(pids[i]);
	/* one for the connection, one for its first byte; all three would be woken 300 times */
	ck_assert_int_lt(sleeps, 220);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(await_exit(pids[i]), 0);
	close(server.listen_fd);
	listener_remove(server.address);
}
END_TEST

START_TEST(a_connection_never_wakes_only_one_that_stands_aside)
{
	struct server server = server_listen();
	struct tally *tally =
	    mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct responder unable = {.answer = count_unable_answer,
	    .finish = echo_finish,
	    .context = tally,
	    .max_body = 100,
	    .unable = true};
	struct responder able = {.answer = echo_answer, .finish = echo_finish, .max_body = 100};
	struct crew *crew = crew_new(3);
	struct crew_seat first = {crew, 0};
	struct crew_seat second = {crew, 1};
	pid_t pids[2];

	ck_assert_ptr_ne(tally, MAP_FAILED);
	/* it waits for connections before anybody else does, and serves while nobody else is there */
	pids[0] = start_worker(&server, &unable, REQUEST_MILLISECONDS, &first);
	ask_once(&server);
	ck_assert_int_eq(atomic_load(&tally->answers), 1);
	pids[1] = start_worker(&server, &able, REQUEST_MILLISECONDS, &second);
	await_able(crew, 2);
	for (int i = 0; i < 5; i++)
		ask_once(&server);
	ck_assert_int_eq(atomic_load(&tally->answers), 1);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(await_exit(pids[i]), 0);
	close(server.listen_fd);
	listener_remove(server.address);
}
END_TEST

START_TEST(listeners_are_particular)
{
	static const char *const refused[] = {
	    "", "unix:", "127.0.0.1:9000", "/tmp/x.sock", "unix:/nonexistent-folder/x.sock"};
	const char *problem;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ck_assert_int_eq(listener_open(refused[i], &problem), -1);
		ck_assert_ptr_nonnull(problem);
	}
	ck_assert(!listener_is_socket(STDIN_FILENO) || !listener_is_listening(STDIN_FILENO));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fcgi_front");
	TCase *tests = tcase_create("fcgi_front");

	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, libfcgi_is_taken_over);
	tcase_add_test(tests, a_request_in_single_bytes_is_answered);
	tcase_add_test(tests, a_request_cut_at_any_byte_is_never_answered);
	tcase_add_test(tests, kept_connections_serve_again_and_never_block);
	tcase_add_test(tests, a_stalled_peer_costs_one_deadline);
	tcase_add_test(tests, bodies_are_whole_or_marked);
	tcase_add_test(tests, queued_requests_are_answered_before_leaving);
	tcase_add_test(tests, a_request_on_a_kept_connection_is_answered_before_leaving);
	tcase_add_test(tests, silent_peers_do_not_keep_it_from_leaving);
	tcase_add_test(tests, who_comes_while_it_leaves_is_answered_or_refused);
	tcase_add_test(tests, a_connection_wakes_one_worker);
	tcase_add_test(tests, a_connection_never_wakes_only_one_that_stands_aside);
	tcase_add_test(tests, listeners_are_particular);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
