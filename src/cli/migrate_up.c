/* The verbs of castgate migrate that write: one file after the other, each statement noted beforehand. */
#include "platform.h"
#include "cli/migrate.h"

#include <stdio.h>

#include "base/clock.h"

#define MOST_PROGRESS 300
#define LOCK_WAIT_TIMEOUT 1205 /* of the server; row locks and metadata locks alike */

/* Which statement a watch is about. */
struct waiting {
	struct migrate *migrate;
	const struct migration *file;
	size_t statement;
};

/* On a terminal every second, elsewhere after 2, 4, 8, ... seconds and every minute. */
static void tell_waiting(void *context, unsigned seconds)
{
	const struct waiting *waiting = context;
	const struct teller *teller = &waiting->migrate->teller;
	struct arena *arena = waiting->migrate->arena;
	char line[MOST_PROGRESS]; /* of the stack: there may be one a second for days */

	(void)snprintf(line, sizeof(line), "         %s: statement %zu of %zu, %u s",
	    waiting->file->name, waiting->statement, waiting->file->script.count, seconds);

	if (teller->live)
		teller_progress(teller, line);
	else if (seconds >= 2 && ((seconds & (seconds - 1)) == 0 || seconds % 60 == 0))
		teller_say(teller, line, "waiting",
		    (const struct teller_field[]){{"name", text_of(waiting->file->name)},
		        {"statement", text_of(arena_printf(arena, "%zu", waiting->statement))},
		        {"seconds", text_of(arena_printf(arena, "%u", seconds))}},
		    3);
}

/* What the server said, first kept and then told: once the failure is written down, the console knows
 * another. */
static bool fail_statement(struct migrate *migrate, const struct migration *file, size_t index)
{
	const struct db_error error = *console_error(migrate->console);
	const char *text = arena_printf(migrate->arena, "%s (%u)", error.message, error.code);
	bool noted = !error.unavailable && text &&
	             book_fail(migrate->console, migrate->set.name, file, text);

	teller_complain(&migrate->teller, "%s:%u: statement %zu of %zu: %s (%u)", file->path,
	    file->script.statements[index].line, index + 1, file->script.count, error.message,
	    error.code);
	if (error.code == LOCK_WAIT_TIMEOUT)
		teller_complain(&migrate->teller,
		    "somebody holds the table: a transaction that was not ended, a dump, another "
		    "change; SHOW PROCESSLIST and information_schema.INNODB_TRX name the "
		    "connection");
	teller_complain(&migrate->teller,
	    "%s stays dirty%s; what was done before it stays done. Mend the cause and run this "
	    "again: "
	    "files may be run twice",
	    file->name, noted ? "" : " (the server could not be told why)");
	return false;
}

static bool apply(struct migrate *migrate, const struct migration *file)
{
	const struct clock clock = clock_system();
	int64_t started = clock_monotonic(&clock);
	struct waiting waiting = {.migrate = migrate, .file = file};
	struct console_watch watch = {tell_waiting, &waiting};
	const char *milliseconds;
	bool done;

	if (!book_begin(migrate->console, migrate->set.name, file))
		return migrate_fail(migrate, "cannot write to " BOOK_TABLE);
	for (size_t i = 0; i < file->script.count; i++) {
		waiting.statement = i + 1;
		if (!book_note(migrate->console, migrate->set.name, file, i + 1))
			return migrate_fail(migrate, "cannot write to " BOOK_TABLE);
		done = console_run(migrate->console, file->script.statements[i].sql, &watch, 0,
		    migrate->arena, NULL);
		teller_progress(&migrate->teller, NULL);
		if (!done)
			return fail_statement(migrate, file, i);
	}
	if (!book_end(migrate->console, migrate->set.name, file))
		return migrate_fail(migrate, "cannot write to " BOOK_TABLE);
	milliseconds = arena_printf(
	    migrate->arena, "%lld", (long long)(clock_monotonic(&clock) - started) / 1000);
	teller_say(&migrate->teller,
	    arena_printf(migrate->arena, "applied  %s (%zu statements, %s ms)", file->name,
	        file->script.count, milliseconds ? milliseconds : "?"),
	    "applied",
	    (const struct teller_field[]){{"version", text_of(file->version)},
	        {"name", text_of(file->name)}, {"milliseconds", text_of(milliseconds)}},
	    3);
	return true;
}

