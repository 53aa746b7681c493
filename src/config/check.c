/* Checks of the top level, apps, database and credentials that concern more than one directive. */
#include "platform.h"

#include <string.h>
#include <unistd.h>

#include "config/loading.h"
#include "crypto/jwa.h"

#define SECRET_BYTES_MIN 32

static void complain(struct loading *loading, struct origin origin, const char *text)
{
	report_add(loading->report, REPORT_ERROR, origin, "%s", text);
}

static bool is_kind(const struct config_credential *credential, const char *kind)
{
	return credential->kind && strcmp(credential->kind, kind) == 0;
}

static void check_database(struct loading *loading, const struct config_database *database)
{
	struct origin origin = database->origin;

	if (!origin.file)
		return;
	if ((database->socket != NULL) == (database->hosts.count > 0))
		complain(loading, origin, "database needs exactly one of \"socket\" and \"hosts\"");
	if (!database->name)
		complain(loading, origin, "database needs \"name\"");
	if (!database->user)
		complain(loading, origin, "database needs \"user\"");
	if (database->socket && database->tls != CONFIG_TLS_OFF)
		complain(
		    loading, origin, "\"tls\" is for hosts; a socket does not leave the machine");
	if (database->socket && database->replicas.count)
		complain(loading, origin, "\"replicas\" needs \"hosts\"");
	if (database->tls == CONFIG_TLS_VERIFY && !database->tls_ca)
		complain(loading, origin, "\"tls\" verify needs \"tls_ca\"");
	if (database->tls_ca && access(database->tls_ca, R_OK) != 0)
		report_add(loading->report, REPORT_ERROR, origin, "cannot read \"tls_ca\": %s",
		    database->tls_ca);
	if (database->hold_milliseconds > database->deadline_milliseconds)
		complain(loading, origin, "\"hold\" is longer than \"deadline\"");
}

static void check_better_auth(struct loading *loading, const struct config_credential *credential)
{
	static const char *const taken[] = {"id", "session_id", "organization", "tenant"};

	for (size_t i = 0; i < credential->columns.count; i++)
		for (size_t k = 0; k < sizeof(taken) / sizeof(taken[0]); k++)
			if (strcmp(credential->columns.items[i], taken[k]) == 0)
				report_add(loading->report, REPORT_ERROR, credential->origin,
				    "\"columns\" cannot have \"%s\": the identity has another "
				    "value of "
				    "that name",
				    taken[k]);
	for (size_t i = 0; i < credential->from.count; i++)
		if (strcmp(credential->from.items[i], "bearer") == 0 &&
		    strcmp(credential->bearer, "off") == 0)
			complain(loading, credential->origin,
			    "\"from\" names bearer, but \"bearer\" is off");
}

/* HMAC keys and public keys must never meet: a token's own "alg" could choose between them. */
static void check_jwt(struct loading *loading, const struct config_credential *credential)
{
	bool shared = credential->secret != NULL;

	if (shared == (credential->jwks != NULL)) {
		complain(loading, credential->origin,
		    "kind jwt needs exactly one of \"secret\" and \"jwks\"");
		return;
	}
	for (size_t i = 0; i < credential->algorithms.count; i++)
		if ((strncmp(credential->algorithms.items[i], "HS", 2) == 0) != shared)
			report_add(loading->report, REPORT_ERROR, credential->origin,
			    "algorithm %s needs \"%s\"", credential->algorithms.items[i],
			    shared ? "jwks" : "secret");
	if (credential->jwks && !credential->audience)
		report_add(loading->report, REPORT_WARNING, credential->origin,
		    "without \"audience\" a token that the issuer made for another application is "
		    "accepted");
}

static bool is_remote(const char *location)
{
	return location && strncmp(location, "https://", 8) == 0;
}

static void check_jwks_ca(struct loading *loading, const struct config_credential *credential)
{
	if (!credential->jwks_ca)
		return;
	if (!is_remote(credential->jwks))
		complain(loading, credential->origin,
		    "\"jwks_ca\" is for an https:// address in \"jwks\"");
	if (access(credential->jwks_ca, R_OK) != 0)
		report_add(loading->report, REPORT_ERROR, credential->origin,
		    "cannot read \"jwks_ca\": %s", credential->jwks_ca);
}

