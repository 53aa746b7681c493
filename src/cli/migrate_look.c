/* The verbs of castgate migrate that write nothing. */
#include "platform.h"
#include "cli/migrate.h"

#include <stdio.h>

#include "base/buffer.h"

#define MOST_PROBLEMS 10000

static const char *const state_words[] = {
    [MIGRATION_PENDING] = "pending",
    [MIGRATION_APPLIED] = "applied",
    [MIGRATION_DIRTY] = "dirty",
    [MIGRATION_CHANGED] = "changed",
};

enum migration_state migration_state(const struct migration *file, const struct book_entry *entry)
{
	if (!entry)
		return MIGRATION_PENDING;
	/* one that did not get through may have been mended before it is run again */
	if (entry->dirty)
		return MIGRATION_DIRTY;
	return text_is(entry->sha256, file->sha256) ? MIGRATION_APPLIED : MIGRATION_CHANGED;
}

bool migrate_fail(struct migrate *migrate, const char *doing)
{
	const struct db_error *error = console_error(migrate->console);

	teller_complain(&migrate->teller, "%s: %s (%u)", doing, error->message, error->code);
	return false;
}

bool migrate_read_book(struct migrate *migrate, struct book *book)
{
	if (!book_read(migrate->console, migrate->set.name, migrate->arena, book))
		return migrate_fail(migrate, "cannot read " BOOK_TABLE);
	if (book->state != BOOK_FOREIGN)
		return true;
	teller_complain(&migrate->teller,
	    "there is a table " BOOK_TABLE " that is not castgate's: nothing was written");
	return false;
}

/* A row's values, but for NULL, with colons between them. */
static struct text join(struct arena *arena, const struct text *values, size_t count)
{
	struct buffer line = buffer_start(arena);

	for (size_t i = 0; i < count; i++) {
		if (!text_present(values[i]))
			continue;
		if (line.length)
			buffer_add_string(&line, ": ");
		buffer_add(&line, values[i]);
	}
	buffer_add_string(&line, "");
	return buffer_text(&line);
}

/* Run a file of SELECTs and tell every row as one sentence. */
static bool tell_rows(struct migrate *migrate, const char *file, const char *event, size_t *told)
{
	struct script script;
	struct console_rows rows;
	bool there;

	*told = 0;
	if (!migration_set_script(
	        &migrate->set, file, migrate->arena, migrate->report, &there, &script))
		return false;
	for (size_t i = 0; i < script.count; i++) {
		if (!console_run(migrate->console, script.statements[i].sql, NULL, MOST_PROBLEMS,
		        migrate->arena, &rows))
			return migrate_fail(migrate, file);
		for (size_t k = 0; k < rows.row_count; k++) {
			struct text line = join(
			    migrate->arena, rows.values + k * rows.column_count, rows.column_count);

			teller_say(&migrate->teller, line.data, event,
			    &(struct teller_field){"text", line}, 1);
		}
		*told += rows.row_count;
	}
	if (there || event[0] != 'p')
		return true;
	teller_complain(&migrate->teller, "%s has no %s", migrate->set.folder, file);
	return false;
}

bool migrate_find_problems(struct migrate *migrate, size_t *problems)
{
	return tell_rows(migrate, "verify.sql", "problem", problems);
}

int migrate_check(struct migrate *migrate)
{
	size_t problems;
	size_t notes;

	if (!migrate_find_problems(migrate, &problems) ||
	    !tell_rows(migrate, "describe.sql", "note", &notes))
		return CLI_FAILED;
	teller_say(&migrate->teller, problems ? NULL : "ok", "end",
	    &(struct teller_field){"result", text_of(problems ? "problems" : "ok")}, 1);
	return problems ? CLI_FAILED : CLI_OK;
}

/* One line about a file; the state's word first, so that lines sort by it. */
static void tell_file(struct migrate *migrate, const struct migration *file,
    enum migration_state state, const struct book_entry *entry)
{
	const char *statement =
	    entry && entry->dirty ? arena_printf(migrate->arena, "%llu", entry->statement) : NULL;
	struct text error = entry ? entry->error : (struct text){0};
	const char *line = arena_printf(migrate->arena, "%-8s %s%s%s%s%.*s", state_words[state],
	    file->name, statement ? ": stopped at statement " : "", statement ? statement : "",
	    text_present(error) ? ": " : "", (int)error.length, error.data ? error.data : "");

	teller_say(&migrate->teller, line, "file",
	    (const struct teller_field[]){{"version", text_of(file->version)},
	        {"name", text_of(file->name)}, {"state", text_of(state_words[state])},
	        {"sha256", text_of(file->sha256)},
	        {"finished_at", entry ? entry->finished_at : (struct text){0}},
	        {"statement", text_of(statement)}, {"error", error}},
	    7);
}

static bool has_file(const struct migration_set *set, const struct book_entry *entry)
{
	for (size_t i = 0; i < set->count; i++)
		if (text_is(entry->version, set->files[i].version))
			return true;
	return false;
}

