/* The accept loop: one listening socket, a few kept connections, one request at a time. */
#include "platform.h"
#include "http/fcgi_front.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/complaint.h"
#include "http/fcgi_record.h"
#include "http/fcgi_wire.h"
#include "http/keeper.h"
#include "http/watch.h"

#define MAX_KEPT 64
#define SLOT_SIGNAL 0
#define SLOT_LISTEN 1
#define SLOT_WANTED 2
#define SLOT_KEPT 3
#define BACK_OFF_MILLISECONDS 100
#define LEAVE_MILLISECONDS 1000
#define LAST_MILLISECONDS 100
#define ASIDE_MILLISECONDS 1000
#define KEEPER_MILLISECONDS 30000
#define FIRST_BYTE_MILLISECONDS 100
/* What a request may need besides its connection: libfcgi's, the database's, files of a reload. */
#define SPARE_DESCRIPTORS 8

struct front {
	const struct responder *responder;
	const struct fcgi_limits *limits;
	struct fcgi_request request;
	int watch;                   /* all that the slots name; see watch.h */
	enum watch_manner listening; /* at the listening socket */
	struct pollfd slots[SLOT_KEPT + MAX_KEPT];
	size_t kept;
	size_t most_kept;
	bool leaving;
	long long leave_by; /* once leaving: when the last request must have arrived */
	bool reload;
	bool aside; /* others serve, and better */
	struct keeper keeper;
	struct complaint strangers;
	struct complaint exhaustion;
	int nowhere;            /* see wire_serve */
	size_t filled;          /* bytes read from the connection in hand */
	size_t consumed;        /* of these, bytes taken as records */
	char buffer[2 * 66000]; /* twice the longest record */
};

/* What another process waits for is given up at once by one that has nothing to do. */
static struct pollfd watch_wanted(const struct front *front)
{
	bool yields = front->responder->yield != NULL;

	return (struct pollfd){.fd = yields ? front->responder->wanted_fd : -1, .events = POLLIN};
}

static void yield_if_wanted(const struct front *front, const struct pollfd *wanted)
{
	if (wanted->fd >= 0 && wanted->revents)
		front->responder->yield(front->responder->context);
}

/* Wait until the peer has sent more; false when it did not before the deadline. */
static bool wait_for_bytes(const struct front *front, int fd, long long deadline)
{
	struct pollfd wait[] = {{.fd = fd, .events = POLLIN}, watch_wanted(front)};

	while (!wait[0].revents) {
		long long left = deadline - wire_now();

		if (left <= 0 || poll(wait, 2, (int)left) == 0)
			return false;
		if (!wait[0].revents)
			yield_if_wanted(front, &wait[1]);
	}
	return true;
}

/* Make `count` unread bytes stand in the buffer before the deadline, taking as much as the socket
 * has: a request usually comes in one piece. */
