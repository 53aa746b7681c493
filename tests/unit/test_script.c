/* db/script: where statements begin and end, and which files nobody would read the same way. */
#include "platform.h"
#include "unit/runner.h"

#include <stdio.h>
#include <string.h>

#include "db/script.h"

START_TEST(files_are_split_as_the_plain_client_does)
{
	static const struct {
		const char *file;
		const char *statements; /* "LINE:SQL|" each */
	} rows[] = {
	    {"", ""},
	    {" \n;;; -- only\n# comments\n/* ; */;\n--", ""},
	    {"SELECT 1", "1:SELECT 1|"},
	    {"-- migrate:up\n\nSET a = 5;\nSELECT 1 ;SELECT 2\n;-- migrate:down\n",
	        "3:SET a = 5|4:SELECT 1|4:SELECT 2|"},
	    {"SELECT ';', \";\", `;`; SELECT 2", "1:SELECT ';', \";\", `;`|1:SELECT 2|"},
	    {"SELECT 'it''s;', '\";', `a``;b`; X", "1:SELECT 'it''s;', '\";', `a``;b`|1:X|"},
	    {"SELECT 'a\n;b';\nX", "1:SELECT 'a\n;b'|3:X|"},
	    {"SELECT 1 -- ; it's\n + 2; X", "1:SELECT 1 -- ; it's\n + 2|2:X|"},
	    {"SELECT 1 # ; it's\n + 2 # tail;\n; X", "1:SELECT 1 # ; it's\n + 2|3:X|"},
	    {"SELECT /* ; ' */ 1 /* tail; */; X", "1:SELECT /* ; ' */ 1|1:X|"},
	    {"SELECT 2--1; X", "1:SELECT 2--1|1:X|"},
	    {"SELECT 1 --\n; X", "1:SELECT 1|2:X|"},
	    {"/*! SET a = 1 */; /*M!100100 X */;", "1:/*! SET a = 1 */|1:/*M!100100 X */|"},
	    {"SELECT `a\\`; X", "1:SELECT `a\\`|1:X|"},
	    {"SELECT 4/2; X*Y", "1:SELECT 4/2|1:X*Y|"},
	    {"delimiters; sources", "1:delimiters|1:sources|"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(100000);
		struct script script;
		const char *problem;
		char found[400] = "";
		size_t used = 0;

		ck_assert_msg(script_split(text_of(rows[i].file), arena, &script, &problem),
		    "%s: %s", rows[i].file, problem);
		ck_assert_ptr_null(problem);
		for (size_t k = 0; k < script.count; k++)
			used += (size_t)snprintf(found + used, sizeof(found) - used, "%u:%.*s|",
			    script.statements[k].line, (int)script.statements[k].sql.length,
			    script.statements[k].sql.data);
		ck_assert_str_eq(found, rows[i].statements);
		arena_free(arena);
	}
}
END_TEST

START_TEST(files_that_readers_see_differently_are_refused)
{
	static const struct {
		const char *file;
		const char *problem;
	} rows[] = {
	    {"SELECT 1;\nSELECT 'open", "line 2: a quote is not closed"},
	    {"SELECT \"open';", "line 1: a quote is not closed"},
	    {"SELECT `open';", "line 1: a quote is not closed"},
	    {"SELECT 1; /* open\n*", "line 2: a comment never ends"},
	    {"SELECT 1; /*", "line 1: a comment never ends"},
	    {"SELECT 1;\n\nSELECT 'a\\'; b';",
	        "line 3: a backslash in quotes, which means different things to servers"},
	    {"SELECT \"a\\\"\";",
	        "line 1: a backslash in quotes, which means different things to servers"},
	    {"SELECT 1\\G", "line 1: a backslash, which is a command of the client"},
	    {"SELECT 1;\nDELIMITER //\nX//",
	        "line 2: DELIMITER and SOURCE are commands of the client"},
	    {"source other.sql", "line 1: DELIMITER and SOURCE are commands of the client"},
	    {"/*! SET a = 1; SET b = 2 */;",
	        "line 1: a semicolon, quote or backslash in a comment that the server executes"},
	    {"/*M! SET a = '*/' */;",
	        "line 1: a semicolon, quote or backslash in a comment that the server executes"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(100000);
		struct script script;
		const char *problem = NULL;

		ck_assert_msg(!script_split(text_of(rows[i].file), arena, &script, &problem), "%s",
		    rows[i].file);
		ck_assert_str_eq(problem, rows[i].problem);
		arena_free(arena);
	}
}
END_TEST

START_TEST(nul_bytes_and_full_arenas_are_refused)
{
	struct arena *arena = arena_new(100000);
	struct arena *small = arena_new(8);
	struct script script;
	const char *problem;

	ck_assert(!script_split(TEXT("SELECT 1;\0SELECT 2"), arena, &script, &problem));
	ck_assert_str_eq(problem, "line 1: a NUL byte");
	ck_assert(!script_split(TEXT("SELECT 1;;;;;;;;;;;"), small, &script, &problem));
	ck_assert_str_eq(problem, "out of memory");
	arena_free(arena);
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("script");
	TCase *cases = tcase_create("script");

	tcase_add_test(cases, files_are_split_as_the_plain_client_does);
	tcase_add_test(cases, files_that_readers_see_differently_are_refused);
	tcase_add_test(cases, nul_bytes_and_full_arenas_are_refused);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
