/* A recognizer of one narrow form of SELECT: what it does not know for certain is not plain. */
#include "platform.h"
#include "db/plain_select.h"

#include <string.h>

#include "base/buffer.h"

#define MAX_NAMES 64
#define MAX_TABLES 16
#define MAX_COLUMNS 48

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_LITERAL, TOKEN_PARAMETER, TOKEN_SIGN, TOKEN_OTHER };

/* `text` is the token as written; a parameter's is its name. */
struct token {
	enum token_kind kind;
	bool quoted; /* in backticks: never a keyword */
	struct text text;
};

/* "a.column" as written. */
struct column {
	struct text table;
	struct text name;
};

struct item {
	struct column column;
	struct text name; /* under which it comes back */
};

struct reader {
	struct text rest;
	struct token next;
	struct text subject;
	struct item items[MAX_COLUMNS];
	size_t item_count;
	struct text tables[MAX_TABLES]; /* their aliases */
	size_t table_count;
	struct column used[MAX_NAMES]; /* columns in conditions */
	size_t used_count;
	struct column subjects[MAX_NAMES]; /* columns that are set equal to the subject */
	size_t subject_count;
	struct text names[MAX_NAMES];
	size_t name_count;
	struct buffer columns;
	struct buffer from;
	struct buffer conditions;
};

