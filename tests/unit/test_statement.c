/* db/statement: which SQL is accepted, and which names it asks for. */
#include "platform.h"
#include "unit/runner.h"

#include <stdio.h>
#include <string.h>

#include "db/statement.h"

START_TEST(good_statements_yield_their_parameters)
{
	static const struct {
		const char *sql;
		const char *prepared;
		const char *names; /* joined by blanks */
	} rows[] = {
	    {"SELECT 1", "SELECT 1", ""},
	    {"select id AS `user.tenant` from t where id = :user.tenant",
	        "select id AS `user.tenant` from t where id = ?", "user.tenant"},
	    {"WITH x AS (SELECT :a AS a) SELECT a FROM x WHERE :a = :b",
	        "WITH x AS (SELECT ? AS a) SELECT a FROM x WHERE ? = ?", "a a b"},
	    {"SELECT ':no', \":no\", `:no` -- :no\n, :yes # :no\n /* :no */",
	        "SELECT ':no', \":no\", `:no` -- :no\n, ? # :no\n /* :no */", "yes"},
	    {"SELECT 'it''s :no', 'a\\':no', :yes", "SELECT 'it''s :no', 'a\\':no', ?", "yes"},
	    {"SELECT t.update, INSERT('abc', 1, 1, 'x'), REPLACE(a, 'b', 'c') FROM t",
	        "SELECT t.update, INSERT('abc', 1, 1, 'x'), REPLACE(a, 'b', 'c') FROM t", ""},
	    {"  \n SELECT :x.", "  \n SELECT ?.", "x"},
	    {"SELECT 2-:n", "SELECT 2-?", "n"},
	    {"/* why */ SELECT 1", "/* why */ SELECT 1", ""},
	    {"SELECT `t`.into, 2fa, t.2fa, t.1e5x FROM t, été.update",
	        "SELECT `t`.into, 2fa, t.2fa, t.1e5x FROM t, été.update", ""},
	    {"SELECT 1., .5, 1.5, 1e5, 1.5e-3, 1.e4, 0xff+:a.5", /* the dot is not the name's */
	        "SELECT 1., .5, 1.5, 1e5, 1.5e-3, 1.e4, 0xff+?.5", "a"},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct statement statement;
		const char *problem;
		char names[200] = "";

		ck_assert_msg(statement_parse(rows[i].sql, arena, &statement, &problem), "%s: %s",
		    rows[i].sql, problem);
		ck_assert_str_eq(statement.sql, rows[i].prepared);
		for (size_t n = 0; n < statement.name_count; n++) {
			size_t used = strlen(names);

			snprintf(names + used, sizeof(names) - used, "%s%.*s", n ? " " : "",
			    (int)statement.names[n].length, statement.names[n].data);
		}
		ck_assert_str_eq(names, rows[i].names);
	}
	arena_free(arena);
}
END_TEST

START_TEST(values_are_written_so_that_they_end_where_they_end)
{
	static const struct {
		struct value value;
		const char *written;
	} rows[] = {
	    {{VALUE_NONE, {NULL, 0}}, "NULL"},
	    {{VALUE_INTEGER, {"-7", 2}}, "-7"},
	    {{VALUE_TEXT, {"7", 1}}, "'7'"},
	    {{VALUE_TEXT, {"it's", 4}}, "_utf8mb4 x'69742773'"},
	    {{VALUE_TEXT, {"a\\", 2}}, "_utf8mb4 x'615c'"},
	    {{VALUE_TEXT, {"\n", 1}}, "_utf8mb4 x'0a'"},
	    {{VALUE_TEXT, {"\xc3\xa4", 2}}, "_utf8mb4 x'c3a4'"},
	    {{VALUE_BINARY, {"\0", 1}}, "x'00'"},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct value values[] = {rows[i].value, {VALUE_INTEGER, {"1", 1}}};
		struct statement statement;
		const char *problem;

		ck_assert(statement_parse(
		    "SELECT '?:no', :a FROM t WHERE b=:b", arena, &statement, &problem));
		ck_assert_str_eq(statement_written(&statement, values, arena).data,
		    arena_printf(arena, "SELECT '?:no', %s FROM t WHERE b=1", rows[i].written));
	}
	arena_free(arena);
}
END_TEST