/* May we write, and does nobody else? Nothing is written before this is known. */
static bool take_turn(struct migrate *migrate, struct book *book)
{
	bool taken;

	if (migrate->server_is_read_only) {
		teller_complain(&migrate->teller,
		    "the server is read-only: is it a replica? Nothing was written");
		return false;
	}
	if (!book_lock(migrate->console, migrate->arena, &taken))
		return migrate_fail(migrate, "cannot take the lock");
	if (!taken) {
		teller_complain(&migrate->teller,
		    "another castgate migrate works on this database, or the server is still busy "
		    "with a statement of one that was killed: nothing was written");
		return false;
	}
	/* read under the lock, so that it stays true */
	return migrate_read_book(migrate, book);
}

static bool make_book(struct migrate *migrate, const struct book *book)
{
	return book->state == BOOK_OURS || book_create(migrate->console, migrate->arena) ||
	       migrate_fail(migrate, "cannot make the table " BOOK_TABLE);
}

static bool has_changed(struct migrate *migrate, const struct book *book)
{
	bool changed = false;

	for (size_t i = 0; i < migrate->set.count; i++) {
		const struct migration *file = &migrate->set.files[i];

		if (migration_state(file, book_find(book, file->version)) != MIGRATION_CHANGED)
			continue;
		changed = true;
		teller_complain(
		    &migrate->teller, "%s was changed since it was applied", file->path);
	}
	if (changed)
		teller_complain(&migrate->teller, "nothing was written");
	return changed;
}

static void tell_end(struct migrate *migrate, const char *what, size_t count)
{
	const char *digits = arena_printf(migrate->arena, "%zu", count);

	teller_say(&migrate->teller,
	    count ? arena_printf(migrate->arena, "ok       %zu %s", count, what)
	          : "ok       nothing to do",
	    "end",
	    (const struct teller_field[]){{"result", TEXT("ok")}, {"files", text_of(digits)}}, 2);
}

int migrate_up(struct migrate *migrate)
{
	size_t applied = 0;
	struct book book;

	if (!take_turn(migrate, &book) || has_changed(migrate, &book) || !make_book(migrate, &book))
		return CLI_FAILED;
	for (size_t i = 0; i < migrate->set.count; i++) {
		const struct migration *file = &migrate->set.files[i];

		if (migration_state(file, book_find(&book, file->version)) == MIGRATION_APPLIED)
			continue;
		if (!apply(migrate, file))
			return CLI_FAILED;
		applied++;
	}
	tell_end(migrate, "applied", applied);
	return CLI_OK;
}

int migrate_baseline(struct migrate *migrate)
{
	size_t adopted = 0;
	size_t problems;
	struct book book;

	if (!take_turn(migrate, &book) || !migrate_find_problems(migrate, &problems))
		return CLI_FAILED;
	if (problems) {
		teller_complain(&migrate->teller,
		    "the tables are not what the files make: nothing was written");
		return CLI_FAILED;
	}
	if (!make_book(migrate, &book))
		return CLI_FAILED;
	for (size_t i = 0; i < migrate->set.count; i++) {
		const struct migration *file = &migrate->set.files[i];

		if (migration_state(file, book_find(&book, file->version)) == MIGRATION_APPLIED)
			continue;
		if (!book_adopt(migrate->console, migrate->set.name, file)) {
			migrate_fail(migrate, "cannot write to " BOOK_TABLE);
			return CLI_FAILED;
		}
		adopted++;
	}
	tell_end(migrate, "written down as applied", adopted);
	return CLI_OK;
}
