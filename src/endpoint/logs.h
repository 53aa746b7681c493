/* Where do a service's decisions and its notes go? To one log, or to one each. */
#ifndef CASTGATE_ENDPOINT_LOGS_H
#define CASTGATE_ENDPOINT_LOGS_H

#include <stdbool.h>

#include "base/report.h"

struct service;

/* Open service->log and service->audit, which are the same where both go to one place: two in one file
 * would each count what it alone lost, and tear each other's lines. `destination` overrides both of the
 * configuration when not NULL. False when out of memory. */
bool logs_open(struct service *service, const char *destination, struct report *report);
void logs_close(struct service *service);

/* Take over from another service what its logs could not write and not yet tell. */
void logs_succeed(struct service *service, const struct service *before);

/* Open files again after a rotation. */
void logs_reopen(struct service *service);

#endif
