/* How are several workers kept running over one listening socket? */
#ifndef CASTGATE_HTTP_PREFORK_H
#define CASTGATE_HTTP_PREFORK_H

#define PREFORK_MAX_WORKERS 64

/* Fork `count` workers (1 to PREFORK_MAX_WORKERS) that each run `work` and exit with its result; start
 * another for each that ends, after a second if it lived less than one. On SIGTERM or SIGINT, pass
 * SIGTERM on, wait for all, end those that linger past ten seconds, and return 0. SIGHUP is passed on. Call before any thread or connection exists. */
int prefork_run(int count, int (*work)(void *context), void *context);

#endif