START_TEST(everything_else_is_refused_with_its_reason)
{
	static const struct {
		const char *sql;
		const char *reason;
	} rows[] = {
	    {"", "empty"},
	    {"  -- only a comment", "empty"},
	    {"UPDATE t SET a = 1", "start with SELECT"},
	    {"DELETE FROM t RETURNING id", "start with SELECT"},
	    {"(SELECT 1)", "start with SELECT"},
	    {"'SELECT'", "start with SELECT"},
	    {"'a' SELECT 1", "start with SELECT"},
	    {"1 SELECT 1", "start with SELECT"},
	    {":a SELECT 1", "start with SELECT"},
	    {"SELECT 1; DROP TABLE t", "\";\""},
	    {"SELECT a INTO OUTFILE '/tmp/x' FROM t", "INTO"},
	    {"SELECT a FROM t into @x", "INTO"},
	    {"\x06SELECT 1", "control"},
	    {"SELECT 1 \x7f", "control"},
	    {"SELECT 1.INTO @x", "space between"},
	    {"SELECT .5INTO @x", "space between"},
	    {"SELECT 1.5INTO @x", "space between"},
	    {"SELECT 1e5INTO @x", "space between"},
	    {"SELECT 1e+5INTO @x", "space between"},
	    {"SELECT 1 FROM t WHERE 1.FOR UPDATE", "space between"},
	    {"SELECT :a.5INTO @x", "space between"},
	    {"SELECT 0x1f.5INTO @x", "space between"},
	    {"SELECT (1).INTO @x", "INTO"},
	    {"SELECT 1 --\x7f'\nINTO @x -- '", "INTO"}, /* DEL makes it a comment */
	    {"SELECT a FROM t FOR UPDATE", "locking"},
	    {"SELECT a FROM t for  share", "locking"},
	    {"SELECT a FROM t LOCK IN SHARE MODE", "locking"},
	    {"WITH x AS (SELECT 1) DELETE FROM t", "changes data"},
	    {"WITH x AS (SELECT 1) UPDATE t SET a = 1", "changes data"},
	    {"WITH x AS (SELECT 1) UPDATE(t JOIN u) SET a = 1", "changes data"},
	    {"SELECT ?", "name the parameter"},
	    {"SELECT @a := 1", "\":=\""},
	    {"SELECT /*!50000 SLEEP(1) */ 1", "executes"},
	    {"SELECT /*M! SLEEP(1) */ 1", "executes"},
	    {"SELECT 'open", "not closed"},
	    {"SELECT `open", "not closed"},
	    {"SELECT /* open", "not closed"},
	    {"SELECTX 1", "start with SELECT"},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct statement statement;
		const char *problem = NULL;

		ck_assert_msg(
		    !statement_parse(rows[i].sql, arena, &statement, &problem), "%s", rows[i].sql);
		ck_assert_ptr_nonnull(problem);
		ck_assert_ptr_null(statement.sql);
		if (rows[i].reason)
			ck_assert_msg(
			    strstr(problem, rows[i].reason), "%s: %s", rows[i].sql, problem);
	}
	arena_free(arena);
}
END_TEST

START_TEST(too_many_parameters_are_refused)
{
	struct arena *arena = arena_new(100000);
	struct statement statement;
	const char *problem;
	char sql[2000] = "SELECT 1";

	for (int i = 0; i < 65; i++)
		snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), ", :p%d", i);
	ck_assert(!statement_parse(sql, arena, &statement, &problem));
	ck_assert_ptr_nonnull(strstr(problem, "64"));
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("db");
	TCase *tests = tcase_create("statement");

	tcase_add_test(tests, good_statements_yield_their_parameters);
	tcase_add_test(tests, values_are_written_so_that_they_end_where_they_end);
	tcase_add_test(tests, everything_else_is_refused_with_its_reason);
	tcase_add_test(tests, too_many_parameters_are_refused);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
