/* Does the WebSocket server accept what castgate signs? */
#ifndef CASTGATE_CLI_CHECK_VERIFIER_H
#define CASTGATE_CLI_CHECK_VERIFIER_H

#include "cli/check.h"

/* Connect to the server at a ws:// or wss:// address (the path, if any, without /app/KEY) with the app's
 * key, sign a private channel that no rule guards, and subscribe to it: key and secret are proven together,
 * without a user. What the server says to the contrary is an error in the report, with its cure. */
void check_verifier(const struct check *check, const char *url);

#endif
