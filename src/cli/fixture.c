/* Statements of two forms, recognized by their first words alone; all else is refused unread. */
#include "platform.h"
#include "cli/fixture.h"

#include <string.h>

#include "base/ascii.h"
#include "config/source.h"
#include "db/console.h"
#include "db/script.h"

/* In a read-only transaction a server lets rows go into temporary tables and nowhere else, but makes none. */
#define READ_ONLY "SET SESSION TRANSACTION READ ONLY"
#define READ_WRITE "SET SESSION TRANSACTION READ WRITE"

/* The next word or name of a statement; empty at anything else. */
static struct text take_word(struct text *rest)
{
	struct text word;

	*rest = text_trim(*rest);
	word = (struct text){rest->data, 0};
	while (word.length < rest->length && ascii_is_word(rest->data[word.length], "_$"))
		word.length++;
	*rest = text_skip(*rest, word.length);
	return word;
}

static bool takes(struct text *rest, const char *word)
{
	return text_is_nocase(take_word(rest), word);
}

/* `name` or name, and neither of another database nor a part of something else. */
static struct text take_name(struct text *rest)
{
	struct text name;
	bool quoted;

	*rest = text_trim(*rest);
	quoted = rest->length && rest->data[0] == '`';
	if (quoted)
		*rest = text_skip(*rest, 1);
	name = take_word(rest);
	if (quoted) {
		if (!rest->length || rest->data[0] != '`')
			return (struct text){0};
		*rest = text_skip(*rest, 1);
	}
	/* a blank or a bracket ends it; "." names another database, and "/" may begin a comment that
	 * servers execute */
	if (rest->length && !strchr(" \t\r\n(", rest->data[0]))
		return (struct text){0};
	return name.length ? name : (struct text){0};
}

/* The table that is made, or absent. */
static struct text made_by(struct text sql)
{
	return takes(&sql, "CREATE") && takes(&sql, "TEMPORARY") && takes(&sql, "TABLE")
	           ? take_name(&sql)
	           : (struct text){0};
}

/* Servers end a number before the word that is glued to it, as in "1.5SELECT". */
static struct text behind_digits(struct text word)
{
	size_t at = word.length;

	while (at > 0 && !ascii_is_digit(word.data[at - 1]))
		at--;
	return text_skip(word, at);
}

/* Which of these a server executes depends on its kind and version. */
static bool is_executed_comment(struct text rest)
{
	return text_starts_with(rest, "/*!") || text_starts_with(rest, "/*M!");
}

/* Does it, or may it, ask for rows as well? What it asks could change something: a CREATE may write, an INSERT here
 * may not. Looked for everywhere, in quotes and comments, too. */
static bool may_ask(struct text sql)
{
	static const char *const words[] = {
	    "SELECT", "VALUES", "TABLE", "WITH", "UNION", "CONNECTION", "ENGINE"};

	/* the words of CREATE TEMPORARY TABLE itself */
	for (int i = 0; i < 3; i++)
		(void)take_word(&sql);
	while (sql.length) {
		struct text word = behind_digits(take_word(&sql));

		if (is_executed_comment(sql))
			return true;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (text_is_nocase(word, words[i]))
				return true;
		if (!word.length && sql.length)
			sql = text_skip(sql, 1);
	}
	return false;
}

static struct text filled_by(struct text sql)
{
	return takes(&sql, "INSERT") && takes(&sql, "INTO") ? take_name(&sql) : (struct text){0};
}

/* Names are compared byte for byte, which is stricter than any server. */
static bool is_made_before(const struct script *script, size_t index, struct text name)
{
	for (size_t i = 0; i < index; i++)
		if (text_equal(made_by(script->statements[i].sql), name))
			return true;
	return false;
}

static bool check_statement(
    const struct script *script, size_t index, const char *path, struct report *report)
{
	const struct script_statement *statement = &script->statements[index];
	struct origin origin = {path, statement->line};
	struct text filled = filled_by(statement->sql);

	/* "IF" would be the name: a table that is there already may be no temporary one */
	if (text_present(made_by(statement->sql)) &&
	    !text_is_nocase(made_by(statement->sql), "IF") && !may_ask(statement->sql))
		return true;
	if (text_present(filled) && is_made_before(script, index, filled))
		return true;
	report_add(report, REPORT_ERROR, origin, "%s",
	    text_present(filled)
	        ? "rows go only into temporary tables that this file has made before"
	        : "a fixture consists of CREATE TEMPORARY TABLE NAME, with columns and keys, and "
	          "INSERT INTO NAME alone");
	return false;
}

static bool read_script(
    const char *path, struct arena *arena, struct report *report, struct script *script)
{
	struct source source;
	const char *problem;
	bool ok = true;

	if (!source_read(path, (struct origin){path, 1}, arena, report, &source) ||
	    !source_is_text(&source, report))
		return false;
	if (!script_split((struct text){source.text, source.length}, arena, script, &problem)) {
		report_add(report, REPORT_ERROR, (struct origin){path, 1}, "%s", problem);
		return false;
	}
	for (size_t i = 0; i < script->count; i++)
		ok = check_statement(script, i, path, report) && ok;
	return ok;
}

static void add(struct fixture *fixture, struct text sql, unsigned line)
{
	fixture->statements[fixture->count] = sql;
	fixture->lines[fixture->count++] = line;
}

bool fixture_read(const char *path, struct arena *arena, struct report *report, struct fixture *out)
{
	struct script script = {0};

	*out = (struct fixture){0};
	if (path && !read_script(path, arena, report, &script))
		return false;
	/* each with what it may do before it, and that for the rules at the end */
	out->statements = arena_array(arena, 2 * script.count + 1, sizeof(*out->statements));
	out->lines = arena_array(arena, 2 * script.count + 1, sizeof(*out->lines));
	if (!out->statements || !out->lines) {
		report_add(report, REPORT_ERROR, (struct origin){path, 1}, "out of memory");
		return false;
	}
	for (size_t i = 0; i < script.count; i++) {
		struct text sql = script.statements[i].sql;

		add(out, text_present(made_by(sql)) ? TEXT(READ_WRITE) : TEXT(READ_ONLY),
		    script.statements[i].line);
		add(out, sql, script.statements[i].line);
	}
	add(out, TEXT(READ_ONLY), 0);
	return true;
}

bool fixture_try(const struct fixture *fixture, const char *path,
    const struct config_database *settings, struct arena *arena, struct report *report)
{
	struct db_error error = {0};
	struct console *console = console_open(settings, &error);
	bool ok = console != NULL;

	if (!console)
		report_add(
		    report, REPORT_ERROR, settings->origin, "cannot connect: %s", error.message);
	for (size_t i = 0; ok && i < fixture->count; i++) {
		ok = console_run(console, fixture->statements[i], NULL, 0, arena, NULL);
		if (!ok)
			report_add(report, REPORT_ERROR, (struct origin){path, fixture->lines[i]},
			    "the database says: %s", console_error(console)->message);
	}
	console_close(console);
	return ok;
}
