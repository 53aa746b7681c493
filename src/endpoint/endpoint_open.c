/* Compiles endpoints: words, app, paths, credentials, rules and user data, each with its own errors. */
#include "platform.h"
#include "endpoint/endpoint_open.h"

#include "credential/own_session.h"

static bool has_keys(const struct config_app *app)
{
	return app->key && *app->key && app->secret && *app->secret;
}

const struct ticket_app *endpoint_app(struct endpoint *endpoint)
{
	const struct config_app *app = endpoint->config->app;

	if (!endpoint->app.hmac && has_keys(app))
		endpoint->app.hmac = hmac_key_new(text_of(app->secret));
	return &endpoint->app;
}

static bool open_app(
    const struct service *service, struct endpoint *endpoint, struct report *report)
{
	const struct config_app *app = endpoint->config->app;

	if (!endpoint->needs->signs)
		return true;
	if (!app) {
		report_add(report, REPORT_ERROR, endpoint->config->origin,
		    "endpoint \"%s\" signs, so it needs an app", endpoint->config->path);
		return false;
	}
	endpoint->app.key = text_of(app->key);
	endpoint->app.verifier = ticket_verifier_named(app->verifier);
	endpoint->app.master_key = app->has_master_key ? app->master_key : NULL;
	if (!has_keys(app)) {
		report_add(report, REPORT_WARNING, app->origin,
		    "app \"%s\" has no key or secret; every allowed request is answered 503",
		    app->name);
		return true;
	}
	/* a single request may be refused, or wait for the database meanwhile */
	return service->brief || endpoint_app(endpoint)->hmac || report_no_memory(report);
}

static bool open_paths(struct service *service, struct endpoint *endpoint, struct report *report)
{
	const struct config_endpoint *config = endpoint->config;

	endpoint->paths =
	    arena_array(service->lifetime, config->also.count + 1, sizeof(*endpoint->paths));
	if (!endpoint->paths)
		return report_no_memory(report);
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

bool endpoint_identity_names(struct service *service, const struct endpoint *endpoint,
    struct config_list *names, struct report *report)
{
	size_t most = 1;

	for (size_t i = 0; i < endpoint->credential_count; i++)
		most += names_of(endpoint, i)->values.count;
	*names = (struct config_list){0};
	names->items = arena_array(service->lifetime, most, sizeof(*names->items));
	if (!names->items)
		return report_no_memory(report);
	for (size_t i = 0; i < endpoint->credential_count; i++) {
		const struct config_list *values = &names_of(endpoint, i)->values;

		for (size_t k = 0; k < values->count; k++)
			names->items[names->count++] = values->items[k];
	}
	return true;
}

/* A credential may need captures of the path, under whichever path the endpoint is asked. */
static bool check_path_captures(const struct endpoint *endpoint, struct report *report)
{
	bool ok = true;

	for (size_t i = 0; i < endpoint->credential_count; i++) {
		const struct config_list *captures = &names_of(endpoint, i)->captures;

		for (size_t k = 0; k < captures->count; k++)
			for (size_t p = 0; p < endpoint->path_count; p++) {
				if (pattern_has_capture(
				        endpoint->paths[p], text_of(captures->items[k])))
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

	if (!endpoint->needs->asks)
		return true;
	endpoint->credentials = arena_array(
	    service->lifetime, config->credential_count + 1, sizeof(struct credential *));
	if (!endpoint->credentials)
		return report_no_memory(report);
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
 * primary, and that is known of whole statements only. A single request has nothing to learn it for. */
static bool combines(const struct service *service, const struct endpoint *endpoint)
{
	const struct config_database *database = &service->config->database;

	return database->combine && database->replicas.count == 0 &&
	       endpoint->credential_count == 1 && !service->brief;
}

static bool open_rules(struct service *service, struct endpoint *endpoint, struct report *report)
{
	const struct config_endpoint *config = endpoint->config;
	struct config_list names;
	bool ok = true;

	endpoint->rules =
	    arena_array(service->lifetime, config->channel_count + 1, sizeof(*endpoint->rules));
	if (!endpoint->rules || !endpoint_identity_names(service, endpoint, &names, report))
		return endpoint->rules ? false : report_no_memory(report);
	for (size_t i = 0; i < config->channel_count; i++) {
		struct rule *rule = rule_open(&config->channels[i], endpoint->paths[0], &names,
		    service->db, service->lifetime, report);

		if (rule)
			endpoint->rules[endpoint->rule_count++] = rule;
		if (rule && combines(service, endpoint))
			rule_accompany(rule, endpoint->credentials[0], service->lifetime);
		if (rule && service->config->database.combine)
			rule_group(rule, service->db, &service->clock, service->lifetime);
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
	    .purpose = {"user_data", config->path, NULL},
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
	endpoint->needs = action_named(config->action);
	endpoint->dialect = dialect_named(config->dialect);
	if (!endpoint->action || !endpoint->needs)
		report_add(report, REPORT_ERROR, config->origin,
		    "endpoint \"%s\": action \"%s\" is not served by this version of castgate",
		    config->path, config->action);
	if (!endpoint->dialect)
		report_add(report, REPORT_ERROR, config->origin,
		    "endpoint \"%s\": dialect \"%s\" is not served by this version of castgate",
		    config->path, config->dialect);
	return endpoint->action && endpoint->needs && endpoint->dialect;
}

static bool open_endpoint(struct service *service, struct endpoint *endpoint, struct report *report)
{
	return open_words(endpoint, report) && open_app(service, endpoint, report) &&
	       open_paths(service, endpoint, report) &&
	       open_credentials(service, endpoint, report) &&
	       open_rules(service, endpoint, report) && open_user_data(service, endpoint, report);
}

bool endpoints_open(struct service *service, struct report *report)
{
	const struct config *config = service->config;
	struct credential_context context = {.db = service->db,
	    .clock = &service->clock,
	    .zone = &service->zone,
	    .hasher = service->hasher,
	    .lifetime = service->lifetime,
	    .state_folder = service->state_folder,
	    .development = config->development};
	bool ok = true;

	service->credentials = arena_array(
	    service->lifetime, config->credential_count + 1, sizeof(struct credential *));
	service->endpoints =
	    arena_array(service->lifetime, config->endpoint_count + 1, sizeof(*service->endpoints));
	if (!service->credentials || !service->endpoints)
		return report_no_memory(report);
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
