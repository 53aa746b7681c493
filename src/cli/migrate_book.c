/* Every statement about castgate_migrations. */
#include "platform.h"
#include "cli/migrate_book.h"

#include <stdio.h>
#include <string.h>

#define MOST_ROWS 2000

const char book_create_table[] =
    "CREATE TABLE IF NOT EXISTS " BOOK_TABLE " (\n"
    "\tset_name VARCHAR(64) NOT NULL,\n"
    "\tversion BIGINT UNSIGNED NOT NULL,\n"
    "\tname VARCHAR(200) NOT NULL,\n"
    "\tsha256 CHAR(64) NOT NULL,\n"
    "\tstarted_at DATETIME(3) NOT NULL,\n"
    "\tfinished_at DATETIME(3) NULL DEFAULT NULL,\n"
    "\tdirty TINYINT UNSIGNED NOT NULL,\n"
    "\tstatement INT UNSIGNED NOT NULL,\n"
    "\terror VARCHAR(512) NULL DEFAULT NULL,\n"
    "\tPRIMARY KEY (set_name, version)\n"
    ") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT=DYNAMIC";

/* One text that is the same for every table we made. */
#define SHAPE                                                                                      \
	"SELECT CONCAT_WS(' ', MAX(t.TABLE_TYPE), MAX(t.ENGINE),"                                  \
	" GROUP_CONCAT(c.COLUMN_NAME, '=', c.DATA_TYPE, '=', c.COLUMN_KEY"                         \
	" ORDER BY c.ORDINAL_POSITION SEPARATOR ' '))"                                             \
	" FROM information_schema.TABLES t JOIN information_schema.COLUMNS c"                      \
	" ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME"                      \
	" WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = '" BOOK_TABLE "'"

static const char our_shape[] =
    "BASE TABLE InnoDB set_name=varchar=PRI version=bigint=PRI name=varchar= sha256=char= "
    "started_at=datetime= finished_at=datetime= dirty=tinyint= statement=int= error=varchar=";

static struct value text_value(const char *text)
{
	return (struct value){VALUE_TEXT, text_of(text)};
}

static struct value version_value(const struct migration *file)
{
	return (struct value){VALUE_INTEGER, text_of(file->version)};
}

static bool look(struct console *console, struct arena *arena, enum book_state *state)
{
	struct console_rows rows;

	*state = BOOK_BROKEN;
	if (!console_run(console, TEXT(SHAPE), NULL, 1, arena, &rows))
		return false;
	if (rows.row_count == 0 || rows.values[0].length == 0)
		*state = BOOK_ABSENT;
	else
		*state = text_is(rows.values[0], our_shape) ? BOOK_OURS : BOOK_FOREIGN;
	return true;
}

static struct book_entry entry_of(const struct value *columns)
{
	uint64_t statement = 0;

	(void)text_to_u64(columns[4].text, TEXT_DIGITS_ANY, &statement);
	return (struct book_entry){.version = columns[0].text,
	    .name = columns[1].text,
	    .sha256 = columns[2].text,
	    .dirty = !text_is(columns[3].text, "0"),
	    .statement = statement,
	    .error = columns[5].text,
	    .finished_at = columns[6].text};
}

bool book_read(struct console *console, const char *set, struct arena *arena, struct book *out)
{
	const struct value parameters[] = {text_value(set)};
	struct db_rows rows;
	enum book_state state;

	*out = (struct book){0};
	if (!look(console, arena, &state))
		return false;
	if (state != BOOK_OURS) {
		out->state = state;
		return true;
	}
	if (!console_ask(console,
	        "SELECT version, name, sha256, dirty, statement, error, finished_at"
	        " FROM " BOOK_TABLE " WHERE set_name = ? ORDER BY version",
	        parameters, 1, MOST_ROWS, arena, &rows))
		return false;
	out->entries = arena_array(arena, rows.row_count + 1, sizeof(*out->entries));
	if (!out->entries)
		return false;
	for (; out->count < rows.row_count; out->count++)
		out->entries[out->count] = entry_of(rows.values + out->count * rows.column_count);
	out->state = state;
	return true;
}

