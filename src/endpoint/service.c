/* Builds a running service from a configuration, and asks the database whether it can work. */
#include "platform.h"
#include "endpoint/service.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/action.h"
#include "credential/own_session.h"
#include "endpoint/channel_auth.h"
#include "endpoint/logs.h"
#include "endpoint/serve.h"
#include "endpoint/session_action.h"
#include "endpoint/session_end.h"
#include "endpoint/session_sign_in.h"
#include "endpoint/status_action.h"

#define LIFETIME_BYTES (16u * 1024 * 1024)

static const struct action actions[] = {
    {"channel-auth", "POST, OPTIONS", channel_auth_serve, NULL, false},
    {"user-auth", "POST, OPTIONS", user_auth_serve, NULL, false},
    {"session", "GET, HEAD, OPTIONS", session_serve, SESSION_REFUSAL, false},
    {"session-bridge", "POST, OPTIONS", session_bridge_serve, NULL, true},
    {"session-refresh", "POST, OPTIONS", session_refresh_serve, NULL, true},
    {"session-logout", "POST, OPTIONS", session_logout_serve, NULL, true},
    {"sessions", "GET, DELETE, OPTIONS", sessions_serve, NULL, true},
    {"jwks", "GET, HEAD, OPTIONS", session_keys_serve, NULL, false},
    {"live", "GET, HEAD, OPTIONS", live_serve, NULL, false},
    {"ready", "GET, HEAD, OPTIONS", ready_serve, NULL, false},
    {"metrics", "GET, HEAD, OPTIONS", metrics_serve, NULL, false},
};

