/* Which directives exist, where do they stand, what do they fill, and what are their defaults? */
#ifndef CASTGATE_CONFIG_DIRECTIVE_H
#define CASTGATE_CONFIG_DIRECTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

enum section {
	SECTION_TOP,
	SECTION_APP,
	SECTION_DATABASE,
	SECTION_CREDENTIAL,
	SECTION_OWNER,
	SECTION_ENDPOINT,
	SECTION_THROTTLE,
	SECTION_CHANNEL,
	SECTION_DENY,
	SECTION_COUNT
};

/* What a directive's value is, and the C type of the field it fills. */
enum directive_type {
	TYPE_SECTION,     /* no value: the name opens a section */
	TYPE_INCLUDE,     /* include("FILE") */
	TYPE_TEXT,        /* const char *, NULL when empty */
	TYPE_WORD,        /* const char *, one of `words` */
	TYPE_CHOICE,      /* an enum, the place of the word in `words` */
	TYPE_BOOLEAN,     /* bool */
	TYPE_NUMBER,      /* unsigned, within the limits */
	TYPE_LIMIT,       /* unsigned, within the limits, or "off", which is 0 */
	TYPE_DURATION,    /* unsigned milliseconds, within the limits */
	TYPE_TOUCH,       /* int64_t seconds, or "off" */
	TYPE_AGE,         /* int64_t seconds; the limits are seconds, too */
	TYPE_SIZE,        /* size_t bytes, within the limits */
	TYPE_PATH,        /* const char *, a relative one made absolute; "words" are kept */
	TYPE_KEY,         /* const char *, may be file: or env: */
	TYPE_SECRET,      /* as TYPE_KEY, and never shown */
	TYPE_MASTER_KEY,  /* 32 bytes from a secret in base64 */
	TYPE_LIST,        /* struct config_list */
	TYPE_SECRETS,     /* struct config_list of secrets */
	TYPE_PAIRS,       /* struct config_pair * and a count: "NAME" or "NAME = VALUE" */
	TYPE_KINDS,       /* unsigned bits of enum channel_kind */
	TYPE_APP,         /* const struct config_app *, by name */
	TYPE_CREDENTIALS, /* const struct config_credential ** and a count, by name */
	TYPE_COUNT
};

/* One row of the table from which the parser, the defaults, `castgate show-config` and the check of
 * the manual all come. Offsets are in the struct of the row's section (struct config for the top).
 * An offset of 0 means "none" but for `offset` itself. */
struct directive {
	enum section section;
	const char *name;
	enum directive_type type;
	const char *fallback; /* the default as it would be written; NULL: none */
	const char *meaning;  /* one line, no full stop */
	size_t offset;
	size_t count_offset;  /* of a size_t */
	size_t origin_offset; /* of a struct origin that remembers where the value stands */
	const char *words;    /* the closed set, separated by '|' */
	const char *kind;     /* the credential kinds that have it, separated by '|'; NULL: all */
	unsigned minimum;
	unsigned maximum;
	bool required;
	/* NULL when one value is well-formed, else how it must be ("must be ..."). */
	const char *(*problem)(const char *value);
};

/* What a section is: where it stands and which struct it fills. */
struct section_row {
	const char *name;
	enum section parent;
	bool titled;         /* and may be repeated under other titles */
	size_t size;         /* of the struct; its first member is its origin */
	size_t title_offset; /* of a const char * */
	size_t offset; /* in the parent's struct: of the struct, or of a pointer to an array */
	size_t count_offset; /* of the array's size_t count */
	const char *(*title_problem)(const char *title);
};

const struct section_row *section_row(enum section section);

/* The rows of one section, in the order of the manual. Returns their number. */
size_t directive_rows(enum section section, const struct directive **rows);

/* The row of a name in a section; NULL when there is none. */
const struct directive *directive_find(enum section section, const char *name);

/* The section that a TYPE_SECTION row opens. */
enum section directive_opens(const struct directive *directive);

/* True for types whose values must not be seen. */
bool directive_is_secret(const struct directive *directive);

/* True for types that take a list. */
bool directive_is_list(const struct directive *directive);

/* True when a credential of this kind has the directive. */
bool directive_of_kind(const struct directive *directive, const char *kind);

/* "a|b|c" for a message, with another separator. Never NULL. */
const char *words_listed(const char *words, const char *separator, struct arena *arena);

/* The place of `word` in "a|b|c", or -1. */
int words_index(const char *words, const char *word);

/* The word at a place in "a|b|c", as a piece of that text; absent beyond the last. */
struct text words_at(const char *words, size_t index);

#endif
