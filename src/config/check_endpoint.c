/* Checks of endpoints and their channel rules that concern more than one directive. */
#include "platform.h"

#include <string.h>

#include "codec/subscription_syntax.h"
#include "config/action.h"
#include "config/loading.h"
#include "config/syntax.h"

/* What came at once is paid off within this many minutes. */
#define MOST_BURST 10u

#define TOKEN_BYTES_MIN 16

#define PRESENCE_KINDS ((unsigned)CHANNEL_PRESENCE | (unsigned)CHANNEL_PRESENCE_CACHE)

static void complain(struct loading *loading, struct origin origin, const char *text)
{
	report_add(loading->report, REPORT_ERROR, origin, "%s", text);
}

/* As what stands behind "Bearer ", and hardly be guessed. */
static bool can_be_sent(const char *token)
{
	size_t length = strlen(token);

	for (size_t i = 0; i < length; i++)
		if (token[i] <= ' ' || token[i] > '~' || token[i] == ',')
			return false;
	return length >= TOKEN_BYTES_MIN;
}

static void check_user_info(struct loading *loading, const struct config_channel *channel)
{
	const struct config_list *members = &channel->user_info;

	for (size_t i = 0; i < members->count; i++) {
		struct text name;
		struct text value;

		syntax_split(members->items[i], &name, &value);
		for (size_t k = 0; k < i; k++) {
			struct text other;

			syntax_split(members->items[k], &other, &value);
			if (text_equal(name, other))
				report_add(loading->report, REPORT_ERROR, channel->user_info_origin,
				    "\"user_info\" has two members \"%.*s\"", (int)name.length,
				    name.data);
		}
	}
}

static void check_channel(struct loading *loading, struct config_channel *channel)
{
	channel->has_user_info = channel->user_info_origin.file != NULL;
	if (!channel->allow && !channel->equals)
		complain(loading, channel->origin, "the rule needs \"allow\" or \"equals\"");
	if (channel->allow && !loading->config->database.origin.file)
		complain(loading, channel->allow_origin, "\"allow\" needs a database section");
	if (channel->unproven.count && !channel->allow)
		complain(loading, channel->origin, "\"unproven\" is for \"allow\"");
	if (channel->equals && !strchr(channel->pattern, '{')) {
		channel->prefixes = 0; /* the title is only a name */
		if (channel->prefixes_origin.file)
			complain(loading, channel->prefixes_origin,
			    "\"equals\" has its prefix already; \"prefixes\" is for patterns");
	}
	if (channel->channel_data == CONFIG_CHANNEL_DATA_NEVER) {
		if (channel->equals ? text_starts_with(text_of(channel->equals), "presence-")
		                    : (channel->prefixes & PRESENCE_KINDS) != 0)
			complain(loading, channel->origin,
			    "presence channels cannot do without \"channel_data\"");
		if (channel->has_user_info)
			complain(loading, channel->user_info_origin,
			    "\"user_info\" goes in channel_data, which is never sent");
	}
	check_user_info(loading, channel);
}

static void check_app(
    struct loading *loading, struct config_endpoint *endpoint, const struct action_row *action)
{
	const struct config *config = loading->config;

	if (!action->signs) {
		if (endpoint->app)
			report_add(loading->report, REPORT_ERROR, endpoint->origin,
			    "action %s signs nothing and has no \"app\"", action->name);
		return;
	}
	if (!endpoint->app && config->app_count == 1)
		endpoint->app = &config->apps[0];
	/* a name that was not found has been reported */
	if (!endpoint->app && !endpoint->app_origin.file)
		report_add(loading->report, REPORT_ERROR, endpoint->origin,
		    config->app_count ? "action %s needs \"app\": there is more than one"
		                      : "action %s needs an app section",
		    action->name);
}

static void check_throttle(struct loading *loading, struct config_throttle *throttle)
{
	if (throttle->burst && !throttle->requests)
		complain(loading, throttle->origin, "\"burst\" needs \"requests\"");
	else if (throttle->burst > (uint64_t)throttle->requests * MOST_BURST)
		report_add(loading->report, REPORT_ERROR, throttle->origin,
		    "\"burst\" is more than %u times \"requests\"", MOST_BURST);
	if (!throttle->burst)
		throttle->burst = throttle->requests;
}

static void check_sessions(struct loading *loading, const struct config_endpoint *endpoint,
    const struct action_row *action)
{
	const struct config *config = loading->config;

	for (size_t i = 0; i < config->credential_count; i++)
		if (config->credentials[i].kind &&
		    strcmp(config->credentials[i].kind, "session") == 0)
			return;
	if (action->has_sessions)
		report_add(loading->report, REPORT_ERROR, endpoint->origin,
		    "action %s needs a credential of kind session", action->name);
}

static bool has_claim(const struct config_credential *credential, const char *name)
{
	for (size_t i = 0; i < credential->claim_count; i++)
		if (strcmp(credential->claims[i].name, name) == 0)
			return true;
	return false;
}