static bool fill(struct front *front, int fd, size_t count, long long deadline)
{
	while (front->filled - front->consumed < count) {
		size_t room = sizeof(front->buffer) - front->filled;
		ssize_t got = recv(fd, front->buffer + front->filled, room, MSG_DONTWAIT);

		if (got > 0) {
			front->filled += (size_t)got;
		} else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (!wait_for_bytes(front, fd, deadline))
				return false;
		} else if (got == 0 || errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* Take one record; what was read beyond it moves to the front of the buffer when room is needed. */
static enum fcgi_progress read_record(struct front *front, int fd, long long deadline)
{
	unsigned char header[8];
	enum fcgi_progress progress;
	size_t length;

	if (front->filled > sizeof(front->buffer) / 2) {
		memmove(front->buffer, front->buffer + front->consumed,
		    front->filled - front->consumed);
		front->filled -= front->consumed;
		front->consumed = 0;
	}
	if (!fill(front, fd, sizeof(header), deadline))
		return FCGI_REFUSED;
	memcpy(header, front->buffer + front->consumed, sizeof(header));
	if (!fcgi_header_sane(header)) /* do not wait for what nonsense announces */
		return FCGI_REFUSED;
	length = sizeof(header) + fcgi_content_length(header) + fcgi_padding_length(header);
	if (!fill(front, fd, length, deadline))
		return FCGI_REFUSED;
	progress = fcgi_request_take(&front->request, header,
	    front->buffer + front->consumed + sizeof(header), front->responder->max_body);
	front->consumed += length;
	return progress;
}

/* Read one request whole. A peer that already sends the next one breaks the protocol: libfcgi
 * serves one request at a time on a connection. Who leaves waits for nobody for long. */
static bool read_request(struct front *front, int fd)
{
	long long deadline = wire_now() + front->limits->request_milliseconds;
	enum fcgi_progress progress = FCGI_MORE;

	if (front->leaving && deadline > front->leave_by)
		deadline = front->leave_by;
	while (progress == FCGI_MORE)
		progress = read_record(front, fd, deadline);
	return progress == FCGI_WHOLE && front->filled == front->consumed;
}

static void forget_request(struct front *front)
{
	explicit_bzero(front->buffer, front->filled);
	front->filled = front->consumed = 0;
	fcgi_request_reset(&front->request);
}

/* Read and answer one request; true when the connection stays open for another. */
static bool serve_connection(struct front *front, int fd)
{
	struct fcgi_request *request = &front->request;
	bool open = read_request(front, fd);

	if (open) {
		struct text wire = {request->wire.data, request->wire.length};

		open = wire_serve(fd, wire, request->body_bytes, front->responder,
		           front->limits->reply_milliseconds, &front->nowhere) &&
		       request->keep_connection;
	}
	forget_request(front);
	return open;
}

static void drop_kept(struct front *front, size_t index)
{
	close(front->slots[SLOT_KEPT + index].fd);
	front->slots[SLOT_KEPT + index] = front->slots[SLOT_KEPT + --front->kept];
}

static void keep_connection(struct front *front, int fd)
{
	if (front->kept >= front->most_kept)
		drop_kept(front, 0);
	if (!watch_begin(front->watch, fd, WATCH_EACH)) {
		close(fd);
		return;
	}
	front->slots[SLOT_KEPT + front->kept++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* Out of descriptors or memory: give up an idle connection and breathe. */
static void back_off(struct front *front, int error)
{
	char message[128];

	snprintf(message, sizeof(message), "a connection has to wait: %s", strerror(error));
	complaint_tell(&front->exhaustion, front->responder, wire_now(), message);
	if (front->kept)
		drop_kept(front, 0);
	(void)poll(NULL, 0, BACK_OFF_MILLISECONDS);
}

static bool admit(struct front *front, int fd)
{
	const struct peers *peers = front->limits->peers;
	char message[160];
	uid_t user;

	if (peers_admit(peers ? peers : &peers_any_local, fd, &user))
		return true;
	if (user == (uid_t)-1)
		snprintf(message, sizeof(message),
		    "a connection over TCP was closed: any user could make one; use a UNIX socket");
	else
		snprintf(message, sizeof(message),
		    "a connection by user %lu was closed; if that is the web server, name it in "
		    "--peers",
		    (unsigned long)user);
	complaint_tell(&front->strangers, front->responder, wire_now(), message);
	return false;
}

/* Accept one connection and serve its first request. False when none was waiting. */
static bool accept_one(struct front *front)
{
	int fd = accept4(front->slots[SLOT_LISTEN].fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			back_off(front, errno);
		return false;
	}
	/* a web server asks as soon as it has connected; who does not joins the idle ones */
	if (admit(front, fd) && (!fill(front, fd, 1, wire_now() + FIRST_BYTE_MILLISECONDS) ||
	                            serve_connection(front, fd)))
		keep_connection(front, fd);
	else
		close(fd);
	return true;
}

static void leave(struct front *front)
{
	if (!front->leaving)
		front->leave_by = wire_now() + LEAVE_MILLISECONDS;
	front->leaving = true;
}

static void read_signals(struct front *front)
{
	struct signalfd_siginfo info;

	while (read(front->slots[SLOT_SIGNAL].fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo == SIGHUP)
			front->reload = true;
		else
			leave(front);
}

static void serve_kept(struct front *front)
{
	for (size_t i = front->kept; i-- > 0;) {
		struct pollfd *slot = &front->slots[SLOT_KEPT + i];

		if (!slot->revents)
			continue;
		slot->revents = 0;
		if (!serve_connection(front, slot->fd) || front->leaving)
			drop_kept(front, i);
	}
}

/* A request may be on its way on a connection that was kept: closing it now would lose it. */
static void serve_last(struct front *front)
{
	long long end = wire_now() + LAST_MILLISECONDS;

	for (;;) {
		long long left = end - wire_now();

		if (!front->kept || left <= 0 ||
		    poll(front->slots + SLOT_KEPT, front->kept, (int)left) <= 0)
			return;
		serve_kept(front);
	}
}

/* Better no answer here than a 503 while another worker has a better one. */
static bool stands_aside(struct front *front)
{
	const struct crew_seat *crew = front->limits->crew;

	front->aside = crew && crew_stands_aside(crew, !front->responder->unable);
	return front->aside;
}

/* Who is able is woken alone by a connection; who is not, beside one who is, for it may not take it. */
static void listen_if_useful(struct front *front)
{
	enum watch_manner manner = front->responder->unable ? WATCH_EACH : WATCH_ONE;
	int fd = front->slots[SLOT_LISTEN].fd;

	if (stands_aside(front))
		manner = WATCH_NOT;
	if (manner == front->listening)
		return;
	watch_end(front->watch, fd);
	front->listening =
	    manner != WATCH_NOT && watch_begin(front->watch, fd, manner) ? manner : WATCH_NOT;
}

/* The responder may have another descriptor than before; the old one is closed or of no interest. */
static void follow_wanted(struct front *front)
{
	struct pollfd *slot = &front->slots[SLOT_WANTED];
	struct pollfd now = watch_wanted(front);

	if (now.fd == slot->fd)
		return;
	if (slot->fd >= 0)
		watch_end(front->watch, slot->fd);
	*slot = now;
	if (slot->fd >= 0 && !watch_begin(front->watch, slot->fd, WATCH_EACH))
		slot->fd = -1;
}

/* Decide what to wait for. Returns how long to wait for an event: milliseconds, or -1 when only events
 * matter. */
static int look_around(struct front *front)
{
	int wait = keeper_tend(&front->keeper, wire_now());

	listen_if_useful(front);
	if (front->listening != WATCH_NOT)
		return wait;
	return wait < 0 || wait > ASIDE_MILLISECONDS ? ASIDE_MILLISECONDS : wait;
}

/* Wait, and note in the slots what came. Returns as watch_wait. */
static int wait_for_events(struct front *front, int milliseconds)
{
	size_t used = SLOT_KEPT + front->kept;
	int readable[WATCH_MOST];
	int count;

	for (size_t i = 0; i < used; i++)
		front->slots[i].revents = 0;
	count = watch_wait(front->watch, milliseconds, readable);
	for (int event = 0; event < count; event++)
		for (size_t i = 0; i < used; i++)
			if (front->slots[i].fd == readable[event])
				front->slots[i].revents = POLLIN;
	return count;
}

static void loop(struct front *front)
{
	while (!front->leaving) {
		int ready = wait_for_events(front, look_around(front));

		if (ready < 0 && errno != EINTR)
			return;
		if (ready == 1)
			yield_if_wanted(front, &front->slots[SLOT_WANTED]);
		if (front->slots[SLOT_SIGNAL].revents)
			read_signals(front);
		if (front->responder->refresh)
			front->responder->refresh(front->responder->context, front->reload);
		front->reload = false;
		/* before a connection can get the number of the responder's old descriptor */
		follow_wanted(front);
		serve_kept(front);
		/* nobody else was told of a connection that woke only this process */
		if (front->slots[SLOT_LISTEN].revents &&
		    (!stands_aside(front) || front->listening == WATCH_ONE))
			(void)accept_one(front);
	}
	/* leaving: answer those who already stand in line, and let nobody join who would not be answered;
	 * a web server that is refused asks another process */
	while (!front->aside && wire_now() < front->leave_by && accept_one(front))
		;
	close(front->slots[SLOT_LISTEN].fd);
	serve_last(front);
}

static void fill_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGHUP);
}

bool fcgi_block_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	return sigprocmask(SIG_BLOCK, &set, NULL) == 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR;
}

static int open_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	return fcgi_block_signals() ? signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC) : -1;
}

