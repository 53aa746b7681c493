/* libfcgi fed from memory: its OS_Read and OS_Write are replaced, so it meets only screened bytes. */
#include "platform.h"
#include "http/fcgi_wire.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcgios.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What libfcgi's calls act upon while it handles one request. */
struct wire {
	struct text unread;
	int fd;             /* where the reply goes; -1 in the self-test */
	long long deadline; /* of the reply; 0 until it starts */
	int reply_milliseconds;
	size_t read_calls;
	size_t written;
};

/* libfcgi passes only a descriptor to the calls below, so the request in hand must be reachable
 * without one. One process serves one request at a time. */
static struct wire *active;

long long wire_now(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool wire_send(int fd, struct text text, long long deadline)
{
	while (text.length) {
		ssize_t sent = send(fd, text.data, text.length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			text = text_skip(text, (size_t)sent);
		} else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd wait = {.fd = fd, .events = POLLOUT};
			long long left = deadline - wire_now();

			if (left <= 0 || poll(&wait, 1, (int)left) == 0)
				return false;
		} else if (sent < 0 && errno == EINTR) {
			continue;
		} else {
			return false;
		}
	}
	return true;
}

/* Replaces libfcgi's. 0 is end of file: the screened request is over. */
int OS_Read(int fd, char *buf, size_t len)
{
	size_t count;

	(void)fd;
	if (!active)
		return -1;
	active->read_calls++;
	count = active->unread.length < len ? active->unread.length : len;
	if (count)
		memcpy(buf, active->unread.data, count);
	active->unread = text_skip(active->unread, count);
	return (int)count;
}

/* Replaces libfcgi's. */
int OS_Write(int fd, char *buf, size_t len)
{
	(void)fd;
	if (!active)
		return -1;
	active->written += len;
	if (active->fd < 0)
		return (int)len;
	if (!active->deadline)
		active->deadline = wire_now() + active->reply_milliseconds;
	return wire_send(active->fd, (struct text){buf, len}, active->deadline) ? (int)len : -1;
}

/* Read the body through libfcgi into `body` (capacity bytes); its length, or -1 on a stream fault. */
static long read_body(FCGX_Request *request, char *body, size_t capacity)
{
	size_t length = 0;

	while (length < capacity) {
		int got = FCGX_GetStr(body + length, (int)(capacity - length), request->in);

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	return FCGX_GetError(request->in) ? -1 : (long)length;
}

static bool answer(FCGX_Request *request, size_t body_bytes, const struct responder *responder)
{
	const char *const *environment = (const char *const *)request->envp;
	struct exchange exchange = {.environment = environment};
	/* one byte more than was counted, so that more than that is seen */
	size_t capacity = (body_bytes < responder->max_body ? body_bytes : responder->max_body) + 1;
	char *body = malloc(capacity);
	struct text reply;
	long length;
	bool sent;

	if (!body)
		return false;
	length = read_body(request, body, capacity);
	exchange.body_state = exchange_body_state(environment, body_bytes, responder->max_body,
	    length >= 0 && (size_t)length <= body_bytes);
	if (exchange.body_state == BODY_COMPLETE && (size_t)length != body_bytes)
		exchange.body_state = BODY_CUT;
	if (exchange.body_state == BODY_COMPLETE)
		exchange.body = (struct text){body, (size_t)length};
	reply = responder->answer(responder->context, &exchange);
	sent = FCGX_PutStr(reply.data, (int)reply.length, request->out) == (int)reply.length;
	explicit_bzero(body, capacity);
	free(body);
	return sent;
}

/* Hand libfcgi a descriptor of its own that leads nowhere: whatever it closes or shuts down, the
 * web server's connection is not it. It is kept from request to request. */
static bool start_request(FCGX_Request *request, int *nowhere)
{
	bool started;

	if (*nowhere < 0)
		*nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (*nowhere < 0 || FCGX_Init() != 0 || FCGX_InitRequest(request, -1, 0) != 0)
		return false;
	request->ipcFd = *nowhere;
	request->keepConnection = 1; /* else accepting would first close the descriptor */
	started = FCGX_Accept_r(request) == 0;
	if (request->ipcFd !=
	    *nowhere) /* closed after a fault; the number may be another's by now */
		*nowhere = -1;
	return started;
}

static void end_request(FCGX_Request *request, int *nowhere)
{
	request->keepConnection = 1;
	FCGX_Finish_r(request);
	if (request->ipcFd != *nowhere)
		*nowhere = -1;
}

bool wire_serve(int fd, struct text wire, size_t body_bytes, const struct responder *responder,
    int reply_milliseconds, int *nowhere)
{
	struct wire state = {.unread = wire, .fd = fd, .reply_milliseconds = reply_milliseconds};
	FCGX_Request request;
	bool sent = false;

	active = &state;
	if (start_request(&request, nowhere)) {
		sent = answer(&request, body_bytes, responder);
		end_request(&request, nowhere);
		responder->finish(responder->context);
	}
	active = NULL;
	return sent && (!state.deadline || wire_now() <= state.deadline);
}

bool wire_self_test(void)
{
	static const char sample[] = "\x01\x01\x00\x01\x00\x08\x00\x00"
	                             "\x00\x01\x00\x00\x00\x00\x00\x00"
	                             "\x01\x04\x00\x01\x00\x08\x00\x00"
	                             "\x04\x02TESTok"
	                             "\x01\x04\x00\x01\x00\x00\x00\x00"
	                             "\x01\x05\x00\x01\x00\x00\x00\x00";
	struct wire state = {.unread = {sample, sizeof(sample) - 1}, .fd = -1};
	FCGX_Request request;
	int nowhere = -1;
	bool parsed = false;

	active = &state;
	if (start_request(&request, &nowhere)) {
		const char *value = FCGX_GetParam("TEST", request.envp);

		parsed = value && strcmp(value, "ok") == 0 && FCGX_PutS("x", request.out) == 1;
		end_request(&request, &nowhere);
	}
	if (nowhere >= 0)
		close(nowhere);
	active = NULL;
	return parsed && state.read_calls > 0 && state.written > 0;
}
