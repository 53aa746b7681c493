/* What is one running castgate made of? Everything that outlives a request hangs here. */
#ifndef CASTGATE_ENDPOINT_SERVICE_H
#define CASTGATE_ENDPOINT_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/report.h"
#include "base/shared.h"
#include "channel/rule.h"
#include "config/action.h"
#include "config/config.h"
#include "credential/credential.h"
#include "db/db.h"
#include "endpoint/dialect.h"
#include "endpoint/limits.h"
#include "guard/audit.h"
#include "guard/metrics.h"
#include "http/client_address.h"
#include "http/exchange.h"
#include "session/session.h"
#include "ticket/ticket.h"

struct call;

/* What an endpoint does with a request whose path, method and body are in order. */
struct action {
	const char *name;
	const char *allow; /* the Allow header, also the methods served */
	void (*serve)(struct call *call);
	/* the body of every 401 and 403, which then are 401 in every dialect; NULL: as the dialect has it */
	const char *refusal;
	bool changes; /* data, so that it cannot be rehearsed */
};

/* One configured endpoint, compiled. */
struct endpoint {
	const struct config_endpoint *config;
	const struct action *action;
	const struct action_row *needs; /* of that action */
	const struct dialect *dialect;
	struct pattern **paths; /* the path and its "also" list */
	size_t path_count;
	struct credential **credentials;
	size_t credential_count;
	struct rule **rules;
	size_t rule_count;
	struct query *user_data; /* NULL without */
	struct ticket_app app;
	struct limits limits;
	struct network_list clients;
};

/* Request memory is capped at this, wiped after each request. */
#define SERVICE_REQUEST_BYTES (4u * 1024 * 1024)

struct service {
	struct config *config; /* NULL when broken */
	struct clock clock;
	struct clock_zone zone;
	const char
	    *state_folder; /* of what processes share: state_dir, or the default; NULL without */
	struct shared *shared;
	struct trusted_proxies trusted_proxies;
	struct throttle *throttle;
	struct metrics *metrics;
	struct network_list developers; /* empty unless development is on */
	struct hasher *hasher;
	struct db *db;
	struct audit *audit; /* decisions */
	struct audit *log;   /* notes; the same one where both go to one place */
	struct arena *lifetime;
	struct arena *memory;            /* of the request in hand */
	struct credential **credentials; /* as configured; NULL for one that could not be set up */
	size_t credential_count;
	struct sessions *sessions; /* NULL without a credential of kind session */
	struct endpoint *endpoints;
	size_t endpoint_count;
	struct endpoint *current; /* endpoint of the request in hand, for its late work */
	bool observing;           /* see service_observe */
	bool brief;               /* see service_new_brief */
	bool broken;              /* the configuration has an error: everything is 503 */
};

/* Build a service from a configuration file. Never refuses to exist: with errors in the report it
 * is "broken" and answers a logged 503 to everything. Talks to no database. NULL only when out of
 * memory. `log_destination` overrides both of the configured logs when not NULL. The caller ends it with
 * service_free. */
struct service *service_new(const char *config_path, struct clock clock,
    const char *log_destination, struct report *report);
void service_free(struct service *service);

/* The same for a process that answers one request and ends: nothing is prepared that pays only later, and
 * OpenSSL starts lean (crypto/openssl_start.h) unless it has to speak TLS. */
struct service *service_new_brief(
    const char *config_path, struct clock clock, struct report *report);

/* The same for the operator's tool, which must not disturb those who serve: what it learns of the
 * database, perhaps with another configuration, is told to nobody, it takes no turn at max_connections,
 * and it opens no log. */
struct service *service_observe(const char *config_path, struct clock clock, struct report *report);

/* Ask the database whether every credential and rule can work. False with errors in the report; *outage tells
 * whether that was for want of a database alone, in which case nothing is said of what was not asked. */
bool service_check(struct service *service, struct report *report, bool *outage);

/* Close what can be opened again, so that another service can have it. */
void service_rest(struct service *service);

/* The service as a transport sees it. */
struct responder service_responder(struct service *service);

/* The configured action, or NULL when this version does not serve it. */
const struct action *service_action_named(const char *name);

#endif
