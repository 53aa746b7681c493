/* Parameters bound by their exact type, result columns fetched by theirs, and nothing truncated. */
#include "platform.h"
#include "db/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define MAX_VALUE_BYTES 65536
#define BINARY_CHARSET 63
#define MICROSECOND_DIGITS 6

static enum value_kind kind_of(const MYSQL_FIELD *field)
{
	switch ((int)field->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
		return VALUE_INTEGER;
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return VALUE_DECIMAL;
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
		return VALUE_DOUBLE;
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_TIME:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
	case MYSQL_TYPE_NEWDATE:
	case 245: /* MYSQL_TYPE_JSON; only some client libraries name it */
		return VALUE_TEXT;
	case MYSQL_TYPE_NULL:
		return VALUE_NONE;
	case MYSQL_TYPE_BIT:
	case MYSQL_TYPE_GEOMETRY:
		return VALUE_BINARY;
	default:
		return field->charsetnr == BINARY_CHARSET ? VALUE_BINARY : VALUE_TEXT;
	}
}

/* A day with a time and a known number of digits after the second? Other times come as text, which is what
 * they are given out as: the library writes it with printf. */
static bool is_moment(const MYSQL_FIELD *field)
{
	return (field->type == MYSQL_TYPE_DATETIME || field->type == MYSQL_TYPE_TIMESTAMP) &&
	       field->decimals <= MICROSECOND_DIGITS;
}

static void prepare_cell(
    const MYSQL_FIELD *field, enum value_kind kind, struct row_cell *cell, MYSQL_BIND *bind)
{
	bind->buffer = &cell->data;
	bind->buffer_length = sizeof(cell->data);
	bind->is_null = &bind->is_null_value;
	bind->error = &bind->error_value;
	bind->length = &bind->length_value;
	bind->is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;
	cell->decimals = field->decimals;
	if (kind == VALUE_INTEGER)
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
	else if (kind == VALUE_DOUBLE || is_moment(field))
		bind->buffer_type = field->type;
	else if (kind == VALUE_BINARY)
		bind->buffer_type = MYSQL_TYPE_BLOB;
	else
		bind->buffer_type = MYSQL_TYPE_STRING;
}

static bool copy_column(const MYSQL_FIELD *field, struct db_column *column)
{
	char *name = strdup(field->name ? field->name : "");
	char *table = strdup(field->org_table ? field->org_table : "");

	column->name = text_of(name);
	column->base_table = text_of(table);
	column->kind = kind_of(field);
	/* PRI_KEY_FLAG is also set for the second column of a primary key, which leads nowhere */
	column->is_unique = (field->flags & (UNIQUE_KEY_FLAG | AUTO_INCREMENT_FLAG)) != 0;
	column->is_renewed = (field->flags & ON_UPDATE_NOW_FLAG) != 0;
	return name && table;
}

bool row_layout_new(MYSQL_STMT *handle, struct row_layout *layout)
{
	MYSQL_RES *metadata = mysql_stmt_result_metadata(handle);
	bool ok = true;
	size_t count;

	*layout = (struct row_layout){0};
	if (!metadata)
		return mysql_stmt_field_count(handle) == 0;
	count = mysql_num_fields(metadata);
	layout->columns = calloc(count, sizeof(*layout->columns));
	layout->cells = calloc(count, sizeof(*layout->cells));
	layout->binds = calloc(count, sizeof(*layout->binds));
	layout->column_count = count;
	if (!layout->columns || !layout->cells || !layout->binds || count > ROW_MAX_COLUMNS)
		ok = false;
	for (size_t i = 0; ok && i < count; i++) {
		const MYSQL_FIELD *field = mysql_fetch_field_direct(metadata, (unsigned)i);

		ok = copy_column(field, &layout->columns[i]);
		prepare_cell(field, layout->columns[i].kind, &layout->cells[i], &layout->binds[i]);
	}
	mysql_free_result(metadata);
	if (!ok)
		row_layout_free(layout);
	return ok;
}

