/* What do all verbs of castgate migrate work with? */
#ifndef CASTGATE_CLI_MIGRATE_H
#define CASTGATE_CLI_MIGRATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/report.h"
#include "cli/command.h"
#include "cli/migrate_book.h"
#include "cli/migrate_set.h"
#include "cli/teller.h"
#include "db/console.h"

/* As given on the command line; NULL where not given. No password is ever among them. */
struct migrate_options {
	const char *config_path;
	const char *set;
	const char *directory;
	const char *user;
	const char *password_file; /* "-": standard input */
	bool offline;
	bool json;
};

struct migrate {
	const struct migrate_options *options;
	struct teller teller;
	struct migration_set set;
	struct config *config;   /* NULL offline */
	struct console *console; /* NULL offline */
	bool server_is_read_only;
	struct arena *arena;
	struct report *report;
};

/* What is known of a file. Zeroed memory is to be done. */
enum migration_state { MIGRATION_PENDING, MIGRATION_APPLIED, MIGRATION_DIRTY, MIGRATION_CHANGED };

/* `entry` may be NULL. */
enum migration_state migration_state(const struct migration *file, const struct book_entry *entry);

/* The verbs; each returns an exit status, having told why it is not CLI_OK. */
int migrate_check(struct migrate *migrate);    /* run verify.sql; writes nothing */
int migrate_status(struct migrate *migrate);   /* CLI_FAILED also when something is to be done */
int migrate_plan(struct migrate *migrate);     /* print what `up` would send, and send none of it */
int migrate_up(struct migrate *migrate);       /* do it */
int migrate_baseline(struct migrate *migrate); /* after migrate_check: write it down as done */
int migrate_verify(struct migrate *migrate);   /* are the files those that were applied? */
int migrate_down(struct migrate *migrate);     /* print paths; always CLI_FAILED */

/* Run verify.sql; *problems: how many rows it had, each told. False with the reason told. */
bool migrate_find_problems(struct migrate *migrate, size_t *problems);

/* Read the book, which is nobody else's. False with the reason told. */
bool migrate_read_book(struct migrate *migrate, struct book *book);

/* Tell the console's last error, and what was being done; returns false. */
bool migrate_fail(struct migrate *migrate, const char *doing);

#endif
