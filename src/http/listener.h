/* Which socket are requests accepted from? */
#ifndef CASTGATE_HTTP_LISTENER_H
#define CASTGATE_HTTP_LISTENER_H

#include <stdbool.h>

/* True when `fd` is a socket of any kind; with `listening`, only one that listens. mod_cgid gives
 * CGI programs a connected socket, so listening is the mark of FastCGI. */
bool listener_is_socket(int fd);
bool listener_is_listening(int fd);

/* The listening socket systemd passes (sd_listen_fds(3)): 3 when LISTEN_PID is this process and
 * LISTEN_FDS is 1, else -1. Clears both variables. */
int listener_from_systemd(void);

/* Bind "unix:PATH" with mode 0660, replacing a socket nobody listens on. -1 with *problem set (a
 * static sentence). TCP is refused. */
int listener_open(const char *address, const char **problem);

/* Remove the socket file made by listener_open. */
void listener_remove(const char *address);

#endif
