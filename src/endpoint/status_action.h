/* Is this installation alive, can it decide, and what has it decided so far? */
#ifndef CASTGATE_ENDPOINT_STATUS_ACTION_H
#define CASTGATE_ENDPOINT_STATUS_ACTION_H

#include "endpoint/call.h"

/* All three answer who brings the endpoint's token and listed clients only (`clients`; loopback where
 * neither is configured); others are refused with CLIENT_NOT_ALLOWED, and so is, without the token, a client whose address is in doubt. An allowed request is neither logged
 * nor counted. */

/* ALLOWED: the process answers. No query. */
void live_serve(struct call *call);

/* ALLOWED when the database answers too, else its outage. One ping, where a database is configured. */
void ready_serve(struct call *call);

/* What endpoint/exposition.h lists, in Prometheus' text format. No query. */
void metrics_serve(struct call *call);

#endif
