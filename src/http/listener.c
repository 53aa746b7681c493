/* Sockets given by a web server or systemd, or bound to a path of our own. */
#include "platform.h"
#include "http/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define BACKLOG 4096
#define SYSTEMD_FIRST_FD 3

bool listener_is_socket(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

bool listener_is_listening(int fd)
{
	int accepting = 0;
	socklen_t length = sizeof(accepting);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &length) == 0 && accepting;
}

int listener_from_systemd(void)
{
	uint64_t pid = 0;
	bool ours = text_to_u64(text_of(getenv("LISTEN_PID")), TEXT_DIGITS_CANONICAL, &pid) &&
	            pid == (uint64_t)getpid() && text_is(text_of(getenv("LISTEN_FDS")), "1");

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return ours && listener_is_listening(SYSTEMD_FIRST_FD) ? SYSTEMD_FIRST_FD : -1;
}

static const char *path_of(const char *address)
{
	return strncmp(address, "unix:", 5) == 0 && address[5] ? address + 5 : NULL;
}

/* A socket file left behind by a process that is gone refuses connections. */
static bool is_stale(const struct sockaddr_un *name)
{
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool refused = probe >= 0 &&
	               connect(probe, (const struct sockaddr *)name, sizeof(*name)) != 0 &&
	               errno == ECONNREFUSED;

	if (probe >= 0)
		close(probe);
	return refused;
}

static int bind_and_listen(const struct sockaddr_un *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t before;
	int bound;

	if (fd < 0)
		return -1;
	before = umask(0117);
	bound = bind(fd, (const struct sockaddr *)name, sizeof(*name));
	umask(before);
	if (bound != 0 || listen(fd, BACKLOG) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int listener_open(const char *address, const char **problem)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	const char *path = path_of(address);
	int fd;

	*problem = NULL;
	if (!path)
		*problem =
		    "listen on \"unix:PATH\"; TCP is not offered, because any local user could ask";
	else if (strlen(path) >= sizeof(name.sun_path))
		*problem = "the socket's path is longer than 107 bytes";
	if (*problem)
		return -1;
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (is_stale(&name))
		(void)unlink(path);
	fd = bind_and_listen(&name);
	if (fd < 0)
		*problem = errno == EADDRINUSE ? "another process listens there"
		                               : "the socket cannot be created; look at its folder";
	return fd;
}

void listener_remove(const char *address)
{
	const char *path = path_of(address);

	if (path)
		(void)unlink(path);
}
