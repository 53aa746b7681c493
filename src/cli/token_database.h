/* What do the token subcommands do to the table of tokens? */
#ifndef CASTGATE_CLI_TOKEN_DATABASE_H
#define CASTGATE_CLI_TOKEN_DATABASE_H

#include "base/arena.h"
#include "base/clock.h"
#include "config/config.h"
#include "db/db.h"

/* As given on the command line; NULL where not given. No token is ever among them. */
struct token_options {
	const char *config_path;
	const char *credential;
	const char *owner_type;
	const char *owner;
	const char *name;
	const char *expires_in; /* "30d", "12h", "90m", "45s" */
	const char *id;
};

struct token_session {
	const struct token_options *options;
	struct config *config;
	const struct config_credential *credential;
	struct clock_zone zone;
	struct db *db;
	struct arena *arena;
};

/* Insert a token for an existing owner and print it, once, to standard output: "ID|PLAIN", made as
 * Sanctum 4 makes it (40 random letters and digits and their CRC-32). Exit status. */
int token_create(const struct token_session *session);

/* Read a token from standard input and tell what castgate.fcgi would make of it. Exit status:
 * CLI_OK when valid, CLI_USAGE (2) when refused, CLI_FAILED when that could not be found out. */
int token_inspect(const struct token_session *session);

/* Delete the token with options->id. Exit status: CLI_FAILED when there is none. */
int token_revoke(const struct token_session *session);

#endif
