/* credential/sanctum_sql: which columns of an owner are read, so that nobody has to grant more. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "credential/sanctum_sql.h"

#define TOKEN                                                                                      \
	"SELECT castgate_t.`id`, castgate_t.`token`, castgate_t.`tokenable_type`, "                \
	"castgate_t.`tokenable_id`, NULL, castgate_t.`last_used_at`, "
#define JOINED                                                                                     \
	" castgate_o0 ON castgate_o0.`id` = castgate_t.`tokenable_id` WHERE castgate_t.`id` = ?"

static void assert_select(const struct config_owner *owner, const char *wanted)
{
	struct config_owner copy = *owner;
	struct config_credential config = {.table = "tokens", .owners = &copy, .owner_count = 1};
	struct arena *arena = arena_new(10000);

	assert_text(text_of(sanctum_select(&config, SANCTUM_BY_ID, true, NULL, arena)), wanted);
	ck_assert_uint_eq(sanctum_type_parameters(&config), 0);
	arena_free(arena);
}

START_TEST(an_owner_without_a_condition_is_joined_as_it_is)
{
	assert_select(&(struct config_owner){.table = "users", .key = "id"},
	    TOKEN "castgate_t.`expires_at`, castgate_o0.`id` "
	          "FROM `tokens` castgate_t LEFT JOIN `users`" JOINED);
}
END_TEST

START_TEST(a_condition_reads_the_columns_that_are_needed)
{
	const char *columns[] = {"name", "locale"};

	assert_select(
	    &(struct config_owner){
	        .table = "users", .key = "id", .where = "a IS NULL", .columns = {columns, 2}},
	    TOKEN
	    "castgate_t.`expires_at`, castgate_o0.`id`, "
	    "castgate_o0.`name`, castgate_o0.`locale` FROM `tokens` castgate_t "
	    "LEFT JOIN (SELECT `id`, `name`, `locale` FROM `users` WHERE (a IS NULL\n))" JOINED);
}
END_TEST

START_TEST(no_column_is_named_twice)
{
	const char *columns[] = {"ID", "name", "public", "Name"};

	assert_select(&(struct config_owner){.table = "users",
	                  .key = "id",
	                  .where = "1",
	                  .columns = {columns, 4},
	                  .broadcast_id = "public"},
	    TOKEN "castgate_t.`expires_at`, castgate_o0.`id`, castgate_o0.`public`, "
	          "castgate_o0.`ID`, castgate_o0.`name`, castgate_o0.`public`, castgate_o0.`Name` "
	          "FROM `tokens` castgate_t "
	          "LEFT JOIN (SELECT `id`, `public`, `name` FROM `users` WHERE (1\n))" JOINED);
}
END_TEST

START_TEST(several_owners_are_told_apart_by_their_type)
{
	struct config_owner owners[] = {
	    {.table = "users", .key = "id"}, {.table = "admins", .key = "uid"}};
	struct config_credential config = {.table = "tokens", .owners = owners, .owner_count = 2};
	struct arena *arena = arena_new(10000);

	assert_text(text_of(sanctum_select(&config, SANCTUM_BY_ID, true, NULL, arena)),
	    TOKEN "castgate_t.`expires_at`, castgate_o0.`id`, castgate_o1.`uid` "
	          "FROM `tokens` castgate_t LEFT JOIN `users` castgate_o0 "
	          "ON castgate_t.`tokenable_type` = ? AND castgate_o0.`id` = "
	          "castgate_t.`tokenable_id` LEFT JOIN `admins` castgate_o1 "
	          "ON castgate_t.`tokenable_type` = ? AND castgate_o1.`uid` = "
	          "castgate_t.`tokenable_id` WHERE castgate_t.`id` = ?");
	ck_assert_uint_eq(sanctum_type_parameters(&config), 2);
	arena_free(arena);
}
END_TEST

START_TEST(times_are_read_where_they_count)
{
	static const struct {
		unsigned expiration_minutes;
		int touch_seconds;
		bool has_expires_at;
		const char *times;
	} rows[] = {
	    {0, CONFIG_TOUCH_OFF, false, "NULL, NULL, NULL"},
	    {5, CONFIG_TOUCH_OFF, false, "castgate_t.`created_at`, NULL, NULL"},
	    {0, 0, false, "NULL, castgate_t.`last_used_at`, NULL"},
	    {0, CONFIG_TOUCH_OFF, true, "NULL, NULL, castgate_t.`expires_at`"},
	};
	struct config_owner owner = {.table = "users", .key = "id"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_credential config = {.table = "tokens",
		    .owners = &owner,
		    .owner_count = 1,
		    .expiration_minutes = rows[i].expiration_minutes,
		    .touch_seconds = rows[i].touch_seconds};
		struct arena *arena = arena_new(10000);
		struct text sql = text_of(
		    sanctum_select(&config, SANCTUM_BY_ID, rows[i].has_expires_at, NULL, arena));

		assert_text(text_of(strstr(sql.data, rows[i].times)),
		    arena_printf(arena,
		        "%s, castgate_o0.`id` FROM `tokens` castgate_t LEFT JOIN `users`%s",
		        rows[i].times, JOINED));
		arena_free(arena);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sanctum_sql");
	TCase *tests = tcase_create("sanctum_sql");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, an_owner_without_a_condition_is_joined_as_it_is);
	tcase_add_test(tests, a_condition_reads_the_columns_that_are_needed);
	tcase_add_test(tests, no_column_is_named_twice);
	tcase_add_test(tests, several_owners_are_told_apart_by_their_type);
	tcase_add_test(tests, times_are_read_where_they_count);
	return run_suite(suite);
}
