/* Builds a running service from a configuration: what processes share, the database, the endpoints. */
#include "platform.h"
#include "endpoint/service.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "crypto/openssl_start.h"
#include "endpoint/channel_auth.h"
#include "endpoint/endpoint_open.h"
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

static const char *find_state_folder(struct service *service)
{
	const struct passwd *user;

	if (service->config->state_dir)
		return service->config->state_dir;
	user = getpwuid(geteuid());
	return shared_default_folder(user ? user->pw_dir : NULL, service->lifetime);
}

static bool open_shared(struct service *service, struct report *report)
{
	service->state_folder = find_state_folder(service);
	service->shared =
	    shared_open(service->state_folder, (struct origin){service->config->path, 1}, report);
	return service->shared || report_no_memory(report);
}

/* Whether castgate and libconfuse read a text alike is found out once, not by each process that answers
 * one request. */
static bool confirm_config(struct service *service, struct report *report)
{
	_Atomic uint64_t *word = shared_word(service->shared, SHARED_CONFIG_AGREED);
	uint64_t before = atomic_load(word);
	uint64_t agreed = before;

	if (!config_confirm(service->config, &agreed, report)) {
		config_free(service->config);
		service->config = NULL;
		service->state_folder = NULL;
		return false;
	}
	if (agreed != before)
		atomic_store(word, agreed);
	return true;
}

static bool open_state(struct service *service, struct report *report)
{
	struct origin origin = {service->config->path, 1};

	service->throttle = throttle_open(service->state_folder, origin, report);
	service->metrics = metrics_open(service->state_folder, origin, report);
	return service->throttle && service->metrics;
}

static bool read_config(struct service *service, const char *path, struct report *report)
{
	if (path)
		service->config =
		    service->brief ? config_load_once(path, report) : config_load(path, report);
	return service->config && open_shared(service, report) && confirm_config(service, report);
}

/* OpenSSL's configuration file says how TLS is to be spoken. */
static bool speaks_tls(const struct config *config)
{
	bool speaks = config->database.tls != CONFIG_TLS_OFF;

	for (size_t i = 0; i < config->credential_count; i++)
		speaks = speaks || config->credentials[i].jwks;
	return speaks;
}

/* While the database is at work; not within a TLS connection, which is OpenSSL's as well. */
static int wait_preparing(int fd, char is_read, int milliseconds)
{
	digest_prepare();
	return db_wait(fd, is_read, milliseconds);
}

static bool open_config(struct service *service, const char *path, struct report *report)
{
	if (!read_config(service, path, report))
		return false;
	if (!clock_zone_parse(service->config->database.time_zone, &service->zone)) {
		report_add(report, REPORT_ERROR, service->config->database.origin,
		    "unknown time_zone \"%s\"", service->config->database.time_zone);
		return false;
	}
	if (service->brief && !speaks_tls(service->config))
		openssl_start_lean();
	if (!open_state(service, report))
		return false;
	if (!trusted_proxies_open(
	        &service->config->trusted_proxies, service->lifetime, &service->trusted_proxies))
		return report_no_memory(report);
	if (service->config->development &&
	    !network_list_read(service->config->development_clients.items,
	        service->config->development_clients.count, service->lifetime,
	        &service->developers))
		return report_no_memory(report);
	if (!service->state_folder)
		report_add(report, REPORT_WARNING, service->config->database.origin,
		    "there is no state_dir, and neither ~/.castgate nor /run/castgate is this "
		    "user's: processes cannot keep to max_connections together, and throttle "
		    "counts for each on its own, for CGI not at all");
	service->db = db_new(&service->config->database, &service->clock,
	    service->observing ? NULL : service->shared);
	if (service->brief && service->db)
		db_be_brief(service->db, speaks_tls(service->config) ? NULL : wait_preparing);
	return service->db ? endpoints_open(service, report) : report_no_memory(report);
}

static struct service *allocate(struct clock clock)
{
	struct service *service = calloc(1, sizeof(*service));

	if (!service)
		return NULL;
	service->clock = clock;
	service->hasher = hasher_new();
	service->lifetime = arena_new(LIFETIME_BYTES);
	service->memory = arena_new(SERVICE_REQUEST_BYTES);
	if (service->hasher && service->lifetime && service->memory)
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

struct service *service_new_brief(
    const char *config_path, struct clock clock, struct report *report)
{
	struct service *service = allocate(clock);

	if (service)
		service->brief = true;
	return build(service, config_path, NULL, report);
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
	hasher_free(service->hasher);
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