/* Rows about files that this folder does not have: an older copy of the folder? */
static size_t tell_missing(struct migrate *migrate, const struct book *book)
{
	size_t missing = 0;

	for (size_t i = 0; i < book->count; i++) {
		const struct book_entry *entry = &book->entries[i];

		if (has_file(&migrate->set, entry))
			continue;
		missing++;
		teller_say(&migrate->teller,
		    arena_printf(migrate->arena, "%-8s %.*s", "missing", (int)entry->name.length,
		        entry->name.data),
		    "file",
		    (const struct teller_field[]){{"version", entry->version},
		        {"name", entry->name}, {"state", TEXT("missing")},
		        {"sha256", entry->sha256}, {"finished_at", entry->finished_at}},
		    5);
	}
	return missing;
}

int migrate_status(struct migrate *migrate)
{
	bool done = true;
	struct book book;

	if (!migrate_read_book(migrate, &book))
		return CLI_FAILED;
	for (size_t i = 0; i < migrate->set.count; i++) {
		const struct migration *file = &migrate->set.files[i];
		const struct book_entry *entry = book_find(&book, file->version);
		enum migration_state state = migration_state(file, entry);

		tell_file(migrate, file, state, entry);
		done = done && state == MIGRATION_APPLIED;
	}
	done = tell_missing(migrate, &book) == 0 && done;
	teller_say(&migrate->teller, NULL, "end",
	    &(struct teller_field){"result", text_of(done ? "ok" : "problems")}, 1);
	return done ? CLI_OK : CLI_FAILED;
}

int migrate_verify(struct migrate *migrate)
{
	struct book book;
	size_t wrong;

	if (!migrate_read_book(migrate, &book))
		return CLI_FAILED;
	wrong = tell_missing(migrate, &book);
	for (size_t i = 0; i < migrate->set.count; i++) {
		const struct migration *file = &migrate->set.files[i];
		const struct book_entry *entry = book_find(&book, file->version);
		enum migration_state state = migration_state(file, entry);

		if (state != MIGRATION_DIRTY && state != MIGRATION_CHANGED)
			continue;
		tell_file(migrate, file, state, entry);
		wrong++;
	}
	if (!wrong && book.count == 0) {
		teller_complain(&migrate->teller, "nothing of %s is written down in " BOOK_TABLE,
		    migrate->set.name);
		return CLI_FAILED;
	}
	teller_say(&migrate->teller, wrong ? NULL : "ok", "end",
	    &(struct teller_field){"result", text_of(wrong ? "problems" : "ok")}, 1);
	return wrong ? CLI_FAILED : CLI_OK;
}

static void tell_statement(
    struct migrate *migrate, const char *file, size_t number, struct text sql)
{
	teller_say(&migrate->teller,
	    arena_printf(migrate->arena, "%.*s;\n", (int)sql.length, sql.data), "statement",
	    (const struct teller_field[]){{"file", text_of(file)},
	        {"number", text_of(arena_printf(migrate->arena, "%zu", number))}, {"sql", sql}},
	    3);
}

int migrate_plan(struct migrate *migrate)
{
	struct book book = {.state = BOOK_ABSENT};

	if (migrate->console && !migrate_read_book(migrate, &book))
		return CLI_FAILED;
	if (book.state == BOOK_ABSENT) {
		tell_statement(migrate, BOOK_TABLE, 1, TEXT(BOOK_PATIENCE));
		tell_statement(migrate, BOOK_TABLE, 2, text_of(book_create_table));
	}
	for (size_t i = 0; i < migrate->set.count; i++) {
		const struct migration *file = &migrate->set.files[i];
		enum migration_state state = migration_state(file, book_find(&book, file->version));

		if (state == MIGRATION_APPLIED)
			continue;
		if (state == MIGRATION_CHANGED) {
			teller_complain(
			    &migrate->teller, "%s was changed since it was applied", file->path);
			return CLI_FAILED;
		}
		if (!migrate->teller.json)
			printf("-- %s, SHA-256 %s\n", file->path, file->sha256);
		for (size_t k = 0; k < file->script.count; k++)
			tell_statement(migrate, file->name, k + 1, file->script.statements[k].sql);
	}
	teller_say(&migrate->teller, NULL, "end", &(struct teller_field){"result", TEXT("ok")}, 1);
	return CLI_OK;
}

int migrate_down(struct migrate *migrate)
{
	for (size_t i = migrate->set.count; i-- > 0;) {
		const char *path =
		    migration_down_path(&migrate->set, &migrate->set.files[i], migrate->arena);

		teller_say(&migrate->teller, path, "down",
		    &(struct teller_field){"path", text_of(path)}, 1);
	}
	teller_complain(&migrate->teller,
	    "nothing was done: these files drop tables with all their rows. Take a dump, then run "
	    "those you mean by hand, in this order");
	return CLI_FAILED;
}