static bool is_letter(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* How many of the first bytes belong to a word; a dot is none of them. */
static size_t word_length(struct text text)
{
	size_t length = 0;

	while (
	    length < text.length && (is_letter(text.data[length]) || is_digit(text.data[length])))
		length++;
	return length;
}

/* A name in backticks or a text in quotes, of printable ASCII and without any escape; 0 otherwise. */
static size_t quoted_length(struct text text)
{
	char quote = text.data[0];

	for (size_t i = 1; i < text.length; i++) {
		char byte = text.data[i];

		if (byte == quote) /* doubled, it would go on */
			return i > 1 && (i + 1 == text.length || text.data[i + 1] != quote) ? i + 1
			                                                                    : 0;
		if (byte < ' ' || byte > '~' || byte == '\\')
			return 0;
	}
	return 0;
}

/* A parameter's name after the colon: words with dots between them, as statement_parse reads it. */
static size_t parameter_length(struct text text)
{
	size_t length = word_length(text);

	while (length + 1 < text.length && text.data[length] == '.' &&
	       is_letter(text.data[length + 1]))
		length += 1 + word_length(text_skip(text, length + 1));
	return length;
}

static struct token token_of(enum token_kind kind, struct text rest, size_t length)
{
	return (struct token){length ? kind : TOKEN_OTHER, false, {rest.data, length ? length : 1}};
}

static struct token read_sign(struct text rest)
{
	static const char *const signs[] = {"<>", "!=", "<=", ">=", "=", "<", ">", ",", "."};

	/* "<=>" knows no NULL */
	if (!text_starts_with(rest, "<=>"))
		for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
			if (text_starts_with(rest, signs[i]))
				return token_of(TOKEN_SIGN, rest, strlen(signs[i]));
	return token_of(TOKEN_OTHER, rest, 1);
}

/* Take the next token into reader->next. */
static void advance(struct reader *reader)
{
	struct text rest;
	struct token token = {TOKEN_END, false, {"", 0}};

	while (reader->rest.length && is_blank(reader->rest.data[0]))
		reader->rest = text_skip(reader->rest, 1);
	rest = reader->rest;
	if (!rest.length) {
		reader->next = token;
		return;
	}
	if (is_letter(rest.data[0])) {
		token = token_of(TOKEN_NAME, rest, word_length(rest));
	} else if (rest.data[0] == '`') {
		token = token_of(TOKEN_NAME, rest, quoted_length(rest));
		token.quoted = true;
	} else if (rest.data[0] == '\'') {
		token = token_of(TOKEN_LITERAL, rest, quoted_length(rest));
	} else if (is_digit(rest.data[0])) {
		token = token_of(TOKEN_LITERAL, rest, word_length(rest));
		for (size_t i = 0; i < token.text.length; i++)
			if (!is_digit(token.text.data[i]))
				token.kind = TOKEN_OTHER;
	} else if (rest.data[0] == ':') {
		rest = text_skip(rest, 1);
		token = token_of(TOKEN_PARAMETER, rest,
		    rest.length && is_letter(rest.data[0]) ? parameter_length(rest) : 0);
	} else {
		token = read_sign(rest);
	}
	reader->next = token;
	reader->rest = token.kind == TOKEN_OTHER ? rest : text_skip(rest, token.text.length);
}

static bool at_word(const struct reader *reader, const char *word)
{
	return reader->next.kind == TOKEN_NAME && !reader->next.quoted &&
	       text_is_nocase(reader->next.text, word);
}

static bool take_word(struct reader *reader, const char *word)
{
	bool there = at_word(reader, word);

	if (there)
		advance(reader);
	return there;
}

static bool take_sign(struct reader *reader, const char *sign)
{
	bool there = reader->next.kind == TOKEN_SIGN && text_is(reader->next.text, sign);

	if (there)
		advance(reader);
	return there;
}

/* Words that stand where a name could and are none, or make what follows something else. */
static bool is_reserved(const struct token *token)
{
	static const char *const words[] = {"SELECT", "DISTINCT", "DISTINCTROW", "ALL", "FROM",
	    "AS", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "NATURAL",
	    "STRAIGHT_JOIN", "LATERAL", "ON", "USING", "WHERE", "AND", "OR", "XOR", "NOT", "IS",
	    "NULL", "IN", "LIKE", "BETWEEN", "REGEXP", "RLIKE", "COLLATE", "BINARY", "ORDER",
	    "GROUP", "BY", "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW", "PROCEDURE",
	    "FOR", "FORCE", "USE", "IGNORE", "PARTITION", "TABLE", "VALUES", "WITH", "CASE",
	    "EXISTS", "ANY", "SOME", "TABLESAMPLE", "OFFSET", "FETCH", "INTO", "LOCK", "DIV", "MOD",
	    "TRUE", "FALSE", "UNKNOWN", "INTERVAL"};

	for (size_t i = 0; !token->quoted && i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is_nocase(token->text, words[i]))
			return true;
	return false;
}

static bool take_name(struct reader *reader, struct text *name)
{
	if (reader->next.kind != TOKEN_NAME || is_reserved(&reader->next))
		return false;
	*name = reader->next.text;
	advance(reader);
	return true;
}

static bool take_column(struct reader *reader, struct column *column)
{
	return take_name(reader, &column->table) && take_sign(reader, ".") &&
	       take_name(reader, &column->name);
}

static void add_column(struct buffer *buffer, const struct column *column)
{
	buffer_add(buffer, column->table);
	buffer_add_byte(buffer, '.');
	buffer_add(buffer, column->name);
}

/* A name without its backticks. */
static struct text bare(struct text name)
{
	if (name.length > 2 && name.data[0] == '`')
		return (struct text){name.data + 1, name.length - 2};
	return name;
}

static bool read_item(struct reader *reader)
{
	struct item *item = &reader->items[reader->item_count];

	if (reader->item_count == MAX_COLUMNS || !take_column(reader, &item->column))
		return false;
	item->name = item->column.name;
	if (reader->item_count++)
		buffer_add_string(&reader->columns, ", ");
	add_column(&reader->columns, &item->column);
	if (take_word(reader, "AS")) {
		if (!take_name(reader, &item->name))
			return false;
		buffer_add_string(&reader->columns, " AS ");
		buffer_add(&reader->columns, item->name);
	}
	item->name = bare(item->name);
	return true;
}

/* "table", "schema.table", and perhaps an alias. The aliases of the other SELECT begin with castgate_. */
static bool read_table(struct reader *reader)
{
	struct text alias;
	struct text name;

	if (reader->table_count == MAX_TABLES || !take_name(reader, &name))
		return false;
	buffer_add(&reader->from, name);
	alias = name;
	if (take_sign(reader, ".")) {
		if (!take_name(reader, &alias))
			return false;
		buffer_add_byte(&reader->from, '.');
		buffer_add(&reader->from, alias);
	}
	if (take_word(reader, "AS") ||
	    (reader->next.kind == TOKEN_NAME && !is_reserved(&reader->next))) {
		if (!take_name(reader, &alias))
			return false;
		buffer_add_byte(&reader->from, ' ');
		buffer_add(&reader->from, alias);
	}
	if (bare(alias).length >= 9 &&
	    text_is_nocase((struct text){bare(alias).data, 9}, "castgate_"))
		return false;
	reader->tables[reader->table_count++] = alias;
	return true;
}

/* One side of a comparison. A column, a literal, or a parameter, which may be the subject. */
struct operand {
	bool is_column;
	bool is_subject;
	struct column column;
};

static bool read_operand(struct reader *reader, struct operand *operand)
{
	*operand = (struct operand){0};
	if (reader->next.kind == TOKEN_LITERAL) {
		buffer_add(&reader->conditions, reader->next.text);
		advance(reader);
		return true;
	}
	if (reader->next.kind == TOKEN_PARAMETER) {
		operand->is_subject = text_equal(reader->next.text, reader->subject);
		if (operand->is_subject)
			buffer_add_byte(&reader->conditions, PLAIN_SELECT_SUBJECT);
		else if (reader->name_count == MAX_NAMES)
			return false;
		else {
			buffer_add_byte(&reader->conditions, '?');
			reader->names[reader->name_count++] = reader->next.text;
		}
		advance(reader);
		return true;
	}
	operand->is_column = true;
	if (reader->used_count == MAX_NAMES || !take_column(reader, &operand->column))
		return false;
	reader->used[reader->used_count++] = operand->column;
	add_column(&reader->conditions, &operand->column);
	return true;
}

/* The subject is set equal to a column, or it is not plain. */
static bool note_subject(struct reader *reader, const struct operand *left,
    const struct operand *right, bool is_equation)
{
	const struct operand *other = left->is_subject ? right : left;

	if (!left->is_subject && !right->is_subject)
		return true;
	if (!is_equation || !other->is_column || reader->subject_count == MAX_NAMES)
		return false;
	reader->subjects[reader->subject_count++] = other->column;
	return true;
}

static bool read_is_null(struct reader *reader)
{
	bool negated = take_word(reader, "NOT");

	buffer_add_string(&reader->conditions, negated ? " IS NOT NULL" : " IS NULL");
	return take_word(reader, "NULL");
}

static bool read_comparison(struct reader *reader, const struct operand *left)
{
	bool is_equation = reader->next.kind == TOKEN_SIGN && text_is(reader->next.text, "=");
	struct operand right;

	if (reader->next.kind != TOKEN_SIGN || text_is(reader->next.text, ",") ||
	    text_is(reader->next.text, "."))
		return false;
	buffer_add_byte(&reader->conditions, ' ');
	buffer_add(&reader->conditions, reader->next.text);
	buffer_add_byte(&reader->conditions, ' ');
	advance(reader);
	if (!read_operand(reader, &right))
		return false;
	return note_subject(reader, left, &right, is_equation);
}

static bool read_condition(struct reader *reader)
{
	struct operand left;

	if (reader->conditions.length)
		buffer_add_string(&reader->conditions, " AND ");
	if (!read_operand(reader, &left))
		return false;
	if (left.is_column && take_word(reader, "IS"))
		return read_is_null(reader);
	return read_comparison(reader, &left);
}

static bool read_conditions(struct reader *reader)
{
	do
		if (!read_condition(reader))
			return false;
	while (take_word(reader, "AND"));
	return true;
}

static bool read_from(struct reader *reader)
{
	if (!read_table(reader))
		return false;
	while (at_word(reader, "INNER") || at_word(reader, "JOIN")) {
		(void)take_word(reader, "INNER");
		buffer_add_string(&reader->from, " JOIN ");
		if (!take_word(reader, "JOIN") || !read_table(reader) || !take_word(reader, "ON") ||
		    !read_conditions(reader))
			return false;
	}
	return true;
}

static bool read_select(struct reader *reader)
{
	advance(reader);
	if (!take_word(reader, "SELECT"))
		return false;
	do
		if (!read_item(reader))
			return false;
	while (take_sign(reader, ","));
	return take_word(reader, "FROM") && read_from(reader) && take_word(reader, "WHERE") &&
	       read_conditions(reader) && reader->next.kind == TOKEN_END;
}

static bool is_ours(const struct reader *reader, const struct column *column)
{
	for (size_t i = 0; i < reader->table_count; i++)
		if (text_equal(bare(reader->tables[i]), bare(column->table)))
			return true;
	return false;
}

/* Every column belongs to a table of this SELECT, so none can be one of the other's. */
static bool columns_are_ours(const struct reader *reader)
{
	for (size_t i = 0; i < reader->item_count; i++)
		if (!is_ours(reader, &reader->items[i].column))
			return false;
	for (size_t i = 0; i < reader->used_count; i++)
		if (!is_ours(reader, &reader->used[i]))
			return false;
	return true;
}

static bool same_column(const struct column *a, const struct column *b)
{
	return text_equal(bare(a->table), bare(b->table)) &&
	       text_equal(bare(a->name), bare(b->name));
}

/* Each column that is set equal to the subject is the one that comes back under the subject's name. */
static bool subjects_come_back(const struct reader *reader)
{
	for (size_t i = 0; i < reader->subject_count; i++) {
		size_t matches = 0;

		for (size_t k = 0; k < reader->item_count; k++) {
			const struct item *item = &reader->items[k];

			if (!text_equal(item->name, reader->subject))
				continue;
			if (!same_column(&item->column, &reader->subjects[i]))
				return false;
			matches++;
		}
		if (matches != 1)
			return false;
	}
	return true;
}

bool plain_select_read(
    const char *sql, struct text subject, struct arena *arena, struct plain_select *out)
{
	struct reader *reader = arena_alloc(arena, sizeof(*reader));

	*out = (struct plain_select){0};
	if (!reader)
		return false;
	reader->rest = text_of(sql);
	reader->subject = subject;
	reader->columns = buffer_start(arena);
	reader->from = buffer_start(arena);
	reader->conditions = buffer_start(arena);
	if (!read_select(reader) || !columns_are_ours(reader) || !subjects_come_back(reader))
		return false;
	*out = (struct plain_select){.columns = buffer_text(&reader->columns).data,
	    .column_count = reader->item_count,
	    .tables = buffer_text(&reader->from).data,
	    .conditions = buffer_text(&reader->conditions).data,
	    .names = reader->names,
	    .name_count = reader->name_count};
	if (out->columns && out->tables && out->conditions)
		return true;
	*out = (struct plain_select){0};
	return false;
}
