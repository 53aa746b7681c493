/* What did the operator write? The configuration as plain, checked data; nothing acts on it here. */
#ifndef CASTGATE_CONFIG_CONFIG_H
#define CASTGATE_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/origin.h"
#include "base/report.h"
#include "base/text.h"

/* All strings are NUL-terminated, live as long as the configuration, and are NULL when not given
 * (unless a default is documented). Lists are never NULL-terminated. */
struct config_list {
	const char **items;
	size_t count;
};

/* Every section's struct begins with its origin: the line of its title, or of its name. Origins of
 * single directives point at the line where the value starts; file NULL when it was not given. */

/* Words below are kept as the enum the rest of the program switches over. The verifier word is
 * one of "pusher" "reverb" "soketi" "sockudo" and is mapped by the ticket room's caller. */
struct config_app {
	struct origin origin;
	const char *name;
	const char *key;    /* "" when missing in an app taken from a .env */
	const char *secret; /* likewise */
	bool has_master_key;
	unsigned char master_key[32]; /* decoded from base64 at load */
	struct origin master_key_origin;
	const char *verifier; /* default "pusher" ("reverb" from a REVERB .env) */
};

enum config_tls { CONFIG_TLS_OFF, CONFIG_TLS_REQUIRED, CONFIG_TLS_VERIFY };

struct config_database {
	struct origin origin; /* file NULL when nothing configures a database */
	const char *socket;
	struct config_list hosts; /* "host" or "host:port" */
	struct config_list replicas;
	const char *name;
	const char *user;
	const char *password;
	enum config_tls tls;
	const char *tls_ca;
	unsigned max_connections;       /* 4 */
	unsigned second_looks;          /* a second; 50 */
	unsigned deadline_milliseconds; /* 1500 */
	unsigned hold_milliseconds;     /* 1000 */
	const char *session_init;
	bool combine;          /* true */
	const char *time_zone; /* "UTC" */
};

struct config_owner {
	struct origin origin;
	const char *type; /* the section's title: class name or morph alias */
	const char *table;
	const char *key; /* "id" */
	const char *where;
	struct config_list columns;
	const char *broadcast_id;
};

enum config_token_id { CONFIG_TOKEN_ID_INT, CONFIG_TOKEN_ID_STRING };
#define CONFIG_TOUCH_OFF (-1)

/* A name and what it maps to: "NAME = VALUE", or "NAME" alone, which maps to itself. */
struct config_pair {
	const char *name;
	const char *value;
};

/* Longest name of a provider that a session may come from, as user_sessions.provider holds it. */
#define CONFIG_PROVIDER_BYTES 64

struct config_credential {
	struct origin origin;
	const char *name;
	const char *kind;        /* one of the words of castgate.conf(5) */
	struct config_list from; /* empty: the kind's default */
	/* directives of other kinds than its own are zero */
	/* sanctum */
	const char *table; /* "personal_access_tokens" */
	enum config_token_id token_id;
	unsigned expiration_minutes; /* 0: none */
	int64_t touch_seconds;       /* 60; CONFIG_TOUCH_OFF */
	struct config_owner *owners;
	size_t owner_count;
	/* better-auth */
	struct config_list secrets; /* also of kind session */
	const char *cookie_prefix;
	const char *bearer; /* off, signed, raw */
	const char *session_table;
	struct config_pair *session_fields; /* field of better-auth, column */
	size_t session_field_count;
	const char *user_table;
	struct config_list columns;
	/* token */
	const char *hash; /* sha256 (lower-case hex), plain */
	const char *identify;
	struct origin identify_origin;
	struct config_list unproven;
	/* jwt */
	struct config_list algorithms;
	const char *secret;
	const char *jwks; /* an https:// address, or a path */
	const char *jwks_ca;
	const char *issuer;
	const char *audience;
	const char *require_role;
	struct config_list refuse_claims;
	struct config_pair *claims;
	size_t claim_count;
	/* session */
	struct config_list access_keys; /* PEM */
	int64_t access_seconds;         /* 900 */
	int64_t idle_seconds;           /* 30 days */
	int64_t absolute_seconds;       /* 90 days */
	int64_t grace_seconds;          /* 30 */
};

struct config_deny {
	struct origin origin;
	const char *label;
	const char *when;
	struct origin when_origin;
	const char *message;
	const char *cure; /* {NAME} stands for a value */
};

enum config_channel_data {
	CONFIG_CHANNEL_DATA_PRESENCE,
	CONFIG_CHANNEL_DATA_ALWAYS,
	CONFIG_CHANNEL_DATA_NEVER
};

