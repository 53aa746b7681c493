/* What may libraries learn from the environment, and what may only the operator's words name? */
#ifndef CASTGATE_BASE_ENVIRONMENT_H
#define CASTGATE_BASE_ENVIRONMENT_H

/* Leave in the environment only the variables that castgate itself asks for. Libraries look theirs up
 * whenever they please: another OpenSSL configuration, a folder of plug-ins, a proxy, a table of time
 * zones. Call once, before any of them works and before any thread exists. The operator's
 * other variables stay readable by environment_value; those that a client can name (HTTP_*) do not.
 * Returns the environment as it was, NULL-terminated, alive as long as the process: a CGI request.
 * NULL when out of memory; the environment is then as before. */
const char *const *environment_withdraw(void);

/* A variable as it was set when the process started; NULL when it was not. Works with and without
 * environment_withdraw. */
const char *environment_value(const char *name);

#endif
