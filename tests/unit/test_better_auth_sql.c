/* credential/better_auth_sql and db/sql_name: the statement that is sent, whatever the names are. */
#include "platform.h"
#include "unit/runner.h"

#include "credential/better_auth_sql.h"
#include "db/sql_name.h"

START_TEST(names_cannot_leave_their_quotes)
{
	static const struct {
		const char *name;
		const char *quoted;
	} rows[] = {
	    {"user", "`user`"},
	    {"app.user", "`app`.`user`"},
	    {"a`b", "`a``b`"},
	    {"`", "````"},
	    {"", "``"},
	    {"a` OR 1 -- ", "`a`` OR 1 -- `"},
	};
	struct arena *arena = arena_new(10000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer sql = buffer_start(arena);

		sql_add_name(&sql, rows[i].name);
		assert_text(buffer_text(&sql), rows[i].quoted);
	}
	arena_free(arena);
}
END_TEST

START_TEST(one_select_of_session_and_user)
{
	struct config_pair fields[] = {{"expiresAt", "expires_at"}, {"userId", "user_id"}};
	const char *columns[] = {"name", "email"};
	struct config_credential config = {.session_table = "session", .user_table = "auth.user"};
	struct arena *arena = arena_new(10000);

	assert_text(text_of(better_auth_select(&config, 1, true, arena)),
	    "SELECT s.`id`, s.`token`, s.`expiresAt`, s.`userId`, s.`activeOrganizationId`, "
	    "u.`id` FROM `session` s LEFT JOIN `auth`.`user` u ON u.`id` = s.`userId` "
	    "WHERE s.`token` IN (?)");
	config.session_fields = fields;
	config.session_field_count = 2;
	config.columns = (struct config_list){columns, 2};
	assert_text(text_of(better_auth_select(&config, 3, false, arena)),
	    "SELECT s.`id`, s.`token`, s.`expires_at`, s.`user_id`, NULL, "
	    "u.`id`, u.`name`, u.`email` FROM `session` s LEFT JOIN `auth`.`user` u "
	    "ON u.`id` = s.`user_id` WHERE s.`token` IN (?, ?, ?)");
	arena_free(arena);
}
END_TEST

START_TEST(a_full_arena_gives_no_half_statement)
{
	struct config_credential config = {.session_table = "session", .user_table = "user"};
	struct arena *arena = arena_new(100);

	ck_assert_ptr_null(better_auth_select(&config, 1, true, arena));
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("better_auth_sql");
	TCase *tests = tcase_create("better_auth_sql");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, names_cannot_leave_their_quotes);
	tcase_add_test(tests, one_select_of_session_and_user);
	tcase_add_test(tests, a_full_arena_gives_no_half_statement);
	return run_suite(suite);
}
