/* db/purpose: whatever an operator calls a rule, the comment ends where it should. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "db/purpose.h"

START_TEST(a_purpose_is_one_comment)
{
	static const struct {
		struct db_purpose purpose;
		const char *comment;
	} rows[] = {
	    {{"plan", NULL, NULL}, "/* castgate plan */ "},
	    {{"credential", "sanctum", NULL}, "/* castgate credential=sanctum */ "},
	    {{"rule", "chat.{company:id}", "/etc/castgate/shop.conf:12"},
	        "/* castgate rule=chat.{company:id} at=shop.conf:12 */ "},
	    {{"rule", "*/ DROP TABLE t; /*", "a*/b:1"},
	        "/* castgate rule=___DROP_TABLE_t____ at=b:1 */ "},
	    {{"rule", "!50000 SELECT", "x.conf*/:1"}, "/* castgate rule=_50000_SELECT at=:1 */ "},
	    {{"deny", ";hostgroup=1;?:a'\"\\", NULL}, "/* castgate deny=_hostgroup_1__:a___ */ "},
	    {{"rule", "\xc3\xbc\n\x7f", ""}, "/* castgate rule=____ at= */ "},
	};
	char comment[PURPOSE_COMMENT_BYTES];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		purpose_comment(&rows[i].purpose, comment);
		ck_assert_str_eq(comment, rows[i].comment);
	}
}
END_TEST

START_TEST(long_names_are_cut)
{
	char name[4000];
	char comment[PURPOSE_COMMENT_BYTES];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	purpose_comment(&(struct db_purpose){"12345678901234567890", name, name}, comment);
	ck_assert_uint_lt(strlen(comment), sizeof(comment));
	ck_assert_str_eq(comment + strlen(comment) - 4, " */ ");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("db");
	TCase *tests = tcase_create("purpose");

	tcase_add_test(tests, a_purpose_is_one_comment);
	tcase_add_test(tests, long_names_are_cut);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