/* RFC 7518, section 3.2: a key as long as the hash. */
static void check_hmac_lengths(struct loading *loading, const struct config_credential *credential)
{
	for (size_t i = 0; i < credential->algorithms.count; i++) {
		const struct jwa *row = jwa_named(text_of(credential->algorithms.items[i]));

		if (row && credential->secret &&
		    strlen(credential->secret) < row->least_key_bytes &&
		    row->least_key_bytes > SECRET_BYTES_MIN)
			report_add(loading->report, REPORT_ERROR, credential->origin,
			    "algorithm %s needs a \"secret\" of at least %zu bytes", row->name,
			    row->least_key_bytes);
	}
}

static void check_key_length(struct loading *loading, const struct config_credential *credential)
{
	if (credential->secret && strlen(credential->secret) < SECRET_BYTES_MIN)
		complain(loading, credential->origin,
		    "\"secret\" must have at least 32 bytes, or it can be guessed from one token");
}

static void check_session(struct loading *loading, const struct config_credential *credential)
{
	for (size_t i = 0; i < credential->secrets.count; i++)
		if (strlen(credential->secrets.items[i]) < SECRET_BYTES_MIN)
			complain(loading, credential->origin,
			    "each of \"secrets\" must have at least 32 bytes");
	if (credential->idle_seconds > credential->absolute_seconds)
		complain(
		    loading, credential->origin, "\"idle_age\" is longer than \"absolute_age\"");
	if (credential->access_seconds > credential->idle_seconds)
		complain(loading, credential->origin, "\"access_age\" is longer than \"idle_age\"");
}

static void check_credential(struct loading *loading, const struct config_credential *credential)
{
	if (is_kind(credential, "sanctum") && credential->owner_count == 0)
		complain(loading, credential->origin,
		    "kind sanctum needs an \"owner\" section, or every token is refused");
	if (is_kind(credential, "better-auth") && credential->bearer)
		check_better_auth(loading, credential);
	if (is_kind(credential, "jwt")) {
		check_jwt(loading, credential);
		check_hmac_lengths(loading, credential);
		check_jwks_ca(loading, credential);
	}
	if (is_kind(credential, "session"))
		check_session(loading, credential);
	check_key_length(loading, credential);
	for (size_t i = 0; i < credential->from.count; i++)
		if (strcmp(credential->from.items[i], "cookie") == 0 &&
		    !is_kind(credential, "better-auth") && !is_kind(credential, "session"))
			complain(loading, credential->origin,
			    "this kind has no cookie of its own; write cookie:NAME");
	if (!is_kind(credential, "jwt") && credential->kind &&
	    !loading->config->database.origin.file)
		report_add(loading->report, REPORT_ERROR, credential->origin,
		    "kind %s needs a database section", credential->kind);
}

static void check_sessions(struct loading *loading)
{
	const struct config *config = loading->config;
	const struct config_credential *first = NULL;

	for (size_t i = 0; i < config->credential_count; i++) {
		if (!is_kind(&config->credentials[i], "session"))
			continue;
		if (first)
			report_add(loading->report, REPORT_ERROR, config->credentials[i].origin,
			    "there is already a credential of kind session at %s:%u",
			    first->origin.file, first->origin.line);
		first = &config->credentials[i];
	}
}

void check_config(struct loading *loading)
{
	struct config *config = loading->config;
	struct origin origin = {config->path, 1};

	if (config->development && config->development_clients.count == 0)
		report_add(loading->report, REPORT_WARNING, origin,
		    "\"development\" is on, but without \"development_clients\" nobody gets "
		    "reason codes");
	if (config->endpoint_count == 0)
		complain(loading, origin, "there is no endpoint: nothing would be served");
	for (size_t i = 0; i < config->app_count; i++)
		config->apps[i].has_master_key = config->apps[i].master_key_origin.file != NULL;
	check_database(loading, &config->database);
	for (size_t i = 0; i < config->credential_count; i++)
		check_credential(loading, &config->credentials[i]);
	check_sessions(loading);
	check_endpoints(loading);
}
