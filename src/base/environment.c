/* The environment holds a short list; the rest stands there under names that no library asks for. */
#include "platform.h"
#include "base/environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No name of a variable that anybody can set has a colon. */
#define HIDDEN "castgate:"

static const char *const kept[] = {"CASTGATE_CONFIG", "DOCUMENT_ROOT", "GATEWAY_INTERFACE",
    "LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID"};

static bool is_kept(const char *entry)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		size_t length = strlen(kept[i]);

		if (strncmp(entry, kept[i], length) == 0 && entry[length] == '=')
			return true;
	}
	return false;
}

/* A header of a CGI request, and what a web server makes of one when it redirects inside. */
static bool is_of_client(const char *entry)
{
	return strncmp(entry, "HTTP_", 5) == 0 || strncmp(entry, "REDIRECT_", 9) == 0;
}

static char *hidden(const char *entry)
{
	size_t size = sizeof(HIDDEN) + strlen(entry);
	char *copy = malloc(size);

	if (copy)
		snprintf(copy, size, "%s%s", HIDDEN, entry);
	return copy;
}

/* Free what was allocated of a list that is not used. */
static void drop(char **list)
{
	for (size_t i = 0; list[i]; i++)
		if (!is_kept(list[i]))
			free(list[i]);
	free(list);
}

const char *const *environment_withdraw(void)
{
	static const char *const empty[] = {NULL};
	char **before = environ;
	char **after;
	size_t count = 0;
	size_t used = 0;

	while (before && before[count])
		count++;
	after = calloc(count + 1, sizeof(*after));
	for (size_t i = 0; after && i < count; i++) {
		if (is_of_client(before[i]))
			continue;
		after[used] = is_kept(before[i]) ? before[i] : hidden(before[i]);
		if (!after[used++]) {
			drop(after);
			after = NULL;
		}
	}
	if (!after)
		return NULL;
	environ = after;
	return before ? (const char *const *)before : empty;
}

const char *environment_value(const char *name)
{
	char variable[512];
	int length = snprintf(variable, sizeof(variable), "%s%s", HIDDEN, name);
	const char *value = NULL;

	if (length > 0 && (size_t)length < sizeof(variable))
		value = getenv(variable);
	return value ? value : getenv(name);
}