struct config_channel {
	struct origin origin; /* of the title, so that messages name the rule */
	const char *pattern;
	unsigned prefixes; /* bits of enum channel_kind; default private; 0 for a template alone */
	struct origin prefixes_origin;
	const char *allow;
	struct origin allow_origin;
	const char *equals;
	struct origin equals_origin;
	enum config_channel_data channel_data;
	struct config_list json;
	struct config_list unproven;
	struct config_list user_info; /* "NAME" or "NAME = VALUE" */
	struct origin user_info_origin;
	bool has_user_info; /* false: every column that proves nothing */
	struct config_deny *denies;
	size_t deny_count;
};

struct config_throttle {
	struct origin origin; /* file NULL when it was not written */
	unsigned failures;    /* per minute, 1000; 0: unlimited */
	unsigned requests;    /* per minute; 0: unlimited */
	unsigned burst;       /* at once; requests when it was not given */
};

struct config_endpoint {
	struct origin origin;
	const char *path;
	struct config_list also;
	struct origin also_origin;
	const char *action;           /* "channel-auth" */
	const struct config_app *app; /* NULL only for actions that sign nothing */
	struct origin app_origin;
	const struct config_credential **credentials;
	size_t credential_count;
	struct origin credentials_origin;
	const char *dialect; /* "laravel" */
	struct origin dialect_origin;
	struct config_list clients; /* networks; empty: loopback, unless there is a token */
	const char *token;          /* of those who watch */
	struct config_list cors_origins;
	bool cors_credentials;
	size_t max_body;          /* 32768 bytes */
	unsigned max_batch;       /* 100 */
	size_t max_channel_bytes; /* 164, at most 200 */
	/* texts of refusals in the dialect error-message: by reason code, and "other" */
	struct config_pair *messages;
	size_t message_count;
	const char *user_data;
	struct origin user_data_origin;
	struct config_throttle throttle;
	struct config_channel *channels;
	size_t channel_count;
};

/* How a decision is written; see guard/audit_line.h. */
enum config_audit_format { CONFIG_AUDIT_ECS, CONFIG_AUDIT_OCSF, CONFIG_AUDIT_KEYVALUE };

struct config {
	struct arena *arena; /* owns everything below */
	const char *path;
	struct scan *unconfirmed; /* see config_load_once; NULL from config_load */
	const char *laravel_env;
	const char *state_dir;
	const char *log; /* "stderr", a path, or "syslog" */
	const char *log_level;
	const char *audit; /* as log; NULL: where log goes */
	enum config_audit_format audit_format;
	bool audit_required;
	const char *syslog_socket; /* "/dev/log" */
	bool development;
	struct config_list development_clients;
	struct config_list trusted_proxies;
	const char *sandbox;
	struct config_app *apps;
	size_t app_count;
	struct config_database database;
	struct config_credential *credentials;
	size_t credential_count;
	struct config_endpoint *endpoints;
	size_t endpoint_count;
};

/* How a configuration is looked for. */
struct config_search {
	const char *explicit_path;    /* from --config; NULL where argv is not ours */
	const char *environment_path; /* CASTGATE_CONFIG, or NULL */
	const char *home;             /* of the effective user, from the user database, or NULL */
	const char *document_root;    /* DOCUMENT_ROOT of a web request, or NULL */
};

/* The first file of the search order that exists, allocated from `arena`; the first two are
 * returned whether or not they exist. NULL with an error in the report when there is none, or when
 * the file lies below document_root. */
const char *config_locate(
    const struct config_search *search, struct arena *arena, struct report *report);

/* Read, check and complete the configuration at `path`, its includes, its secrets and its .env.
 * Reads files only; never talks to a database. Returns NULL when the report has an error; every
 * error found is reported, not just the first. Warnings may come with success. The caller ends it
 * with config_free, which wipes secrets. */
struct config *config_load(const char *path, struct report *report);

/* The same in two steps, for who may remember from one process to the next that castgate and libconfuse read
 * this very text alike: most of the time goes into finding that out. What comes from the first step is
 * not to be believed, but for where the memory is, before the second has said yes. *agreed is what a
 * second step left there, 0 at first; unless it was left by this text the second reading is done now, and
 * *agreed changed. False with an error when the readings differ. */
struct config *config_load_once(const char *path, struct report *report);
bool config_confirm(struct config *config, uint64_t *agreed, struct report *report);
void config_free(struct config *config);

/* Write the effective configuration in its own syntax, defaults included, secrets as "********". */
void config_show(const struct config *config, FILE *stream);

/* The same of what one rule's decisions depend on: the endpoint with that rule alone, its app, its
 * credentials, and all that stands outside of sections; each with its file and line. */
void config_show_for(const struct config *config, const struct config_endpoint *endpoint,
    const struct config_channel *channel, FILE *stream);

/* The directive table, for the manual check and the samples check. Section "" is the top; `fallback`
 * is the default as it would be written, NULL when there is none. False beyond the last row. */
struct config_directive {
	const char *section;
	const char *name;
	const char *fallback;
	const char *meaning;
};
bool config_directive(size_t index, struct config_directive *row);

#endif
