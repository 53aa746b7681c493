/* The reconnect storm: every user opens a connection at the same moment and asks for each channel, one
 * after another. How long until the last answer, and was any of them not the one expected?
 * Usage: storm PORT ROWS USERS CHANNELS MAX_SECONDS; prints one JSON line. User u has the token "u|plain-u"
 * and takes part in conversations as tests/bench/data.py makes them. */
#include "platform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_BYTES 2048
#define EVENTS 512

/* One user's connection. */
struct user {
	int fd;
	int asked; /* channels asked so far, the one under way included */
	bool sent;
	bool reused; /* an earlier request was answered on this connection */
	size_t received;
	double started; /* the request under way */
	char reply[REPLY_BYTES];
};

struct storm {
	struct sockaddr_in address;
	int epoll_fd;
	int rows; /* users in the tables */
	int users;
	int channels;
	long answered;
	long allowed;
	long errors;
	long reconnects;
	double *latencies;
	char first_error[256];
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void note_error(struct storm *storm, struct user *user, const char *what)
{
	const char *detail = user->received ? user->reply : strerror(errno);

	if (storm->errors == 0) /* of a reply, its first line */
		snprintf(storm->first_error, sizeof(storm->first_error), "%s: %.*s", what,
		    (int)strcspn(detail, "\r\n\"\\"), detail);
	storm->errors += storm->channels - user->asked + 1;
	close(user->fd);
	user->fd = -1;
}

static bool watch(struct storm *storm, struct user *user, int how, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = user};

	return epoll_ctl(storm->epoll_fd, how, user->fd, &event) == 0;
}

static void connect_user(struct storm *storm, struct user *user)
{
	user->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	user->sent = user->reused = false;
	user->received = 0;
	if (user->fd < 0 ||
	    (connect(user->fd, (struct sockaddr *)&storm->address, sizeof(storm->address)) != 0 &&
	        errno != EINPROGRESS) ||
	    !watch(storm, user, EPOLL_CTL_ADD, EPOLLOUT))
		note_error(storm, user, "connect");
}

/* Channel k of user u, as data.py gives it to them. */
static int write_request(const struct storm *storm, int number, int k, char *out, size_t size)
{
	int conversation = (number - 1 - k * (storm->rows / 40) + storm->rows) % storm->rows + 1;
	char body[160];
	int length = snprintf(body, sizeof(body),
	    "socket_id=%d.%d&channel_name=private-chat.%d.conversation.%d", number, k + 1,
	    conversation % 1000 + 1, conversation);

	return snprintf(out, size,
	    "POST /broadcasting/auth HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "Authorization: Bearer %d|plain-%d\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
	    number, number, length, body);
}

static void ask(struct storm *storm, struct user *user, struct user *first)
{
	char request[512];
	int length = write_request(
	    storm, (int)(user - first) + 1, user->asked - 1, request, sizeof(request));

	user->received = 0;
	user->sent = true;
	if (send(user->fd, request, (size_t)length, MSG_NOSIGNAL) != length ||
	    !watch(storm, user, EPOLL_CTL_MOD, EPOLLIN))
		note_error(storm, user, "send");
}

/* True when head and body are there. Apache sends chunks, lighttpd a length. */
static bool is_whole(struct user *user)
{
	const char *end;
	const char *length;

	user->reply[user->received] = '\0';
	end = strstr(user->reply, "\r\n\r\n");
	if (!end)
		return false;
	length = strcasestr(user->reply, "\r\nContent-Length:");
	if (!length || length > end)
		return strstr(end, "\r\n0\r\n\r\n") != NULL;
	return user->received >= (size_t)(end + 4 - user->reply) + strtoul(length + 17, NULL, 10);
}

static void connect_again(struct storm *storm, struct user *user)
{
	close(user->fd);
	storm->reconnects++;
	connect_user(storm, user);
}

static void take(struct storm *storm, struct user *user, struct user *first)
{
	ssize_t got =
	    recv(user->fd, user->reply + user->received, REPLY_BYTES - 1 - user->received, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	/* a server may end an idle connection at any time; every browser then takes another */
	if (got <= 0 && user->reused && user->received == 0) {
		connect_again(storm, user);
		return;
	}
	if (got <= 0) {
		note_error(storm, user, "closed");
		return;
	}
	user->received += (size_t)got;
	if (!is_whole(user))
		return;
	if (strncmp(user->reply, "HTTP/1.1 200 ", 13) != 0 ||
	    !strstr(user->reply, "{\"auth\":\"")) {
		note_error(storm, user, "status");
		return;
	}
	storm->latencies[storm->answered++] = now() - user->started;
	if (user->asked++ == storm->channels) {
		close(user->fd);
		user->fd = -1;
		return;
	}
	user->started = now();
	user->reused = true;
	if (strcasestr(user->reply, "\r\nConnection: close\r\n"))
		connect_again(storm, user);
	else
		ask(storm, user, first);
}

static void run(struct storm *storm, struct user *users, double seconds)
{
	long expected = (long)storm->users * storm->channels;
	double end = now() + seconds;

	for (int i = 0; i < storm->users; i++) {
		users[i].asked = 1;
		users[i].started = now();
		connect_user(storm, &users[i]);
	}
	while (storm->answered + storm->errors < expected && now() < end) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(storm->epoll_fd, events, EVENTS, 1000);

		for (int i = 0; i < count; i++) {
			struct user *user = events[i].data.ptr;

			if (user->fd < 0)
				continue;
			if (!user->sent)
				ask(storm, user, users);
			else
				take(storm, user, users);
		}
	}
	storm->errors = expected - storm->answered;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	struct storm storm = {.address = {.sin_family = AF_INET}};
	struct rlimit files;
	struct user *users;
	double started;
	double took;

	if (argc != 6) {
		fputs("usage: storm PORT ROWS USERS CHANNELS MAX_SECONDS\n", stderr);
		return 2;
	}
	storm.address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	storm.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	storm.rows = (int)strtol(argv[2], NULL, 10);
	storm.users = (int)strtol(argv[3], NULL, 10);
	storm.channels = (int)strtol(argv[4], NULL, 10);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	storm.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	users = calloc((size_t)storm.users, sizeof(*users));
	storm.latencies = calloc((size_t)storm.users * (size_t)storm.channels + 1, sizeof(double));
	if (storm.epoll_fd < 0 || !users || !storm.latencies)
		return EXIT_FAILURE;
	started = now();
	run(&storm, users, strtod(argv[5], NULL));
	took = now() - started;
	qsort(storm.latencies, (size_t)storm.answered, sizeof(double), by_size);
	printf("{\"answers\":%ld,\"errors\":%ld,\"seconds\":%.3f,\"p50_ms\":%.1f,\"p99_ms\":%.1f,"
	       "\"reconnects\":%ld,\"first_error\":\"%s\"}\n",
	    storm.answered, storm.errors, took, 1000 * storm.latencies[storm.answered / 2],
	    1000 * storm.latencies[storm.answered * 99 / 100], storm.reconnects, storm.first_error);
	free(storm.latencies);
	free(users);
	return EXIT_SUCCESS;
}
