/* A socket, a few processes, and libfcgi's own accept loop: what a program written in an hour does. */
#include "platform.h"
#include "workers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORKERS 64
#define BACKLOG 4096

static int listen_on(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || strlen(path) >= sizeof(name.sun_path))
		return -1;
	memcpy(name.sun_path, path, strlen(path) + 1);
	(void)unlink(path);
	(void)umask(0117);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0 || listen(fd, BACKLOG) != 0)
		return -1;
	return fd;
}

static int work(
    int fd, void *(*open_context)(void), void (*answer)(void *context, FCGX_Request *request))
{
	void *context = open_context();
	FCGX_Request request;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, fd, 0) != 0)
		return EXIT_FAILURE;
	while (FCGX_Accept_r(&request) == 0) {
		answer(context, &request);
		FCGX_Finish_r(&request);
	}
	return EXIT_SUCCESS;
}

int workers_run(const char *path, int count, void *(*open_context)(void),
    void (*answer)(void *context, FCGX_Request *request))
{
	pid_t pids[MAX_WORKERS];
	sigset_t ending;
	sigset_t before;
	int number;
	int fd;

	if (count < 1 || count > MAX_WORKERS)
		return EXIT_FAILURE;
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, &before);
	fd = listen_on(path);
	if (fd < 0) {
		perror(path);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < count; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			sigprocmask(SIG_SETMASK, &before, NULL);
			_exit(work(fd, open_context, answer));
		}
	}
	(void)sigwait(&ending, &number);
	for (int i = 0; i < count; i++)
		if (pids[i] > 0)
			(void)kill(pids[i], SIGTERM);
	while (wait(NULL) > 0)
		;
	(void)unlink(path);
	return EXIT_SUCCESS;
}
