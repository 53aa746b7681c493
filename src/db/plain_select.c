/* A recognizer of one narrow form of SELECT: what it does not know for certain is not plain. */
#include "platform.h"
#include "db/plain_select.h"

#include <string.h>

#include "base/buffer.h"
#include "db/plain_token.h"
#include "db/statement.h"

#define MAX_USES 64
#define MAX_TABLES 16
#define MAX_COLUMNS 48

/* "a.column" as written. */
struct column {
	struct text table;
	struct text name;
};

/* A column that is set equal to the subject of this name. */
struct equation {
	struct column column;
	struct text subject;
};

struct item {
	struct column column;
	struct text name; /* under which it comes back */
};

struct reader {
	struct text rest;
	struct plain_token next;
	const struct text *subjects;
	size_t subject_count;
	struct item items[MAX_COLUMNS];
	size_t item_count;
	struct text tables[MAX_TABLES]; /* their aliases */
	size_t table_count;
	struct column used[MAX_USES]; /* columns in conditions */
	size_t used_count;
	struct equation equations[MAX_USES];
	size_t equation_count;
	struct plain_parameter parameters[STATEMENT_MAX_PARAMETERS];
	size_t parameter_count;
	struct buffer columns;
	struct buffer from;
	struct buffer conditions;
};

