/* What was done to this database, and who may do something now? */
#ifndef CASTGATE_CLI_MIGRATE_BOOK_H
#define CASTGATE_CLI_MIGRATE_BOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "cli/migrate_set.h"
#include "db/console.h"

/* The table of our own; no other tool's name, since those break each other on schema_migrations. */
#define BOOK_TABLE "castgate_migrations"

/* The statement that makes it, and what is sent before: it must not wait long for a lock. */
#define BOOK_PATIENCE "SET SESSION lock_wait_timeout = 5"
extern const char book_create_table[];

/* Zeroed memory is "could not be found out". A foreign table of that name is never written to. */
enum book_state { BOOK_BROKEN, BOOK_ABSENT, BOOK_FOREIGN, BOOK_OURS };

/* One row, about one file. Texts belong to the arena. */
struct book_entry {
	struct text version;
	struct text name;
	struct text sha256;
	bool dirty;                   /* begun and not ended */
	unsigned long long statement; /* the last one sent, from 1; 0: none */
	struct text error;            /* what the server said of it; absent: nothing */
	struct text finished_at;      /* UTC; absent while dirty */
};

struct book {
	enum book_state state;
	struct book_entry *entries;
	size_t count;
};

/* Look at the table and read a set's rows: one query, or two. False as console_run; the book is then
 * broken. */
bool book_read(struct console *console, const char *set, struct arena *arena, struct book *out);

/* The row about a version; NULL when there is none. */
const struct book_entry *book_find(const struct book *book, const char *version);

/* Take the lock of this database, waiting three seconds for one that a killed run still holds. It is the
 * connection's, and this node's alone: other nodes of a Galera cluster do not see it. False as
 * console_run; *taken tells whether nobody else has it. */
bool book_lock(struct console *console, struct arena *arena, bool *taken);

/* Make the table where it lacks. */
bool book_create(struct console *console, struct arena *arena);

/* Write one row; each false as console_ask. A file is begun (dirty), each statement is noted before it is
 * sent, and then the file failed with what the server said, or ended. */
bool book_begin(struct console *console, const char *set, const struct migration *file);
bool book_note(
    struct console *console, const char *set, const struct migration *file, size_t statement);
bool book_fail(
    struct console *console, const char *set, const struct migration *file, const char *error);
bool book_end(struct console *console, const char *set, const struct migration *file);

/* Write down as done what somebody else did. */
bool book_adopt(struct console *console, const char *set, const struct migration *file);

#endif