const struct action *service_action_named(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static bool out_of_memory(struct report *report)
{
	report_add(report, REPORT_ERROR, (struct origin){0}, "out of memory");
	return false;
}

static bool open_app(struct endpoint *endpoint, struct report *report)
{
	const struct config_app *app = endpoint->config->app;

	if (!action_named(endpoint->config->action)->signs)
		return true;
	if (!app) {
		report_add(report, REPORT_ERROR, endpoint->config->origin,
		    "endpoint \"%s\" signs, so it needs an app", endpoint->config->path);
		return false;
	}
	endpoint->app.key = text_of(app->key);
	endpoint->app.verifier = ticket_verifier_named(app->verifier);
	endpoint->app.master_key = app->has_master_key ? app->master_key : NULL;
	if (!app->key || !*app->key || !app->secret || !*app->secret) {
		report_add(report, REPORT_WARNING, app->origin,
		    "app \"%s\" has no key or secret; every allowed request is answered 503",
		    app->name);
		return true;
	}
	endpoint->app.hmac = hmac_key_new(text_of(app->secret));
	return endpoint->app.hmac || out_of_memory(report);
}

static bool open_paths(struct service *service, struct endpoint *endpoint, struct report *report)
{
	const struct config_endpoint *config = endpoint->config;

	endpoint->paths =
	    arena_array(service->lifetime, config->also.count + 1, sizeof(*endpoint->paths));
	if (!endpoint->paths)
		return out_of_memory(report);
	for (size_t i = 0; i <= config->also.count; i++) {
		const char *path = i == 0 ? config->path : config->also.items[i - 1];
		const char *problem;
		struct pattern *pattern =
		    pattern_compile(path, PATTERN_PATH, service->lifetime, &problem);

		if (!pattern) {
			report_add(report, REPORT_ERROR, config->origin, "endpoint path \"%s\": %s",
			    path, problem);
			return false;
		}
		if (i > 0 &&
		    pattern_capture_count(pattern) != pattern_capture_count(endpoint->paths[0])) {
			report_add(report, REPORT_ERROR, config->origin,
			    "endpoint path \"%s\" does not have the captures of \"%s\"", path,
			    config->path);
			return false;
		}
		endpoint->paths[endpoint->path_count++] = pattern;
	}
	return true;
}

static const struct credential_names *names_of(const struct endpoint *endpoint, size_t index)
{
	const struct credential *credential = endpoint->credentials[index];

	return credential->kind->names(credential->state);
}

/* The names a capture must not take: every value an identity may have, as far as known by now. */
static bool gather_identity_names(struct service *service, const struct endpoint *endpoint,
    struct config_list *names, struct report *report)
{
	size_t most = 1;

	for (size_t i = 0; i < endpoint->credential_count; i++)
		most += names_of(endpoint, i)->values.count;
	*names = (struct config_list){0};
	names->items = arena_array(service->lifetime, most, sizeof(*names->items));
	if (!names->items)
		return out_of_memory(report);
	for (size_t i = 0; i < endpoint->credential_count; i++) {
		const struct config_list *values = &names_of(endpoint, i)->values;

		for (size_t k = 0; k < values->count; k++)
			names->items[names->count++] = values->items[k];
	}
	return true;
}

static bool has_capture(const struct pattern *pattern, const char *name)
{
	for (size_t i = 0; i < pattern_capture_count(pattern); i++)
		if (text_is(pattern_capture_name(pattern, i), name))
			return true;
	return false;
}

/* A credential may need captures of the path, under whichever path the endpoint is asked. */
static bool check_path_captures(const struct endpoint *endpoint, struct report *report)
{
	bool ok = true;

	for (size_t i = 0; i < endpoint->credential_count; i++) {
		const struct config_list *captures = &names_of(endpoint, i)->captures;

		for (size_t k = 0; k < captures->count; k++)
			for (size_t p = 0; p < endpoint->path_count; p++) {
				if (has_capture(endpoint->paths[p], captures->items[k]))
					continue;
				report_add(report, REPORT_ERROR, endpoint->config->origin,
				    "credential \"%s\" asks for :%s, which no path of the "
				    "endpoint has as {%s}",
				    endpoint->credentials[i]->config->name, captures->items[k],
				    captures->items[k]);
				ok = false;
			}
	}
	return ok;
}

static bool open_credentials(
    struct service *service, struct endpoint *endpoint, struct report *report)
{
	const struct config_endpoint *config = endpoint->config;

	if (!action_named(config->action)->asks)
		return true;
	endpoint->credentials = arena_array(
	    service->lifetime, config->credential_count + 1, sizeof(struct credential *));
	if (!endpoint->credentials)
		return out_of_memory(report);
	for (size_t i = 0; i < config->credential_count; i++) {
		struct credential *credential =
		    service->credentials[config->credentials[i] - service->config->credentials];

		if (!credential)
			return false; /* reported when it was opened */
		endpoint->credentials[endpoint->credential_count++] = credential;
	}
	if (endpoint->credential_count == 0)
		report_add(report, REPORT_ERROR, config->origin,
		    "endpoint \"%s\" has no credentials, so nobody could ever be allowed",
		    config->path);
	return endpoint->credential_count > 0 && check_path_captures(endpoint, report);
}

/* May rules ride along with the credential's lookup? What a replica does not have is looked for at the
 * primary, and that is known of whole statements only. */
static bool combines(const struct service *service, const struct endpoint *endpoint)
{
	const struct config_database *database = &service->config->database;

	return database->combine && database->replicas.count == 0 &&
	       endpoint->credential_count == 1;
}

static bool open_rules(struct service *service, struct endpoint *endpoint, struct report *report)
{
	const struct config_endpoint *config = endpoint->config;
	struct config_list names;
	bool ok = true;

	endpoint->rules =
	    arena_array(service->lifetime, config->channel_count + 1, sizeof(*endpoint->rules));
	if (!endpoint->rules || !gather_identity_names(service, endpoint, &names, report))
		return endpoint->rules ? false : out_of_memory(report);
	for (size_t i = 0; i < config->channel_count; i++) {
		struct rule *rule = rule_open(&config->channels[i], endpoint->paths[0], &names,
		    service->db, service->lifetime, report);

		if (rule)
			endpoint->rules[endpoint->rule_count++] = rule;
		if (rule && combines(service, endpoint))
			rule_accompany(rule, endpoint->credentials[0], service->lifetime);
		ok = ok && rule;
	}
	return ok;
}

static bool open_user_data(
    struct service *service, struct endpoint *endpoint, struct report *report)
{
	const struct config_endpoint *config = endpoint->config;
	struct query_source source = {.sql = config->user_data,
	    .origin = config->user_data_origin,
	    .path = endpoint->paths[0]};

	if (!config->user_data)
		return true;
	endpoint->user_data = query_open(&source, service->db, service->lifetime, report);
	return endpoint->user_data != NULL;
}

static bool open_words(struct endpoint *endpoint, struct report *report)
{
	const struct config_endpoint *config = endpoint->config;

	endpoint->action = service_action_named(config->action);
	endpoint->dialect = dialect_named(config->dialect);
	if (!endpoint->action)
		report_add(report, REPORT_ERROR, config->origin,
		    "endpoint \"%s\": action \"%s\" is not served by this version of castgate",
		    config->path, config->action);
	if (!endpoint->dialect)
		report_add(report, REPORT_ERROR, config->origin,
		    "endpoint \"%s\": dialect \"%s\" is not served by this version of castgate",
		    config->path, config->dialect);
	return endpoint->action && endpoint->dialect;
}

static bool open_endpoint(struct service *service, struct endpoint *endpoint, struct report *report)
{
	return open_words(endpoint, report) && open_app(endpoint, report) &&
	       open_paths(service, endpoint, report) &&
	       open_credentials(service, endpoint, report) &&
	       open_rules(service, endpoint, report) && open_user_data(service, endpoint, report);
}

static bool open_endpoints(struct service *service, struct report *report)
{
	const struct config *config = service->config;
	struct credential_context context = {.db = service->db,
	    .clock = &service->clock,
	    .zone = &service->zone,
	    .lifetime = service->lifetime,
	    .state_folder = service_state_folder(service),
	    .development = config->development};
	bool ok = true;

	service->credentials = arena_array(
	    service->lifetime, config->credential_count + 1, sizeof(struct credential *));
	service->endpoints =
	    arena_array(service->lifetime, config->endpoint_count + 1, sizeof(*service->endpoints));
	if (!service->credentials || !service->endpoints)
		return out_of_memory(report);
	for (size_t i = 0; i < config->credential_count; i++)
		service->credentials[service->credential_count++] =
		    credential_open(&config->credentials[i], &context, report);
	service->sessions = own_session_find(service->credentials, service->credential_count);
	for (size_t i = 0; i < config->endpoint_count; i++) {
		struct endpoint *endpoint = &service->endpoints[service->endpoint_count++];

		endpoint->config = &config->endpoints[i];
		limits_open(&endpoint->limits, service->throttle, endpoint->config);
		ok = network_list_read(endpoint->config->clients.items,
		         endpoint->config->clients.count, service->lifetime, &endpoint->clients) &&
		     ok;
		ok = open_endpoint(service, endpoint, report) && ok;
	}
	return ok;
}

const char *service_state_folder(struct service *service)
{
	const struct passwd *user = getpwuid(geteuid());

	if (service->config->state_dir)
		return service->config->state_dir;
	return shared_default_folder(user ? user->pw_dir : NULL, service->lifetime);
}

static bool open_state(struct service *service, struct report *report)
{
	const char *folder = service_state_folder(service);
	struct origin origin = {service->config->path, 1};

	service->shared = shared_open(folder, origin, report);
	if (!service->shared)
		return out_of_memory(report);
	service->throttle = throttle_open(folder, origin, report);
	service->metrics = metrics_open(folder, origin, report);
	return service->throttle && service->metrics;
}

static bool open_config(struct service *service, const char *path, struct report *report)
{
	service->config = path ? config_load(path, report) : NULL;
	if (!service->config)
		return false;
	if (!clock_zone_parse(service->config->database.time_zone, &service->zone)) {
		report_add(report, REPORT_ERROR, service->config->database.origin,
		    "unknown time_zone \"%s\"", service->config->database.time_zone);
		return false;
	}
	if (!open_state(service, report))
		return false;
	if (!trusted_proxies_open(
	        &service->config->trusted_proxies, service->lifetime, &service->trusted_proxies))
		return out_of_memory(report);
	if (service->config->development &&
	    !network_list_read(service->config->development_clients.items,
	        service->config->development_clients.count, service->lifetime,
	        &service->developers))
		return out_of_memory(report);
	if (!service_state_folder(service))
		report_add(report, REPORT_WARNING, service->config->database.origin,
		    "there is no state_dir, and neither ~/.castgate nor /run/castgate is this "
		    "user's: processes cannot keep to max_connections together, and throttle "
		    "counts for each on its own, for CGI not at all");
	service->db = db_new(&service->config->database, &service->clock,
	    service->observing ? NULL : service->shared);
	return service->db ? open_endpoints(service, report) : out_of_memory(report);
}

static struct service *allocate(struct clock clock)
{
	struct service *service = calloc(1, sizeof(*service));

	if (!service)
		return NULL;
	service->clock = clock;
	service->lifetime = arena_new(LIFETIME_BYTES);
	service->memory = arena_new(SERVICE_REQUEST_BYTES);
	if (service->lifetime && service->memory)
		return service;
	service_free(service);
	return NULL;
}

static struct service *build(struct service *service, const char *config_path,
    const char *log_destination, struct report *report)
{
	if (!service)
		return NULL;
	service->broken = !open_config(service, config_path, report) || report_failed(report);
	if (!logs_open(service, log_destination, report)) {
		service_free(service);
		return NULL;
	}
	return service;
}

struct service *service_new(
    const char *config_path, struct clock clock, const char *log_destination, struct report *report)
{
	return build(allocate(clock), config_path, log_destination, report);
}

struct service *service_observe(const char *config_path, struct clock clock, struct report *report)
{
	struct service *service = allocate(clock);

	if (service)
		service->observing = true;
	return build(service, config_path, "stderr", report);
}

void service_free(struct service *service)
{
	if (!service)
		return;
	for (size_t i = 0; i < service->endpoint_count; i++)
		hmac_key_free(service->endpoints[i].app.hmac);
	for (size_t i = 0; i < service->credential_count; i++)
		credential_close(service->credentials[i]);
	db_free(service->db);
	logs_close(service);
	throttle_close(service->throttle);
	metrics_close(service->metrics);
	shared_close(service->shared);
	config_free(service->config);
	arena_free(service->memory);
	arena_free(service->lifetime);
	free(service);
}

/* By now the columns that become values are known. */
static bool check_capture_names(
    struct service *service, const struct endpoint *endpoint, struct report *report)
{
	struct config_list names;
	bool ok = gather_identity_names(service, endpoint, &names, report);

	for (size_t i = 0; ok && i < endpoint->rule_count; i++)
		ok = rule_check_names(endpoint->rules[i], &names, report);
	return ok;
}

/* Replicas may be away: the others then answer alone. */
static void check_replicas(struct service *service, struct report *report)
{
	if (!db_ping_replica(service->db))
		report_add(report, REPORT_WARNING, service->config->database.origin,
		    "cannot reach the replicas: %s", db_error(service->db)->message);
}

static bool check_endpoint(
    struct service *service, struct endpoint *endpoint, struct report *report, bool *outage)
{
	bool ok = true;

	for (size_t i = 0; i < endpoint->credential_count; i++) {
		struct credential *credential = endpoint->credentials[i];

		ok = credential->kind->check(credential->state, report) && ok;
	}
	ok = ok && check_capture_names(service, endpoint, report);
	for (size_t i = 0; i < endpoint->rule_count && !*outage; i++)
		ok = rule_check(endpoint->rules[i], report, outage) && ok;
	if (endpoint->user_data && !*outage)
		ok = query_check(endpoint->user_data, report, outage) && ok;
	return ok;
}

bool service_check(struct service *service, struct report *report, bool *outage)
{
	bool ok = !service->broken;

	*outage = false;
	if (service->broken)
		return false;
	/* tokens and templates may do without a database */
	if (service->config->database.origin.file && !db_ping(service->db)) {
		*outage = true;
		report_add(report, REPORT_ERROR, service->config->database.origin,
		    "cannot reach the database: %s", db_error(service->db)->message);
		return false;
	}
	check_replicas(service, report);
	db_insist_on_primary(service->db);
	for (size_t i = 0; i < service->endpoint_count && !*outage; i++)
		ok = check_endpoint(service, &service->endpoints[i], report, outage) && ok;
	return ok;
}

static void service_yield(void *context)
{
	struct service *service = context;

	if (service->db)
		db_yield(service->db);
}

void service_rest(struct service *service)
{
	if (service->db)
		db_rest(service->db);
}

struct responder service_responder(struct service *service)
{
	size_t max_body = 0;

	for (size_t i = 0; i < service->endpoint_count; i++)
		if (service->endpoints[i].config->max_body > max_body)
			max_body = service->endpoints[i].config->max_body;
	return (struct responder){.answer = service_answer,
	    .finish = service_finish,
	    .yield = service_yield,
	    .wanted_fd = service->db ? db_wanted_fd(service->db) : -1,
	    .context = service,
	    .max_body = max_body};
}
