/* codec/json_object: what a member is, and what is refused whole. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/json_object.h"

#define LIMIT 1000

static struct arena *arena;

static void start(void)
{
	arena = arena_new(100000);
}

static void stop(void)
{
	arena_free(arena);
}

static const struct json_member *member_of(const struct json_object *object, const char *name)
{
	const struct json_member *member = json_object_member(object, text_of(name));

	ck_assert_msg(member != NULL, "there is no member %s", name);
	return member;
}

START_TEST(every_kind_keeps_its_value)
{
	static const char json[] =
	    " {\"s\":\"a\\u00e9/\", \"i\":-9223372036854775808, \"j\":9223372036854775807,"
	    "\"r\":1.5, \"t\":true, \"f\":false, \"n\":null, \"l\":[\"x\",[],2],"
	    "\"o\":{\"s\":\"inside\",\"\":1}, \"e\":\"\"}\n";
	struct json_object object;
	const struct json_member *list;
	const char *problem;

	ck_assert(json_object_read(text_of(json), LIMIT, arena, &object, &problem));
	ck_assert_uint_eq(object.count, 10);
	assert_text(json_object_string(&object, "s"), "a\xc3\xa9/");
	ck_assert_int_eq(member_of(&object, "i")->integer, INT64_MIN);
	ck_assert_int_eq(member_of(&object, "j")->integer, INT64_MAX);
	ck_assert_int_eq(member_of(&object, "j")->kind, JSON_MEMBER_INTEGER);
	ck_assert_int_eq(member_of(&object, "r")->kind, JSON_MEMBER_REAL);
	ck_assert(member_of(&object, "r")->real > 1.4 && member_of(&object, "r")->real < 1.6);
	ck_assert(member_of(&object, "t")->boolean && !member_of(&object, "f")->boolean);
	ck_assert_int_eq(member_of(&object, "f")->kind, JSON_MEMBER_BOOLEAN);
	ck_assert_int_eq(member_of(&object, "n")->kind, JSON_MEMBER_NULL);
	list = member_of(&object, "l");
	ck_assert_int_eq(list->kind, JSON_MEMBER_LIST);
	ck_assert_uint_eq(list->inside.count, 3);
	assert_text(list->inside.members[0].string, "x");
	ck_assert(!text_present(list->inside.members[0].name));
	ck_assert_int_eq(list->inside.members[1].kind, JSON_MEMBER_LIST);
	ck_assert_int_eq(list->inside.members[2].integer, 2);
	assert_text(json_object_string(&member_of(&object, "o")->inside, "s"), "inside");
	ck_assert_int_eq(member_of(&member_of(&object, "o")->inside, "")->integer, 1);
	assert_text(json_object_string(&object, "e"), "");
}
END_TEST

START_TEST(what_is_no_string_is_no_string)
{
	static const char *const names[] = {"i", "n", "l", "o", "b", "absent", "S", "s "};
	struct json_object object;
	const char *problem;

	ck_assert(json_object_read(TEXT("{\"i\":1,\"n\":null,\"l\":[\"s\"],\"o\":{\"s\":\"s\"},"
	                                "\"b\":true,\"s\":\"s\"}"),
	    LIMIT, arena, &object, &problem));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(!text_present(json_object_string(&object, names[i])), "%s", names[i]);
	assert_text(json_object_string(&object, "s"), "s");
}
END_TEST

START_TEST(refusals_say_why_and_leave_nothing)
{
	static const struct {
		struct text json;
		const char *problem;
	} rows[] = {
	    {{NULL, 0}, "There is no JSON."},
	    {TEXT(""), "The JSON ends too early."},
	    {TEXT("[]"), "The JSON is not an object."},
	    {TEXT("\"s\""), "The JSON is not an object."},
	    {TEXT("7"), "The JSON is not an object."},
	    {TEXT("null"), "The JSON is not an object."},
	    {TEXT("{\"a\":1,\"a\":1}"), "A JSON member's name is repeated."},
	    {TEXT("{\"o\":{\"a\":1,\"\\u0061\":2}}"), "A JSON member's name is repeated."},
	    {TEXT("{}{}"), "The JSON is followed by something else."},
	    {TEXT("{} x"), "The JSON is followed by something else."},
	    {TEXT("{\"a\":1}\0"), "The JSON holds a NUL byte."},
	    {TEXT("{\"a\":\"\\u0000\"}"), "A JSON string holds U+0000."},
	    {TEXT("{\"\\u0000\":1}"), "A JSON member's name holds U+0000."},
	    {TEXT("{\"a\":\"\xff\"}"), "The JSON is not UTF-8."},
	    {TEXT("{\"a\":9223372036854775808}"), "A JSON number is too large."},
	    {TEXT("{\"a\":-9223372036854775809}"), "A JSON number is too large."},
	    {TEXT("{\"a\":1e999}"), "A JSON number is too large."},
	    {TEXT("{\"a\":1,}"), "The text is not JSON."},
	    {TEXT("{'a':1}"), "The text is not JSON."},
	    {TEXT("{\"a\":01}"), "The text is not JSON."},
	    {TEXT("\xef\xbb\xbf{}"), "The text is not JSON."},
	    {TEXT("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"),
	        "The JSON is nested more than 32 levels deep."},
	};
	struct json_object object;
	const char *problem;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		object.count = 1;
		ck_assert_msg(!json_object_read(rows[i].json, LIMIT, arena, &object, &problem),
		    "row %zu was read", i);
		ck_assert_msg(strcmp(problem, rows[i].problem) == 0, "row %zu: %s", i, problem);
		ck_assert_uint_eq(object.count, 0);
	}
}
END_TEST

START_TEST(length_and_memory_are_limited)
{
	struct arena *small = arena_new(200);
	struct json_object object;
	const char *problem;

	ck_assert(json_object_read(TEXT("{\"a\":12}"), 8, arena, &object, &problem));
	ck_assert(!json_object_read(TEXT("{\"a\":123}"), 8, arena, &object, &problem));
	ck_assert_str_eq(problem, "The JSON is too long.");
	ck_assert(!json_object_read(
	    TEXT("{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"), 100, small, &object, &problem));
	ck_assert_str_eq(problem, "Memory ran out while reading JSON.");
	ck_assert_uint_eq(object.count, 0);
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json_object");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, every_kind_keeps_its_value);
	tcase_add_test(tc, what_is_no_string_is_no_string);
	tcase_add_test(tc, refusals_say_why_and_leave_nothing);
	tcase_add_test(tc, length_and_memory_are_limited);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
