/* Which SQL does the better-auth kind send? All of it is built here, once, from the configuration. */
#ifndef CASTGATE_CREDENTIAL_BETTER_AUTH_SQL_H
#define CASTGATE_CREDENTIAL_BETTER_AUTH_SQL_H

#include <stdbool.h>

#include "base/arena.h"
#include "config/config.h"

/* Result columns; those of the user follow. */
enum better_auth_column {
	BETTER_AUTH_ID,
	BETTER_AUTH_TOKEN,
	BETTER_AUTH_EXPIRES_AT,
	BETTER_AUTH_USER_ID,
	BETTER_AUTH_ORGANIZATION, /* NULL where the organization plugin is not installed */
	BETTER_AUTH_USER_KEY,
	BETTER_AUTH_COLUMNS
};

/* SELECT of sessions by their tokens and, by LEFT JOIN, of their users. Parameters: `tokens` tokens.
 * NULL when the arena is full. */
const char *better_auth_select(const struct config_credential *config, size_t tokens,
    bool has_organization, struct arena *arena);

#endif
