/* Is this installation alive, can it decide, and what has it decided so far? */
#ifndef CASTGATE_ENDPOINT_STATUS_ACTION_H
#define CASTGATE_ENDPOINT_STATUS_ACTION_H

#include "endpoint/call.h"

/* All three answer listed clients only (`clients`, by default loopback); others are refused with
 * CLIENT_NOT_ALLOWED, and so is a client whose address is in doubt. An allowed request is neither logged
 * nor counted. */

/* ALLOWED: the process answers. No query. */
void live_serve(struct call *call);

/* ALLOWED when the database answers too, else its outage. One ping, where a database is configured. */
void ready_serve(struct call *call);

/* Prometheus' text format: decisions by endpoint, rule, status and reason, the time requests took, and
 * the version. No query. */
void metrics_serve(struct call *call);

#endif
