/* How does what is configured become endpoints that can be served? */
#ifndef CASTGATE_ENDPOINT_ENDPOINT_OPEN_H
#define CASTGATE_ENDPOINT_ENDPOINT_OPEN_H

#include "endpoint/service.h"

/* Compile all credentials and endpoints of service->config into the service, whose database, throttle and
 * state folder are there. They live in service->lifetime. No query. False with errors in the report. */
bool endpoints_open(struct service *service, struct report *report);

/* What an endpoint signs with. Its key is made ready when it is first needed. */
const struct ticket_app *endpoint_app(struct endpoint *endpoint);

/* The names a capture must not take: every value an identity may have, as far as known by now; in
 * service->lifetime. False with an error in the report when memory is out. */
bool endpoint_identity_names(struct service *service, const struct endpoint *endpoint,
    struct config_list *names, struct report *report);

#endif
