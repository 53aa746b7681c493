/* One request from the environment and standard input, one reply to standard output. */
#include "platform.h"
#include "http/cgi.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"

static long long now_milliseconds(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_readable(int fd, long long deadline)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	long long left = deadline - now_milliseconds();

	return left > 0 && poll(&wait, 1, (int)left) > 0;
}

/* Read to the end or to CONTENT_LENGTH bytes: some servers keep the pipe open. Returns whether it
 * ended cleanly; *received counts also the bytes that were not kept. */
static bool read_body(
    int fd, char *body, size_t capacity, uint64_t declared, long long deadline, size_t *received)
{
	char surplus[4096];

	*received = 0;
	while (*received < declared) {
		bool keep = *received < capacity;
		size_t room = keep ? capacity - *received : sizeof(surplus);
		size_t left = (size_t)(declared - *received);
		ssize_t got;

		if (!wait_readable(fd, deadline))
			return false;
		got = read(fd, keep ? body + *received : surplus, room < left ? room : left);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		*received += (size_t)got;
	}
	return true;
}

/* Between sockets (Apache's mod_cgid) whoever ends with bytes unread takes its reply along: its peer is told
 * that the connection was reset, and not that the reply has ended. So the end is told first, and what a body
 * without a declared length has is read then. */
static void take_leave(int input_fd, int output_fd, long long deadline)
{
	char surplus[4096];
	ssize_t got;

	if (shutdown(output_fd, SHUT_WR) != 0)
		return;
	do
		got = wait_readable(input_fd, deadline) ? read(input_fd, surplus, sizeof(surplus))
		                                        : 0;
	while (got > 0 || (got < 0 && errno == EINTR));
}

int cgi_serve(const struct responder *responder, const char *const *environment, int input_fd,
    int output_fd, int deadline_milliseconds)
{
	struct exchange exchange = {.environment = environment};
	struct text declared = exchange_variable(&exchange, "CONTENT_LENGTH");
	long long deadline = now_milliseconds() + deadline_milliseconds;
	uint64_t length = 0;
	size_t received = 0;
	size_t room;
	char *body;
	struct text reply;
	char *copy;
	bool clean;
	bool sent;

	if (declared.length && !text_to_u64(declared, TEXT_DIGITS_ANY, &length))
		length = 0;
	room = length < responder->max_body ? (size_t)length : responder->max_body;
	body = calloc(1, room + 1);
	if (!body)
		return EXIT_FAILURE;
	clean = read_body(input_fd, body, room, length, deadline, &received);
	exchange.body_state =
	    exchange_body_state(environment, received, responder->max_body, clean);
	if (exchange.body_state == BODY_COMPLETE)
		exchange.body = (struct text){body, received};
	reply = responder->answer(responder->context, &exchange);
	copy = malloc(reply.length ? reply.length : 1);
	if (copy) {
		memcpy(copy, reply.data, reply.length);
		reply.data = copy;
	}
	responder->finish(responder->context);
	sent = copy && descriptor_write(output_fd, reply);
	take_leave(input_fd, output_fd, deadline);
	explicit_bzero(body, room);
	if (copy)
		explicit_bzero(copy, reply.length);
	free(copy);
	free(body);
	return sent ? EXIT_SUCCESS : EXIT_FAILURE;
}
