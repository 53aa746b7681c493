/* A file, standard error, or a datagram socket; each call is one system call unless a logger restarted. */
#include "platform.h"
#include "guard/audit_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define PATIENCE_MICROSECONDS 100000
#define PREFIX_BYTES 40

struct audit_sink {
	int fd; /* -1: a logger that could not be reached */
	bool owns_fd;
	bool is_syslog;
	bool is_file;
	bool clogged; /* the logger does not take what is sent */
	char *path;   /* of the file or socket; NULL for stderr */
};

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
}

static int connect_to(const char *path)
{
	struct timeval patience = {.tv_usec = PATIENCE_MICROSECONDS};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int open_path(const struct audit_sink *sink)
{
	return sink->is_syslog ? connect_to(sink->path) : open_file(sink->path);
}

static void use(struct audit_sink *sink, int fd, bool owns_fd)
{
	struct stat status;

	sink->fd = fd;
	sink->owns_fd = owns_fd;
	sink->is_file = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* What cannot be opened now: a logger may start later; a file's lines go to standard error. */
static void open_first(struct audit_sink *sink, struct origin origin, struct report *report)
{
	use(sink, open_path(sink), true);
	if (sink->fd >= 0)
		return;
	report_add(report, REPORT_WARNING, origin, "cannot open the log %s (%s)%s", sink->path,
	    strerror(errno), sink->is_syslog ? "" : "; writing to standard error instead");
	if (!sink->is_syslog)
		use(sink, STDERR_FILENO, false);
}

struct audit_sink *audit_sink_open(
    const char *destination, const char *syslog_path, struct origin origin, struct report *report)
{
	struct audit_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return NULL;
	use(sink, STDERR_FILENO, false);
	if (!destination || strcmp(destination, "stderr") == 0)
		return sink;
	sink->is_syslog = strcmp(destination, "syslog") == 0;
	sink->path = strdup(sink->is_syslog ? syslog_path : destination);
	if (!sink->path) {
		free(sink);
		return NULL;
	}
	open_first(sink, origin, report);
	return sink;
}

static void close_own(struct audit_sink *sink)
{
	if (sink->owns_fd && sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
}

void audit_sink_close(struct audit_sink *sink)
{
	if (!sink)
		return;
	close_own(sink);
	free(sink->path);
	free(sink);
}

bool audit_sink_reopen(struct audit_sink *sink)
{
	int fd = sink->path ? open_path(sink) : -1;

	if (fd < 0)
		return false;
	close_own(sink);
	use(sink, fd, true);
	sink->clogged = false;
	return true;
}

static int write_file(struct audit_sink *sink, struct text lines, size_t *written)
{
	ssize_t count;

	do
		count = write(sink->fd, lines.data, lines.length);
	while (count < 0 && errno == EINTR);
	if (count == (ssize_t)lines.length)
		return 0;
	*written = count > 0 ? (size_t)count : 0;
	return count < 0 ? errno : ENOSPC;
}

static int send_once(struct audit_sink *sink, struct iovec parts[2])
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	int flags = MSG_NOSIGNAL | (sink->clogged ? MSG_DONTWAIT : 0);
	ssize_t sent;

	do
		sent = sendmsg(sink->fd, &message, flags);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		sink->clogged = false;
	else if (errno == EAGAIN)
		sink->clogged = true;
	return sent >= 0 ? 0 : errno;
}

/* A logger that was started anew has another socket at the same path. */
static bool is_gone(int error)
{
	return error == ECONNREFUSED || error == ENOTCONN || error == ECONNRESET || error == EBADF;
}

static int write_syslog(struct audit_sink *sink, struct text line, bool is_error)
{
	char prefix[PREFIX_BYTES];
	int length = snprintf(prefix, sizeof(prefix),
	    "<%d>castgate[%ld]: ", LOG_DAEMON | (is_error ? LOG_ERR : LOG_INFO), (long)getpid());
	struct iovec parts[2] = {
	    {prefix, (size_t)length}, {(char *)(uintptr_t)line.data, line.length - 1}};
	int error = sink->fd >= 0 ? send_once(sink, parts) : ENOTCONN;

	return is_gone(error) && audit_sink_reopen(sink) ? send_once(sink, parts) : error;
}

bool audit_sink_takes_several(const struct audit_sink *sink)
{
	return sink->is_file;
}

int audit_sink_write(struct audit_sink *sink, struct text lines, bool is_error, size_t *written)
{
	int error;

	*written = 0;
	error = sink->is_syslog ? write_syslog(sink, lines, is_error)
	                        : write_file(sink, lines, written);
	if (!error)
		*written = lines.length;
	return error;
}
