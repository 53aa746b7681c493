/* Which service answers now, and when does a changed configuration replace it? */
#ifndef CASTGATE_ENDPOINT_HOST_H
#define CASTGATE_ENDPOINT_HOST_H

#include <stdbool.h>

#include "base/clock.h"
#include "config/config.h"
#include "http/exchange.h"

struct host;

/* Build a service from the configuration that `search` finds, and log what is wrong with it. A
 * broken configuration at start is a service that answers 503. `search` and its strings must
 * outlive the host. With `ask_database` every statement is prepared now; without, one
 * request is to be answered (service_new_brief). NULL only when out of
 * memory. Ended with host_free; NULL is allowed. */
struct host *host_new(const struct config_search *search, struct clock clock, bool ask_database);
void host_free(struct host *host);

/* Enter the sandbox that the configuration asks for. Where a strict one cannot be had, every request
 * is answered 503 and the log says why. */
void host_confine(struct host *host);

/* The responder of whatever service is current. It lives as long as the host; its `refresh` reloads
 * when asked to, and by itself when the configuration file or the .env was changed (looked at no
 * more than once a second, between requests). A configuration with errors is logged and the old
 * service stays; the log is reopened either way. */
const struct responder *host_responder(struct host *host);

#endif