/* How many connections may stay open under the limit on descriptors? `newest` is the last one that
 * was opened, and so the number of those in use. */
static size_t affordable_connections(int newest)
{
	struct rlimit limit;
	rlim_t taken = (rlim_t)newest + 1 + SPARE_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= taken + MAX_KEPT)
		return MAX_KEPT;
	return limit.rlim_cur > taken ? (size_t)(limit.rlim_cur - taken) : 1;
}

static bool set_nonblocking_accept(int fd)
{
	/* Siblings share the socket: whoever polls late must find accept4 returning, not waiting. */
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

int fcgi_serve(int listen_fd, const struct responder *responder, const struct fcgi_limits *limits)
{
	struct front *front;
	int signal_fd;
	int watch;

	if (!wire_self_test()) {
		fprintf(stderr, "castgate: cannot take over libfcgi's reads; refusing to serve\n");
		return EXIT_FAILURE;
	}
	front = calloc(1, sizeof(*front));
	signal_fd = open_signals();
	watch = watch_open();
	if (!front || signal_fd < 0 || !set_nonblocking_accept(listen_fd) ||
	    !watch_begin(watch, signal_fd, WATCH_EACH)) {
		free(front);
		return EXIT_FAILURE;
	}
	front->responder = responder;
	front->limits = limits;
	front->nowhere = -1;
	front->watch = watch;
	front->most_kept = affordable_connections(watch);
	front->keeper = keeper_of(listen_fd, wire_now(), KEEPER_MILLISECONDS);
	front->slots[SLOT_SIGNAL] = (struct pollfd){.fd = signal_fd, .events = POLLIN};
	front->slots[SLOT_LISTEN] = (struct pollfd){.fd = listen_fd, .events = POLLIN};
	front->slots[SLOT_WANTED] = (struct pollfd){.fd = -1, .events = POLLIN};
	follow_wanted(front);
	loop(front);
	while (front->kept)
		drop_kept(front, 0);
	fcgi_request_free(&front->request);
	if (front->nowhere >= 0)
		close(front->nowhere);
	close(watch);
	close(signal_fd);
	free(front);
	return EXIT_SUCCESS;
}
