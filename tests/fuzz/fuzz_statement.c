/* db/statement: an accepted text is read again here, token by token as the server's own reader cuts
 * it, and must hold one SELECT and as many '?' as there are names. */
#include "platform.h"
#include "fuzz.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "db/statement.h"

#define ARENA_BYTES (1u << 20)

/* A token of the server's: a word, a number, a quoted run, or one other byte. */
enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_OTHER };

struct token {
	enum token_kind kind;
	struct text text;
};

static bool is_word_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_' || byte == '$' || (byte & 0x80);
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static const char *skip_digits(const char *p)
{
	while (is_digit(*p))
		p++;
	return p;
}

/* The end of an exponent that starts here, else the same place. */
static const char *skip_exponent(const char *p)
{
	const char *digits = p + 1;

	if (*p != 'e' && *p != 'E')
		return p;
	digits += *digits == '+' || *digits == '-';
	return skip_digits(digits) == digits ? p : skip_digits(digits);
}

/* The end of a number, or NULL when the digits begin a name such as 1st. */
static const char *skip_number(const char *p)
{
	const char *end = skip_digits(p);

	if (*end == '.')
		return skip_exponent(skip_digits(end + 1));
	if (skip_exponent(end) != end)
		return skip_exponent(end);
	return is_word_byte(*end) ? NULL : end;
}

static const char *skip_quoted(const char *p)
{
	char quote = *p++;

	while (*p != quote || p[1] == quote) {
		FUZZ_REQUIRE(*p);
		if (*p == quote || (*p == '\\' && quote != '`'))
			p++;
		FUZZ_REQUIRE(*p);
		p++;
	}
	return p + 1;
}

static const char *skip_blanks_and_comments(const char *p)
{
	for (;;) {
		bool dashes = p[0] == '-' && p[1] == '-' &&
		              (isspace((unsigned char)p[2]) || iscntrl((unsigned char)p[2]));

		if (isspace((unsigned char)*p)) {
			p++;
		} else if (*p == '#' || dashes) {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			FUZZ_REQUIRE(p[2] != '!' && strncmp(p + 2, "M!", 2) != 0);
			p = strstr(p + 2, "*/");
			FUZZ_REQUIRE(p);
			p += 2;
		} else {
			return p;
		}
	}
}

/* The next token. Where a name ended just before, a dot with a name behind it goes on with it:
 * whatever the second name spells, it is a column. */
static struct token next_token(const char **at, const char **name_end)
{
	const char *start = skip_blanks_and_comments(*at);
	bool column = start == *name_end && *start == '.' && is_word_byte(start[1]);
	const char *end = NULL;
	enum token_kind kind = TOKEN_OTHER;

	if (!*start)
		return (struct token){TOKEN_END, {start, 0}};
	if (*start == '\'' || *start == '"' || *start == '`')
		end = skip_quoted(start);
	else if (!column && (is_digit(*start) || (*start == '.' && is_digit(start[1]))))
		end = skip_number(start);
	else if (!column && !is_word_byte(*start))
		end = start + 1;
	if (!end) {
		kind = column ? TOKEN_OTHER : TOKEN_WORD;
		for (end = start + column; is_word_byte(*end);)
			end++;
		if (start[0] != '0' || (start[1] != 'x' && start[1] != 'b'))
			*name_end = end; /* no name is a number such as 0x1f */
	} else if (*start == '`') {
		*name_end = end;
	}
	*at = end;
	return (struct token){kind, {start, (size_t)(end - start)}};
}

static bool is_one_of(struct text word, const char *const *words)
{
	while (*words && !text_is_nocase(word, *words))
		words++;
	return *words != NULL;
}

/* No keyword that locks, writes or stores. */
static void check_word(struct text previous, struct text word)
{
	static const char *const never[] = {"INTO", "UPDATE", "DELETE", "CALL", "HANDLER", NULL};
	static const char *const functions[] = {"INSERT", "REPLACE", NULL};

	FUZZ_REQUIRE(!is_one_of(word, never));
	FUZZ_REQUIRE(!is_one_of(word, functions) || word.data[word.length] == '(');
	FUZZ_REQUIRE(!text_is_nocase(previous, "FOR") || !text_is_nocase(word, "SHARE"));
	FUZZ_REQUIRE(!text_is_nocase(previous, "LOCK") || !text_is_nocase(word, "IN"));
}

/* The places of the '?' outside quotes and comments, after checking every token. */
static size_t check_tokens(const char *sql, const char **places, size_t room)
{
	static const char *const starts[] = {"SELECT", "WITH", NULL};
	struct text previous = {0};
	size_t count = 0;
	const char *at = sql;
	const char *name_end = NULL;
	struct token token = next_token(&at, &name_end);

	FUZZ_REQUIRE(token.kind == TOKEN_WORD && is_one_of(token.text, starts));
	for (; token.kind != TOKEN_END; token = next_token(&at, &name_end)) {
		FUZZ_REQUIRE(*token.text.data != ';');
		if (*token.text.data == '?') {
			FUZZ_REQUIRE(count < room);
			places[count++] = token.text.data;
		}
		if (token.kind == TOKEN_WORD) {
			check_word(previous, token.text);
			previous = token.text;
		}
	}
	return count;
}

static void check_name(struct text name)
{
	bool first = true;

	for (size_t i = 0; i < name.length; i++) {
		char byte = name.data[i];

		FUZZ_REQUIRE(is_word_byte(byte) || (byte == '.' && !first));
		FUZZ_REQUIRE(!first || isalpha((unsigned char)byte) || byte == '_');
		first = byte == '.';
	}
	FUZZ_REQUIRE(!first);
}

/* The prepared text with the names in the places of their '?'. */
static const char *restore(const struct statement *statement, struct arena *arena)
{
	const char **places = arena_array(arena, statement->name_count + 1, sizeof(*places));
	struct buffer out = buffer_start(arena);
	const char *at = statement->sql;

	FUZZ_REQUIRE(
	    check_tokens(statement->sql, places, statement->name_count) == statement->name_count);
	for (size_t i = 0; i < statement->name_count; i++) {
		buffer_add(&out, (struct text){at, (size_t)(places[i] - at)});
		buffer_add_byte(&out, ':');
		buffer_add(&out, statement->names[i]);
		at = places[i] + 1;
	}
	buffer_add_string(&out, at);
	return buffer_text(&out).data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	char *sql = fuzz_string(fuzz_text(data, size));
	struct statement statement;
	const char *problem;

	if (statement_parse(sql, arena, &statement, &problem)) {
		FUZZ_REQUIRE(!problem);
		for (size_t i = 0; i < statement.name_count; i++)
			check_name(statement.names[i]);
		FUZZ_REQUIRE(strcmp(restore(&statement, arena), sql) == 0);
	} else {
		FUZZ_REQUIRE(problem && !statement.sql && statement.name_count == 0);
	}
	free(sql);
	arena_free(arena);
	return 0;
}