const struct book_entry *book_find(const struct book *book, const char *version)
{
	for (size_t i = 0; i < book->count; i++)
		if (text_is(book->entries[i].version, version))
			return &book->entries[i];
	return NULL;
}

bool book_lock(struct console *console, struct arena *arena, bool *taken)
{
	struct console_rows rows;

	/* names of locks are the whole server's, and MySQL's have at most 64 characters */
	*taken = false;
	if (!console_run(console,
	        TEXT("SELECT GET_LOCK(CONCAT('castgate_migrate.',"
	             " IF(CHAR_LENGTH(DATABASE()) <= 47, DATABASE(),"
	             " LEFT(SHA2(DATABASE(), 256), 47))), 3)"),
	        NULL, 1, arena, &rows))
		return false;
	*taken = rows.row_count == 1 && text_is(rows.values[0], "1");
	return true;
}

bool book_create(struct console *console, struct arena *arena)
{
	return console_run(console, TEXT(BOOK_PATIENCE), NULL, 0, arena, NULL) &&
	       console_run(console, text_of(book_create_table), NULL, 0, arena, NULL);
}

bool book_begin(struct console *console, const char *set, const struct migration *file)
{
	const struct value parameters[] = {
	    text_value(set), version_value(file), text_value(file->name), text_value(file->sha256)};

	return console_ask(console,
	    "INSERT INTO " BOOK_TABLE
	    " (set_name, version, name, sha256, started_at, dirty, statement)"
	    " VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3), 1, 0)"
	    " ON DUPLICATE KEY UPDATE name = VALUES(name), sha256 = VALUES(sha256),"
	    " started_at = VALUES(started_at), finished_at = NULL, dirty = 1, statement = 0,"
	    " error = NULL",
	    parameters, 4, 0, NULL, NULL);
}

bool book_note(
    struct console *console, const char *set, const struct migration *file, size_t statement)
{
	char digits[TEXT_U64_BYTES];
	const struct value parameters[] = {
	    {VALUE_INTEGER, {digits, (size_t)snprintf(digits, sizeof(digits), "%zu", statement)}},
	    text_value(set), version_value(file)};

	return console_ask(console,
	    "UPDATE " BOOK_TABLE " SET statement = ? WHERE set_name = ? AND version = ?",
	    parameters, 3, 0, NULL, NULL);
}

bool book_fail(
    struct console *console, const char *set, const struct migration *file, const char *error)
{
	const struct value parameters[] = {text_value(error), text_value(set), version_value(file)};

	return console_ask(console,
	    "UPDATE " BOOK_TABLE " SET error = LEFT(?, 512) WHERE set_name = ? AND version = ?",
	    parameters, 3, 0, NULL, NULL);
}

bool book_end(struct console *console, const char *set, const struct migration *file)
{
	const struct value parameters[] = {text_value(set), version_value(file)};

	return console_ask(console,
	    "UPDATE " BOOK_TABLE " SET finished_at = UTC_TIMESTAMP(3), dirty = 0, error = NULL"
	    " WHERE set_name = ? AND version = ?",
	    parameters, 2, 0, NULL, NULL);
}

bool book_adopt(struct console *console, const char *set, const struct migration *file)
{
	const struct value parameters[] = {
	    text_value(set), version_value(file), text_value(file->name), text_value(file->sha256)};

	return console_ask(console,
	    "INSERT INTO " BOOK_TABLE
	    " (set_name, version, name, sha256, started_at, finished_at, dirty, statement)"
	    " VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 0, 0)"
	    " ON DUPLICATE KEY UPDATE name = VALUES(name), sha256 = VALUES(sha256),"
	    " finished_at = VALUES(finished_at), dirty = 0, error = NULL",
	    parameters, 4, 0, NULL, NULL);
}