static void advance(struct reader *reader)
{
	reader->next = plain_token_take(&reader->rest);
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

static bool take_name(struct reader *reader, struct text *name)
{
	if (reader->next.kind != TOKEN_NAME || plain_token_is_reserved(&reader->next))
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
	    (reader->next.kind == TOKEN_NAME && !plain_token_is_reserved(&reader->next))) {
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
	enum { OPERAND_LITERAL, OPERAND_COLUMN, OPERAND_PARAMETER, OPERAND_SUBJECT } kind;
	struct text text; /* a literal as written, a parameter's name */
	struct column column;
};

static bool is_subject(const struct reader *reader, struct text name)
{
	for (size_t i = 0; i < reader->subject_count; i++)
		if (text_equal(reader->subjects[i], name))
			return true;
	return false;
}

static bool read_operand(struct reader *reader, struct operand *operand)
{
	*operand = (struct operand){.text = reader->next.text};
	if (reader->next.kind == TOKEN_LITERAL) {
		advance(reader);
		return true;
	}
	if (reader->next.kind == TOKEN_PARAMETER) {
		bool subject = is_subject(reader, operand->text);

		if (reader->parameter_count == STATEMENT_MAX_PARAMETERS)
			return false;
		reader->parameters[reader->parameter_count++] =
		    (struct plain_parameter){.name = operand->text, .is_subject = subject};
		operand->kind = subject ? OPERAND_SUBJECT : OPERAND_PARAMETER;
		advance(reader);
		return true;
	}
	operand->kind = OPERAND_COLUMN;
	if (reader->used_count == MAX_USES || !take_column(reader, &operand->column))
		return false;
	reader->used[reader->used_count++] = operand->column;
	return true;
}

static void add_operand(struct buffer *buffer, const struct operand *operand)
{
	if (operand->kind == OPERAND_LITERAL)
		buffer_add(buffer, operand->text);
	else if (operand->kind == OPERAND_COLUMN)
		add_column(buffer, &operand->column);
	else
		buffer_add_byte(
		    buffer, operand->kind == OPERAND_SUBJECT ? PLAIN_SELECT_SUBJECT : '?');
}

/* A subject is set equal to a column, or it is not plain. */
static bool note_subject(struct reader *reader, const struct operand *left,
    const struct operand *right, bool is_equation)
{
	const struct operand *subject = left->kind == OPERAND_SUBJECT ? left : right;
	const struct operand *other = left->kind == OPERAND_SUBJECT ? right : left;

	if (subject->kind != OPERAND_SUBJECT)
		return true;
	if (!is_equation || other->kind != OPERAND_COLUMN || reader->equation_count == MAX_USES)
		return false;
	reader->equations[reader->equation_count++] =
	    (struct equation){other->column, subject->text};
	reader->parameters[reader->parameter_count - 1].table = bare(other->column.table);
	return true;
}

static bool read_is_null(struct reader *reader, const struct operand *left)
{
	bool negated = take_word(reader, "NOT");

	add_operand(&reader->conditions, left);
	buffer_add_string(&reader->conditions, negated ? " IS NOT NULL" : " IS NULL");
	return take_word(reader, "NULL");
}

static bool read_comparison(struct reader *reader, const struct operand *left)
{
	bool is_equation = reader->next.kind == TOKEN_SIGN && text_is(reader->next.text, "=");
	struct text sign = reader->next.text;
	struct operand right;
	bool turned;

	if (reader->next.kind != TOKEN_SIGN || text_is(sign, ",") || text_is(sign, "."))
		return false;
	advance(reader);
	if (!read_operand(reader, &right) || !note_subject(reader, left, &right, is_equation))
		return false;
	turned = left->kind == OPERAND_SUBJECT;
	add_operand(&reader->conditions, turned ? &right : left);
	buffer_add_byte(&reader->conditions, ' ');
	buffer_add(&reader->conditions, sign);
	buffer_add_byte(&reader->conditions, ' ');
	add_operand(&reader->conditions, turned ? left : &right);
	return true;
}

static bool read_condition(struct reader *reader)
{
	struct operand left;

	if (reader->conditions.length)
		buffer_add_string(&reader->conditions, " AND ");
	if (!read_operand(reader, &left))
		return false;
	if (left.kind == OPERAND_COLUMN && take_word(reader, "IS"))
		return read_is_null(reader, &left);
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

/* Each column that is set equal to a subject is the one that comes back under the subject's name. */
static bool subjects_come_back(const struct reader *reader)
{
	for (size_t i = 0; i < reader->equation_count; i++) {
		const struct equation *equation = &reader->equations[i];
		size_t matches = 0;

		for (size_t k = 0; k < reader->item_count; k++) {
			const struct item *item = &reader->items[k];

			if (!text_equal(item->name, equation->subject))
				continue;
			if (!same_column(&item->column, &equation->column))
				return false;
			matches++;
		}
		if (matches != 1)
			return false;
	}
	return true;
}

bool plain_select_read(const char *sql, const struct text *subjects, size_t subject_count,
    struct arena *arena, struct plain_select *out)
{
	struct reader *reader = arena_alloc(arena, sizeof(*reader));

	*out = (struct plain_select){0};
	if (!reader)
		return false;
	reader->rest = text_of(sql);
	reader->subjects = subjects;
	reader->subject_count = subject_count;
	reader->columns = buffer_start(arena);
	reader->from = buffer_start(arena);
	reader->conditions = buffer_start(arena);
	if (!read_select(reader) || !columns_are_ours(reader) || !subjects_come_back(reader))
		return false;
	*out = (struct plain_select){.columns = buffer_text(&reader->columns).data,
	    .column_count = reader->item_count,
	    .tables = buffer_text(&reader->from).data,
	    .conditions = buffer_text(&reader->conditions).data,
	    .parameters = reader->parameters,
	    .parameter_count = reader->parameter_count,
	    .subject_count = reader->equation_count};
	if (out->columns && out->tables && out->conditions)
		return true;
	*out = (struct plain_select){0};
	return false;
}

bool plain_select_is_beside(const struct plain_select *select, size_t index, size_t leader)
{
	const struct plain_parameter *parameters = select->parameters;

	return leader < select->parameter_count && parameters[index].is_subject &&
	       !text_equal(parameters[index].name, parameters[leader].name) &&
	       text_equal(parameters[index].table, parameters[leader].table);
}

/* "= SUBJECT" becomes "IN (?, ?)", or "IS NOT NULL", and '?' stays. */
const char *plain_select_widen(
    const struct plain_select *select, size_t width, size_t leader, struct arena *arena)
{
	static const char equals[] = {'=', ' ', PLAIN_SELECT_SUBJECT, '\0'};
	struct buffer sql = buffer_start(arena);
	const char *rest = select->conditions;
	size_t subject = 0;

	buffer_printf(&sql, "SELECT %s FROM %s WHERE ", select->columns, select->tables);
	for (const char *p; (p = strstr(rest, equals)); rest = p + strlen(equals)) {
		buffer_add(&sql, (struct text){rest, (size_t)(p - rest)});
		while (!select->parameters[subject].is_subject)
			subject++;
		if (plain_select_is_beside(select, subject++, leader)) {
			buffer_add_string(&sql, "IS NOT NULL");
			continue;
		}
		buffer_add_string(&sql, "IN (?");
		for (size_t i = 1; i < width; i++)
			buffer_add_string(&sql, ", ?");
		buffer_add_byte(&sql, ')');
	}
	buffer_add_string(&sql, rest);
	return buffer_text(&sql).data;
}