void row_layout_free(struct row_layout *layout)
{
	for (size_t i = 0; layout->columns && i < layout->column_count; i++) {
		free((void *)(uintptr_t)layout->columns[i].name.data);
		free((void *)(uintptr_t)layout->columns[i].base_table.data);
	}
	free(layout->columns);
	free(layout->cells);
	free(layout->binds);
	*layout = (struct row_layout){0};
}

static bool holds_moment(const MYSQL_BIND *bind)
{
	return bind->buffer_type == MYSQL_TYPE_DATETIME ||
	       bind->buffer_type == MYSQL_TYPE_TIMESTAMP;
}

bool row_layout_holds(MYSQL_STMT *handle, const struct row_layout *layout)
{
	MYSQL_RES *metadata;
	bool holds;

	if (layout->column_count == 0)
		return true;
	metadata = mysql_stmt_result_metadata(handle);
	if (!metadata)
		return false;
	holds = mysql_num_fields(metadata) == layout->column_count;
	for (size_t i = 0; holds && i < layout->column_count; i++) {
		const MYSQL_FIELD *field = mysql_fetch_field_direct(metadata, (unsigned)i);

		holds = kind_of(field) == layout->columns[i].kind &&
		        ((field->flags & UNSIGNED_FLAG) != 0) == layout->binds[i].is_unsigned &&
		        is_moment(field) == holds_moment(&layout->binds[i]) &&
		        (!is_moment(field) || field->decimals == layout->cells[i].decimals);
	}
	mysql_free_result(metadata);
	return holds;
}

/* An integer parameter from its canonical text, signed or unsigned. */
static bool bind_integer(struct text text, long long *slot, MYSQL_BIND *bind)
{
	bool negative = text.length && text.data[0] == '-';
	uint64_t number;

	if (!text_to_u64(negative ? text_skip(text, 1) : text, TEXT_DIGITS_CANONICAL, &number))
		return false;
	if (negative && number > (uint64_t)INT64_MAX)
		return false;
	*slot = negative ? -(long long)number : (long long)number;
	bind->buffer_type = MYSQL_TYPE_LONGLONG;
	bind->buffer = slot;
	bind->is_unsigned = !negative;
	return true;
}

static bool bind_parameter(struct value value, long long *slot, MYSQL_BIND *bind)
{
	if (value.kind == VALUE_NONE || !text_present(value.text))
		return false;
	if (value.kind == VALUE_INTEGER)
		return bind_integer(value.text, slot, bind);
	/* the library reads the length from buffer_length when `length` is NULL */
	bind->buffer_type = value.kind == VALUE_BINARY ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
	bind->buffer = (void *)(uintptr_t)value.text.data;
	bind->buffer_length = value.text.length;
	return true;
}

bool row_bind_parameters(MYSQL_STMT *handle, const struct value *parameters, size_t count,
    long long slots[STATEMENT_MAX_PARAMETERS])
{
	MYSQL_BIND binds[STATEMENT_MAX_PARAMETERS];

	if (count > STATEMENT_MAX_PARAMETERS)
		return false;
	if (count == 0)
		return true;
	memset(binds, 0, count * sizeof(binds[0]));
	for (size_t i = 0; i < count; i++)
		if (!bind_parameter(parameters[i], &slots[i], &binds[i]))
			return false;
	return mysql_stmt_bind_param(handle, binds) == 0;
}

/* The shortest of 15, 16 or 17 digits (6 to 9 for single precision) that reads back the same. */
static struct text format_double(
    const struct row_cell *cell, enum enum_field_types type, struct arena *arena)
{
	bool small = type == MYSQL_TYPE_FLOAT;
	double number = small ? (double)cell->data.small_number : cell->data.number;
	char text[40];

	for (int digits = small ? 6 : 15; digits <= (small ? 9 : 17); digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (small ? strtof(text, NULL) == cell->data.small_number
		          : strtod(text, NULL) == number)
			break;
	}
	return (struct text){arena_copy(arena, text, strlen(text)), strlen(text)};
}

