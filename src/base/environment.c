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

static bool is_hidden(const char *entry)
{
	return !is_of_client(entry) && !is_kept(entry);
}

/* The list and its strings are one block: whoever grows the list later leaves it in use. */
static size_t block_size(char **entries)
{
	size_t size = sizeof(*entries);

	for (size_t i = 0; entries && entries[i]; i++)
		size += sizeof(*entries) +
		        (is_hidden(entries[i]) ? sizeof(HIDDEN) + strlen(entries[i]) : 0);
	return size;
}

static void fill(char **before, char **after, char *strings)
{
	for (size_t i = 0; before && before[i]; i++) {
		size_t length = strlen(before[i]);

		if (is_kept(before[i])) {
			*after++ = before[i];
		} else if (is_hidden(before[i])) {
			memcpy(strings, HIDDEN, sizeof(HIDDEN) - 1);
			memcpy(strings + sizeof(HIDDEN) - 1, before[i], length + 1);
			*after++ = strings;
			strings += sizeof(HIDDEN) + length;
		}
	}
	*after = NULL;
}

const char *const *environment_withdraw(void)
{
	static const char *const empty[] = {NULL};
	char **before = environ;
	char **after = malloc(block_size(before));
	size_t count = 0;

	if (!after)
		return NULL;
	while (before && before[count])
		count++;
	fill(before, after, (char *)(after + count + 1));
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
