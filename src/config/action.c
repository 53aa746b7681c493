/* The table of actions. */
#include "platform.h"
#include "config/action.h"

#include <stddef.h>
#include <string.h>

static const struct action_row rows[] = {
    {.name = "channel-auth", .signs = true, .asks = true, .has_channels = true},
    {.name = "user-auth", .signs = true, .asks = true, .has_user_data = true},
    {.name = "session", .asks = true},
    {.name = "session-bridge", .asks = true, .has_sessions = true, .dialect = "session"},
    {.name = "session-refresh", .asks = true, .has_sessions = true, .dialect = "session"},
    {.name = "session-logout", .asks = true, .has_sessions = true, .dialect = "session"},
    {.name = "sessions", .asks = true, .has_sessions = true, .dialect = "session"},
    {.name = "jwks", .has_sessions = true},
    {.name = "live", .has_clients = true},
    {.name = "ready", .has_clients = true},
    {.name = "metrics", .has_clients = true},
};

const struct action_row *action_named(const char *name)
{
	for (size_t i = 0; name && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}