/* Otherwise each of its tokens would be refused, with a reason that reads as the token's fault. */
static void check_provider(struct loading *loading, const struct config_endpoint *endpoint,
    const struct config_credential *credential)
{
	const char *provider = credential->issuer ? credential->issuer : credential->name;

	if (strcmp(credential->kind, "jwt") == 0 && !has_claim(credential, "session"))
		report_add(loading->report, REPORT_ERROR, endpoint->credentials_origin,
		    "credential \"%s\" does not say which claim names the sign-in: claims = "
		    "{\"session = CLAIM\"}",
		    credential->name);
	if (strlen(provider) > CONFIG_PROVIDER_BYTES)
		report_add(loading->report, REPORT_ERROR, endpoint->credentials_origin,
		    "credential \"%s\": its %s has more than %d bytes, which "
		    "user_sessions.provider "
		    "does not hold",
		    credential->name, credential->issuer ? "issuer" : "name",
		    CONFIG_PROVIDER_BYTES);
}

static void check_endpoint(struct loading *loading, struct config_endpoint *endpoint)
{
	const struct action_row *action = action_named(endpoint->action);
	bool is_bridge;

	if (!action)
		return;
	is_bridge = strcmp(action->name, "session-bridge") == 0;
	if (action->dialect && !endpoint->dialect_origin.file)
		endpoint->dialect = action->dialect;
	check_sessions(loading, endpoint, action);
	for (size_t i = 0; is_bridge && i < endpoint->credential_count; i++)
		if (endpoint->credentials[i]->kind)
			check_provider(loading, endpoint, endpoint->credentials[i]);
	check_app(loading, endpoint, action);
	if (action->asks != (endpoint->credentials_origin.file != NULL))
		report_add(loading->report, REPORT_ERROR, endpoint->origin,
		    action->asks ? "action %s needs \"credentials\""
		                 : "action %s asks for no \"credentials\"",
		    action->name);
	if (endpoint->channel_count && !action->has_channels)
		report_add(loading->report, REPORT_ERROR, endpoint->channels[0].origin,
		    "channel rules are for channel-auth, not for %s", action->name);
	if (!endpoint->channel_count && action->has_channels)
		report_add(loading->report, REPORT_WARNING, endpoint->origin,
		    "no channel rule: every request is refused");
	if (endpoint->user_data && !action->has_user_data)
		report_add(loading->report, REPORT_ERROR, endpoint->user_data_origin,
		    "\"user_data\" is for user-auth, not for %s", action->name);
	if (endpoint->clients.count && !action->has_clients)
		report_add(loading->report, REPORT_ERROR, endpoint->origin,
		    "\"clients\" is for live, ready and metrics, not for %s", action->name);
	if (endpoint->token && !action->has_clients)
		report_add(loading->report, REPORT_ERROR, endpoint->origin,
		    "\"token\" is for live, ready and metrics, not for %s", action->name);
	if (endpoint->token && !can_be_sent(endpoint->token))
		report_add(loading->report, REPORT_ERROR, endpoint->origin,
		    "\"token\" must have at least %d bytes, printable ASCII without blank and "
		    "comma",
		    TOKEN_BYTES_MIN);
	if (endpoint->message_count && endpoint->dialect &&
	    strcmp(endpoint->dialect, "error-message") != 0)
		complain(loading, endpoint->origin, "\"messages\" is for dialect error-message");
	if (endpoint->cors_credentials && !endpoint->cors_origins.count)
		complain(loading, endpoint->origin, "\"cors_credentials\" needs \"cors_origins\"");
	check_throttle(loading, &endpoint->throttle);
	for (size_t i = 0; i < endpoint->channel_count; i++)
		check_channel(loading, &endpoint->channels[i]);
}

/* A trailing slash makes no difference. */
static bool same_path(const char *a, const char *b)
{
	size_t length_a = strlen(a);
	size_t length_b = strlen(b);

	length_a -= length_a > 1 && a[length_a - 1] == '/';
	length_b -= length_b > 1 && b[length_b - 1] == '/';
	return length_a == length_b && memcmp(a, b, length_a) == 0;
}

/* The endpoint's path (index 0) or one of its further ones; NULL beyond the last. */
static const char *path_at(const struct config_endpoint *endpoint, size_t index)
{
	if (index == 0)
		return endpoint->path;
	return index <= endpoint->also.count ? endpoint->also.items[index - 1] : NULL;
}

/* Does `path` occur in the endpoint before place `limit`? */
static bool has_path(const struct config_endpoint *endpoint, const char *path, size_t limit)
{
	const char *other;

	for (size_t i = 0; i < limit && (other = path_at(endpoint, i)) != NULL; i++)
		if (same_path(other, path))
			return true;
	return false;
}

static void check_paths(struct loading *loading, size_t index)
{
	const struct config_endpoint *endpoint = &loading->config->endpoints[index];
	const char *path;

	for (size_t i = 0; (path = path_at(endpoint, i)) != NULL; i++)
		for (size_t k = 0; k <= index; k++) {
			const struct config_endpoint *other = &loading->config->endpoints[k];

			if (!has_path(other, path, k == index ? i : SIZE_MAX))
				continue;
			report_add(loading->report, REPORT_ERROR,
			    i ? endpoint->also_origin : endpoint->origin,
			    "path \"%s\" is already served by the endpoint at %s:%u", path,
			    other->origin.file, other->origin.line);
		}
}

void check_endpoints(struct loading *loading)
{
	for (size_t i = 0; i < loading->config->endpoint_count; i++) {
		check_paths(loading, i);
		check_endpoint(loading, &loading->config->endpoints[i]);
	}
}
