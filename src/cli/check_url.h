/* How does a request come to castgate through the real web server, and what does it lose on its way? */
#ifndef CASTGATE_CLI_CHECK_URL_H
#define CASTGATE_CLI_CHECK_URL_H

#include "cli/check.h"

/* Send a probe (endpoint/probe.h) to an http:// or https:// address and tell what arrived: the mount, the
 * path, the variable that holds Authorization. Everything that keeps users out is an error in the report,
 * with the line that cures it. No redirect is followed. */
void check_url(const struct check *check, const char *url);

#endif
