/* Is a SELECT taken apart only when every word of it is known to be harmless? */
#include "platform.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "db/plain_select.h"
#include "unit/runner.h"

static const struct text user = {"user", 4};

static struct arena *arena;

static void open_arena(void)
{
	arena = arena_new(1000000);
}

static void close_arena(void)
{
	arena_free(arena);
}

/* Read into *out, which holds until the next one is read. */
static bool read_sql(const char *sql, struct plain_select *out)
{
	arena_wipe(arena);
	return plain_select_read(sql, &user, 1, arena, out);
}

START_TEST(plain_ones_are_taken_apart)
{
	static const struct {
		const char *sql;
		const char *columns;
		const char *tables;
		const char *conditions;
		const char *names; /* joined by spaces, subjects in brackets */
	} rows[] = {
	    {"SELECT m.a AS a, m.u AS user FROM m WHERE m.a = :a AND m.u = :user",
	        "m.a AS a, m.u AS user", "m", "m.a = ? AND m.u = \1", "a (user) "},
	    {"select c.id as conversation ,\n c.company_id as company,p.user_id as user\n"
	     "\tfrom conversations c join conversation_participants AS p on "
	     "p.conversation_id=c.id\n"
	     "where c.id=:conversation and c.company_id = :company AND :user = p.user_id ",
	        "c.id AS conversation, c.company_id AS company, p.user_id AS user",
	        "conversations c JOIN conversation_participants p",
	        "p.conversation_id = c.id AND c.id = ? AND c.company_id = ? AND p.user_id = \1",
	        "conversation company (user) "},
	    {"SELECT `c`.`a` AS `user.x`, c.b FROM `c` WHERE c.`a` = 'x y' AND c.b IS NOT NULL",
	        "`c`.`a` AS `user.x`, c.b", "`c`", "c.`a` = 'x y' AND c.b IS NOT NULL", ""},
	    {"SELECT a.b FROM s.t a INNER JOIN d ON d.x = a.b AND d.y <> 3 AND d.z IS NULL WHERE 7 "
	     "= a.b AND a.c >= :now AND a.d != :user.tenant",
	        "a.b", "s.t a JOIN d",
	        "d.x = a.b AND d.y <> 3 AND d.z IS NULL AND 7 = a.b AND a.c >= ? AND a.d != ?",
	        "now user.tenant "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plain_select select;
		char names[200] = "";
		size_t used = 0;

		ck_assert_msg(read_sql(rows[i].sql, &select), "%s", rows[i].sql);
		ck_assert_str_eq(select.columns, rows[i].columns);
		ck_assert_str_eq(select.tables, rows[i].tables);
		ck_assert_str_eq(select.conditions, rows[i].conditions);
		for (size_t k = 0; k < select.parameter_count; k++) {
			const struct plain_parameter *parameter = &select.parameters[k];

			used += (size_t)snprintf(names + used, sizeof(names) - used,
			    parameter->is_subject ? "(%.*s) " : "%.*s ",
			    (int)parameter->name.length, parameter->name.data);
		}
		ck_assert_str_eq(names, rows[i].names);
	}
}
END_TEST

/* What follows "SELECT m.a AS a, m.u AS user FROM " or stands alone. */
START_TEST(everything_else_is_not_plain)
{
	static const char *const whole[] = {
	    "",
	    "SELECT",
	    "WITH x AS (SELECT 1) SELECT x.a FROM x WHERE x.a = 1",
	    "SELECT m.a FROM m",
	    "SELECT * FROM m WHERE m.a = :a",
	    "SELECT m.* FROM m WHERE m.a = :a",
	    "SELECT a FROM m WHERE m.a = :a",
	    "SELECT m.a a FROM m WHERE m.a = :a",
	    "SELECT DISTINCT m.a FROM m WHERE m.a = :a",
	    "SELECT ALL m.a FROM m WHERE m.a = :a",
	    "SELECT MAX(m.a) AS a FROM m WHERE m.a = :a",
	    "SELECT m.a + 1 AS a FROM m WHERE m.a = :a",
	    "SELECT :a AS a FROM m WHERE m.a = :a",
	    "SELECT 1 AS a FROM m WHERE m.a = :a",
	    "SELECT s.m.a FROM s.m WHERE m.a = :a",
	    "SELECT m.a, FROM m WHERE m.a = :a",
	    /* another's column */
	    "SELECT x.a FROM m WHERE m.a = :a",
	    "SELECT castgate_t.token AS a FROM m WHERE m.a = :a",
	    "SELECT m.a FROM m WHERE castgate_t.id = :a",
	    "SELECT castgate_t.a FROM m castgate_t WHERE castgate_t.a = :a",
	    "SELECT CASTGATE_o0.a FROM m CASTGATE_o0 WHERE CASTGATE_o0.a = :a",
	    "SELECT `castgate_t`.a FROM `castgate_t` WHERE `castgate_t`.a = :a",
	    /* :user is set equal to a column that does not come back, or comes back as another's */
	    "SELECT m.a AS a FROM m WHERE m.a = :a AND m.u = :user",
	    "SELECT m.v AS user FROM m WHERE m.u = :user",
	    "SELECT n.u AS user FROM m JOIN n ON n.u = m.u WHERE m.u = :user",
	    "SELECT m.u AS user, m.u AS user FROM m WHERE m.u = :user",
	    "SELECT m.u AS user, m.v AS user FROM m WHERE m.u = :user",
	    "SELECT m.u AS User FROM m WHERE m.u = :user",
	};
	static const char *const tails[] = {
	    "m WHERE m.a = :a AND m.u = :user OR m.a = 1",
	    "m WHERE m.a = :a || m.u = :user",
	    "m WHERE m.a = :a && m.u = :user",
	    "m WHERE m.a = :a XOR m.u = :user",
	    "m WHERE NOT m.a = :a AND m.u = :user",
	    "m WHERE (m.a = :a AND m.u = :user)",
	    "m WHERE m.a = :a AND m.u = :user LIMIT 1",
	    "m WHERE m.a = :a AND m.u = :user ORDER BY m.a",
	    "m WHERE m.a = :a AND m.u = :user GROUP BY m.a",
	    "m WHERE m.a = :a AND m.u = :user HAVING 1 = 1",
	    "m WHERE m.a = :a AND m.u = :user UNION SELECT 1, 2",
	    "m WHERE m.a = :a AND m.u = :user EXCEPT SELECT 1, 2",
	    "m WHERE m.a = :a AND m.u = :user PROCEDURE ANALYSE()",
	    "m WHERE m.a = :a AND m.u = :user COLLATE utf8mb4_bin",
	    "m WHERE m.a = :a AND m.u IN (:user)",
	    "m WHERE m.a = :a AND m.u <=> :user",
	    "m WHERE m.a = :a AND m.u <> :user",
	    "m WHERE m.a = :a AND m.u >= :user",
	    "m WHERE m.a = :a AND :user = :user AND m.u = :user",
	    "m WHERE m.a = :a AND 1 = :user",
	    "m WHERE m.a = :a AND :user IS NOT NULL",
	    "m WHERE m.a = :a AND m.u = :user AND m.b LIKE 'x'",
	    "m WHERE m.a = :a AND m.u = :user AND m.b BETWEEN 1 AND 2",
	    "m WHERE m.a = :a AND m.u = :user AND m.b",
	    "m WHERE m.a = :a AND m.u = :user AND EXISTS (SELECT 1)",
	    "m WHERE m.a = :a AND m.u = ABS(:user)",
	    "m WHERE m.a = :a AND m.u = :user + 0",
	    "m WHERE m.a = :a AND m.u = - :user",
	    "m WHERE m.a = :a AND m.u = BINARY :user",
	    "m WHERE m.a = :a AND m.u = :user = 1",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = TRUE",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = 1.5",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = 1e1",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = 0x31",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = -1",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = 'it''s'",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = 'a\\\\b'",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = ''",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = 'a' 'b'",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = _utf8'a'",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = \"a\"",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = '\xc3\xa9'",
	    "m WHERE m.a = :a AND m.u = :user AND m.b = @b",
	    "m WHERE m.a = :a AND m.u = :user AND m.b IS TRUE",
	    "m WHERE m.a = :a AND m.u = :user AND m.b IS NOT",
	    "m WHERE m.a = :a AND m.u = :user AND",
	    "m WHERE m.a = :a AND m.u = :user -- ",
	    "m WHERE m.a = :a /* x */ AND m.u = :user",
	    "m WHERE m.a = :a # x\n AND m.u = :user",
	    "m WHERE m.a = :a AND m.u = :user;",
	    "m WHERE m.a = :a AND m.u = ?",
	    "m, n WHERE m.a = :a AND m.u = :user",
	    "m LEFT JOIN n ON n.a = m.a WHERE m.a = :a AND m.u = :user",
	    "m RIGHT JOIN n ON n.a = m.a WHERE m.a = :a AND m.u = :user",
	    "m FULL JOIN n ON n.a = m.a WHERE m.a = :a AND m.u = :user",
	    "m LEFT OUTER JOIN n ON n.a = m.a WHERE m.a = :a AND m.u = :user",
	    "m CROSS JOIN n WHERE m.a = :a AND m.u = :user",
	    "m NATURAL JOIN n WHERE m.a = :a AND m.u = :user",
	    "m STRAIGHT_JOIN n ON n.a = m.a WHERE m.a = :a AND m.u = :user",
	    "m JOIN n USING (a) WHERE m.a = :a AND m.u = :user",
	    "m JOIN n WHERE m.a = :a AND m.u = :user",
	    "m JOIN LATERAL (SELECT 1) n ON n.a = m.a WHERE m.a = :a AND m.u = :user",
	    "m JOIN (SELECT 1 AS a) n ON n.a = m.a WHERE m.a = :a AND m.u = :user",
	    "(SELECT 1 AS a, 2 AS u) m WHERE m.a = :a AND m.u = :user",
	    "m FORCE INDEX (x) WHERE m.a = :a AND m.u = :user",
	    "m PARTITION (p0) WHERE m.a = :a AND m.u = :user",
	    "m FOR SYSTEM_TIME ALL WHERE m.a = :a AND m.u = :user",
	    "m WHERE m.a = :a AND m.u = :user LOCK IN SHARE MODE",
	};
	struct plain_select select;

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		ck_assert_msg(!read_sql(whole[i], &select), "%s", whole[i]);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char sql[500];

		snprintf(sql, sizeof(sql), "SELECT m.a AS a, m.u AS user FROM %s", tails[i]);
		ck_assert_msg(!read_sql(sql, &select), "%s", sql);
		ck_assert_ptr_null(select.conditions);
	}
}
END_TEST

