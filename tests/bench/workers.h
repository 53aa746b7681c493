/* How do the two measures, null and floor, accept requests with several processes on one socket? */
#ifndef CASTGATE_BENCH_WORKERS_H
#define CASTGATE_BENCH_WORKERS_H

#include <fcgiapp.h>

/* Listen on a UNIX socket at `path`, fork `count` processes that each answer requests with `answer`,
 * one at a time and a connection each, and end them all on SIGTERM. `open` is called once in each
 * process; what it returns is handed to `answer`. Returns main's exit status. */
int workers_run(const char *path, int count, void *(*open)(void),
    void (*answer)(void *context, FCGX_Request *request));

#endif
