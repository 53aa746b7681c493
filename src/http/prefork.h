/* How are several workers kept running over one listening socket? */
#ifndef CASTGATE_HTTP_PREFORK_H
#define CASTGATE_HTTP_PREFORK_H

#include "http/crew.h"

#define PREFORK_MAX_WORKERS 64

/* What a worker does; main's exit status. The seat lives as long as the process. */
typedef int prefork_work(void *context, const struct crew_seat *seat);

/* Fork `count` workers (1 to PREFORK_MAX_WORKERS) that each run `work` and exit with its result; start
 * another for each that ends, after a second if it lived less than one, and say on standard error
 * when it was a signal that ended it. On SIGTERM, SIGINT or SIGUSR1, pass SIGTERM on, wait for all, end those
 * that linger past ten seconds, and return 0. SIGHUP is passed on. Call before any thread or connection
 * exists. */
int prefork_run(int count, prefork_work *work, void *context);

#endif
