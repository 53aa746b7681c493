/* What does a .env file say, read as phpdotenv 5 reads it for Laravel? */
#ifndef CASTGATE_CONFIG_DOTENV_H
#define CASTGATE_CONFIG_DOTENV_H

#include "config/source.h"

struct dotenv_entry {
	const char *name;
	const char *value; /* NULL: a name without "=", which unsets it */
	unsigned line;     /* where the entry starts */
};

/* Entries in the order of the file; of two with one name the later one counts. The arena's. */
struct dotenv {
	const char *path;
	struct dotenv_entry *entries;
	size_t count;
};

/* Read the text. False with an error, with file and line, where phpdotenv would throw, and where it
 * would silently drop a value whose quote is not closed. ${NAME} is replaced by what the file said
 * of NAME so far and stays as it is otherwise: other than phpdotenv this never looks at the
 * process's own environment. */
bool dotenv_parse(
    const struct source *source, struct arena *arena, struct report *report, struct dotenv *dotenv);

/* The entry that counts for a name; NULL when there is none or it is unset. */
const struct dotenv_entry *dotenv_find(const struct dotenv *dotenv, const char *name);

#endif