static struct text format_integer(
    const struct row_cell *cell, bool is_unsigned, struct arena *arena)
{
	bool negative = !is_unsigned && cell->data.integer < 0;
	uint64_t number = (uint64_t)cell->data.integer;
	char place[1 + TEXT_U64_BYTES];
	struct text text = text_from_u64(negative ? 0 - number : number, place + 1);

	if (negative) {
		size_t sign = sizeof(place) - 2 - text.length;

		place[sign] = '-';
		text = (struct text){place + sign, text.length + 1};
	}
	return (struct text){arena_copy(arena, text.data, text.length), text.length};
}

/* As the library writes it: "YYYY-MM-DD HH:MM:SS", and as many digits after the second as the column has. */
static struct text format_moment(const struct row_cell *cell, struct arena *arena)
{
	const MYSQL_TIME *time = &cell->data.moment;
	char place[CLOCK_EXACT_BYTES];
	size_t length = CLOCK_NAIVE_BYTES - 1;

	clock_write(&(struct clock_parts){time->year, time->month, time->day, time->hour,
	                time->minute, time->second, (unsigned)time->second_part},
	    place);
	if (cell->decimals)
		length += 1 + cell->decimals;
	return (struct text){arena_copy(arena, place, length), length};
}

/* A text that did not fit its cell is fetched again, whole; one that did is copied. */
static struct text copy_bytes(MYSQL_STMT *handle, unsigned column, struct row_cell *cell,
    const MYSQL_BIND *bind, struct arena *arena)
{
	unsigned long length = bind->length_value;
	unsigned long seen = 0;
	MYSQL_BIND whole = {.buffer_type = bind->buffer_type, .length = &seen};
	char *copy;

	if (length <= sizeof(cell->data))
		return (struct text){arena_copy(arena, cell->data.bytes, length), length};
	if (length > MAX_VALUE_BYTES)
		return (struct text){0};
	copy = arena_alloc(arena, length + 1);
	if (!copy)
		return (struct text){0};
	whole.buffer = copy;
	whole.buffer_length = length;
	whole.is_null = &whole.is_null_value;
	whole.error = &whole.error_value;
	if (mysql_stmt_fetch_column(handle, &whole, column, 0) != 0 || seen != length ||
	    whole.is_null_value)
		return (struct text){0};
	return (struct text){copy, length};
}

/* What the library wrote into a cell; the rest of it never was. */
static void wipe(struct row_cell *cell, const MYSQL_BIND *bind)
{
	bool is_bytes =
	    bind->buffer_type == MYSQL_TYPE_STRING || bind->buffer_type == MYSQL_TYPE_BLOB;
	size_t written = is_bytes ? bind->length_value + 1 : sizeof(cell->data.moment);

	explicit_bzero(&cell->data, written < sizeof(cell->data) ? written : sizeof(cell->data));
}

bool row_copy(MYSQL_STMT *handle, struct row_layout *layout, struct arena *arena, struct value *out)
{
	for (size_t i = 0; i < layout->column_count; i++) {
		struct row_cell *cell = &layout->cells[i];
		const MYSQL_BIND *bind = &layout->binds[i];
		enum value_kind kind = layout->columns[i].kind;

		out[i] = (struct value){0};
		if (bind->is_null_value || kind == VALUE_NONE)
			continue;
		if (kind == VALUE_INTEGER)
			out[i].text = format_integer(cell, bind->is_unsigned, arena);
		else if (kind == VALUE_DOUBLE)
			out[i].text = format_double(cell, bind->buffer_type, arena);
		else if (holds_moment(bind))
			out[i].text = format_moment(cell, arena);
		else
			out[i].text = copy_bytes(handle, (unsigned)i, cell, bind, arena);
		wipe(cell, bind);
		if (!text_present(out[i].text))
			return false;
		out[i].kind = kind;
	}
	return true;
}
