/* EXPLAIN in the form of a table, of which three columns tell: table, type and possible_keys. */
#include "platform.h"
#include "db/plan.h"

#define MOST_TABLES 32
#define FEW_ROWS 1000
#define ARENA_BYTES (256u * 1024)

static struct text cell(const struct db_rows *rows, size_t row, const char *name)
{
	for (size_t c = 0; c < rows->column_count; c++)
		if (text_is_nocase(rows->columns[c].name, name))
			return rows->values[row * rows->column_count + c].text;
	return (struct text){0};
}

/* ALL reads the table, "index" all of an index: on a small table the server may prefer that to a
 * lookup it could do as well. */
static bool is_scan(const struct db_rows *rows, size_t row)
{
	struct text type = cell(rows, row, "type");
	uint64_t count = 0;

	if (!text_is_nocase(type, "ALL") && !text_is_nocase(type, "index"))
		return false;
	if (cell(rows, row, "possible_keys").length == 0)
		return true;
	return text_to_u64(cell(rows, row, "rows"), TEXT_DIGITS_ANY, &count) && count > FEW_ROWS;
}

void plan_check(struct db *db, const char *what, const char *sql, const struct value *parameters,
    size_t count, struct origin origin, struct report *report)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	const char *explain =
	    arena ? arena_printf(arena, "EXPLAIN FORMAT=TRADITIONAL %s", sql) : NULL;
	struct db_statement *statement =
	    explain ? db_statement_new(db, &(struct db_purpose){.kind = "plan"}, "plan", explain)
	            : NULL;
	struct db_rows rows;

	if (statement &&
	    db_select_once(db, statement, parameters, count, MOST_TABLES, arena, &rows) == DB_FOUND)
		for (size_t r = 0; r < rows.row_count; r++) {
			struct text table = cell(&rows, r, "table");

			/* "<derived2>" and the like are results of the statement itself */
			if (table.length && table.data[0] != '<' && is_scan(&rows, r))
				report_add(report, REPORT_WARNING, origin,
				    "%s reads the whole table %.*s: no index leads to the rows it "
				    "wants; if there is "
				    "one, compare like with like: columns of another type or "
				    "collation cannot use it",
				    what, (int)table.length, table.data);
		}
	arena_free(arena);
}