START_TEST(subjects_become_lists)
{
	static const struct text subjects[] = {{"a", 1}, {"b", 1}, {"unused", 6}};
	static const struct {
		const char *sql;
		size_t subjects;
		const char *wide; /* NULL: not plain */
		size_t leader;
	} rows[] = {
	    {"SELECT m.a AS a, m.u AS user FROM m WHERE m.a = :a AND m.u = :user", 1,
	        "SELECT m.a AS a, m.u AS user FROM m WHERE m.a IN (?, ?, ?) AND m.u = ?", 2},
	    {"SELECT m.a AS a, n.b AS b FROM m JOIN n ON n.x = m.x AND :b = n.b WHERE :a = m.a AND "
	     "m.a = 7 AND m.t > :now",
	        2,
	        "SELECT m.a AS a, n.b AS b FROM m JOIN n WHERE n.x = m.x AND n.b IN (?, ?, ?) AND "
	        "m.a IN (?, ?, ?) AND m.a = 7 AND m.t > ?",
	        3},
	    /* whose row is found by one subject alone */
	    {"SELECT m.a AS a, m.b AS b FROM m WHERE m.u > :now AND m.a = :a AND :b = `m`.`b`", 2,
	        "SELECT m.a AS a, m.b AS b FROM m WHERE m.u > ? AND m.a IN (?, ?, ?) AND `m`.`b` "
	        "IS "
	        "NOT NULL",
	        1},
	    {"SELECT m.a AS a, m.b AS b FROM m WHERE m.u > :now AND m.a = :a AND :b = m.b", 2,
	        "SELECT m.a AS a, m.b AS b FROM m WHERE m.u > ? AND m.a IS NOT NULL AND m.b IN (?, "
	        "?, ?)",
	        2},
	    {"SELECT m.a AS a FROM m WHERE m.a = :a AND :a = m.a", 2,
	        "SELECT m.a AS a FROM m WHERE m.a IN (?, ?, ?) AND m.a IN (?, ?, ?)", 0},
	    {"SELECT m.a AS a, n.b AS b FROM m JOIN m n ON m.a = :a WHERE n.b = :b", 2,
	        "SELECT m.a AS a, n.b AS b FROM m JOIN m n WHERE m.a IN (?, ?, ?) AND n.b IN (?, "
	        "?, "
	        "?)",
	        0},
	    {"SELECT m.u AS user FROM m WHERE m.u = :user AND m.t = '= ?'", 0,
	        "SELECT m.u AS user FROM m WHERE m.u = ? AND m.t = '= ?'", 1},
	    /* the one column comes back, the other is compared as well: rows would mix */
	    {"SELECT m.a AS a FROM m JOIN n ON n.a = :a WHERE m.a = :a", 0, NULL, 0},
	    {"SELECT m.a AS a, m.b AS b FROM m WHERE m.a = :a AND m.b = :a", 0, NULL, 0},
	    {"SELECT m.a AS a, m.b AS b FROM m WHERE m.a = :b AND m.b = :a", 0, NULL, 0},
	    {"SELECT m.a AS a, m.b AS b FROM m WHERE m.a = :a AND m.b > :b", 0, NULL, 0},
	    {"SELECT m.a AS a, m.b AS b FROM m WHERE m.a = :a AND :a = :b", 0, NULL, 0},
	    {"SELECT m.a AS a, m.b AS b FROM m WHERE m.a = :a AND m.b = :b OR 1 = 1", 0, NULL, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plain_select select;
		bool plain;

		arena_wipe(arena);
		plain = plain_select_read(rows[i].sql, subjects, 3, arena, &select);
		ck_assert_msg(plain == (rows[i].wide != NULL), "%s", rows[i].sql);
		ck_assert_uint_eq(select.subject_count, rows[i].subjects);
		if (plain)
			ck_assert_str_eq(
			    plain_select_widen(&select, 3, rows[i].leader, arena), rows[i].wide);
	}
}
END_TEST

START_TEST(no_memory_is_not_plain)
{
	struct arena *small = arena_new(64);
	struct plain_select select;

	ck_assert(!plain_select_read("SELECT m.a FROM m WHERE m.a = :a", &user, 1, small, &select));
	arena_free(small);
}
END_TEST

START_TEST(too_many_parts_are_not_plain)
{
	static const struct {
		const char *start;
		const char *piece;
		int most;
		const char *end;
	} rows[] = {
	    {"SELECT m.a", ", m.a", 47, " FROM m WHERE m.a = 1"},
	    {"SELECT m.a FROM m", " JOIN n ON n.a = 1", 15, " WHERE m.a = 1"},
	    {"SELECT m.a FROM m WHERE m.a = 1", " AND :a = 1", 64, ""},
	    {"SELECT m.a FROM m WHERE m.a = 1", " AND m.b = 1", 63, ""},
	};
	struct plain_select select;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int more = 0; more <= 1; more++) {
			char sql[4000];
			size_t used = (size_t)snprintf(sql, sizeof(sql), "%s", rows[i].start);

			for (int k = 0; k < rows[i].most + more; k++)
				used += (size_t)snprintf(
				    sql + used, sizeof(sql) - used, "%s", rows[i].piece);
			snprintf(sql + used, sizeof(sql) - used, "%s", rows[i].end);
			ck_assert_msg(read_sql(sql, &select) == !more, "%s", sql);
		}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("db");
	TCase *tests = tcase_create("plain_select");

	tcase_add_checked_fixture(tests, open_arena, close_arena);
	tcase_add_test(tests, plain_ones_are_taken_apart);
	tcase_add_test(tests, everything_else_is_not_plain);
	tcase_add_test(tests, subjects_become_lists);
	tcase_add_test(tests, no_memory_is_not_plain);
	tcase_add_test(tests, too_many_parts_are_not_plain);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
