/* codec/fields: forms, query strings and JSON, good ones and hostile ones. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "unit/field_rows.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

START_TEST(forms_are_decoded)
{
	static const struct field_row rows[] = {
	    {{NULL, 0}, ""},
	    {TEXT(""), ""},
	    {TEXT("&&a=1"), "T a=1;"},
	    {TEXT("a=1&&b=2&"), "T a=1;T b=2;"},
	    {TEXT("socket_id=1.2&channel_name=private-x"),
	        "T socket_id=1.2;T channel_name=private-x;"},
	    {TEXT("a=b+c%20d%2Be"), "T a=b c d+e;"},
	    {TEXT("socket%5Fid=1.1"), "T socket_id=1.1;"},
	    {TEXT("a=%zz&b=%&c=%4"), "T a=%zz;T b=%;T c=%4;"},
	    {TEXT("a=%2541"), "T a=%41;"},
	    {TEXT("a"), "T a=;"},
	    {TEXT("a="), "T a=;"},
	    {TEXT("=b"), "T =b;"},
	    {TEXT("="), "T =;"},
	    {TEXT("a=b=c"), "T a=b=c;"},
	    {TEXT("a;b=1"), "T a;b=1;"},
	    {TEXT("a=1&a=2"), "T a=1;T a=2;"},
	    {TEXT("a=%ff%fe"), "T a=\xff\xfe;"},
	    {TEXT("a=1%26b=2%3d"), "T a=1&b=2=;"},
	};

	check_field_rows(fields_read_form, rows, COUNT(rows));
}
END_TEST

START_TEST(list_names_lose_their_brackets)
{
	static const struct field_row rows[] = {
	    {TEXT("c[]=a&c[]=b"), "I c=a;I c=b;"},
	    {TEXT("c[0]=a&c[17]=b"), "I c=a;I c=b;"},
	    {TEXT("c%5B0%5D=a&c%5b%5d=b"), "I c=a;I c=b;"},
	    {TEXT("c[=a&c]=b&c[x]=d&[]=e&[0]=f&]=g"),
	        "T c[=a;T c]=b;T c[x]=d;T []=e;T [0]=f;T ]=g;"},
	    {TEXT("c[-1]=a&c[ 0]=b&c[0]x=d&c[0x]=e"), "T c[-1]=a;T c[ 0]=b;T c[0]x=d;T c[0x]=e;"},
	    {TEXT("c[0][1]=a&c[][]=b"), "I c[0]=a;I c[]=b;"},
	};

	check_field_rows(fields_read_form, rows, COUNT(rows));
}
END_TEST

START_TEST(forms_refuse_nul)
{
	static const struct field_row rows[] = {
	    {{"a=b\0c", 5}, NULL},
	    {{"a\0=b", 4}, NULL},
	    {{"a=1&\0", 5}, NULL},
	    {TEXT("a=b%00"), NULL},
	    {TEXT("a%00b=c"), NULL},
	    {TEXT("a=b&unused=%00"), NULL},
	};

	check_field_rows(fields_read_form, rows, COUNT(rows));
}
END_TEST

START_TEST(json_members_become_fields)
{
	static const struct field_row rows[] = {
	    {TEXT("{}"), ""},
	    {TEXT("{\"b\":\"1\",\"a\":\"2\"}"), "T b=1;T a=2;"},
	    {TEXT(" \r\n\t{ \"a\" : \"\\u00eb\\/\\ud83d\\ude00\" } \n"),
	        "T a=\xc3\xab/\xf0\x9f\x98\x80;"},
	    {TEXT("{\"c\":[\"a\",\"b\"]}"), "I c=a;I c=b;"},
	    {TEXT("{\"c\":[],\"d\":[1],\"e\":[\"a\",1],\"f\":[[\"a\"]]}"), "O c;O d;O e;O f;"},
	    {TEXT("{\"a\":1,\"b\":null,\"c\":true,\"d\":{},\"e\":1.5}"), "O a;O b;O c;O d;O e;"},
	    {TEXT("{\"a\":99999999999999999999}"), "O a;"},
	    {TEXT("{\"a\":\"\",\"\":\"x\"}"), "T a=;T =x;"},
	    {TEXT("{\"a+b%20\":\"c+d%20\"}"), "T a+b%20=c+d%20;"},
	    {TEXT("{\"c[]\":\"a\",\"c[0]\":\"b\"}"), "T c[]=a;T c[0]=b;"},
	    {TEXT("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"),
	        "O a;"},
	};

	check_field_rows(fields_read_json, rows, COUNT(rows));
}
END_TEST

START_TEST(broken_json_is_refused)
{
	static const struct field_row rows[] = {
	    {{NULL, 0}, NULL},
	    {TEXT(""), NULL},
	    {TEXT("[]"), NULL},
	    {TEXT("[{\"a\":\"1\"}]"), NULL},
	    {TEXT("\"a\""), NULL},
	    {TEXT("1"), NULL},
	    {TEXT("null"), NULL},
	    {TEXT("{"), NULL},
	    {TEXT("{\"a\":\"1\""), NULL},
	    {TEXT("{\"a\":\"1\",}"), NULL},
	    {TEXT("{a:\"1\"}"), NULL},
	    {TEXT("{'a':'1'}"), NULL},
	    {TEXT("{\"a\":\"1\"} x"), NULL},
	    {TEXT("{\"a\":\"1\"}{}"), NULL},
	    {TEXT("{\"a\":\"1\"}&a=2"), NULL},
	    {TEXT("{\"a\":\"1\",\"a\":\"2\"}"), NULL},
	    {TEXT("{\"a\":\"1\",\"\\u0061\":\"2\"}"), NULL},
	    {TEXT("{\"x\":[{\"y\":{\"a\":1,\"a\":1}}]}"), NULL},
	    {TEXT("{\"a\":\"\\u0000\"}"), NULL},
	    {TEXT("{\"a\\u0000\":\"1\"}"), NULL},
	    {TEXT("{\"x\":[\"\\u0000\"]}"), NULL},
	    {{"{\"a\":\"1\"}\0", 10}, NULL},
	    {{"{\"a\":\"\0\"}", 9}, NULL},
	    {{"\0{\"a\":\"1\"}", 10}, NULL},
	    {{"{\"a\":1\0}", 8}, NULL},
	    {TEXT("{\"a\":\"\xff\"}"), NULL},
	    {TEXT("{\"a\":\"\xc0\xaf\"}"), NULL},
	    {TEXT("{\"a\":\"\xed\xa0\x80\"}"), NULL},
	    {TEXT("{\"a\":\"\\ud800\"}"), NULL},
	    {TEXT("{\"a\":\"\\ud83dx\"}"), NULL},
	    {TEXT("{\"a\":\"line\nend\"}"), NULL},
	    {TEXT("{\"a\":01}"), NULL},
	    {TEXT("{\"a\":NaN}"), NULL},
	    {TEXT("\xef\xbb\xbf{}"), NULL},
	    {TEXT("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"),
	        NULL},
	};

	check_field_rows(fields_read_json, rows, COUNT(rows));
}
END_TEST

START_TEST(json_problems_are_named)
{
	static const struct {
		const char *input;
		const char *problem;
	} rows[] = {
	    {"[]", "The JSON is not an object."},
	    {"{\"a\":1,\"a\":1}", "A JSON member's name is repeated."},
	    {"{\"a\":\"\\u0000\"}", "A JSON string holds U+0000."},
	    {"{\"a\":\"\xff\"}", "The JSON is not UTF-8."},
	    {"{\"a\":", "The JSON ends too early."},
	    {"{} x", "The JSON is followed by something else."},
	    {"{\"a\":1e999}", "A JSON number is too large."},
	    {"{a}", "The text is not JSON."},
	    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "The JSON is nested more than 32 levels deep."},
	};
	struct arena *arena = arena_new(FIELD_ARENA_BYTES);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fields fields = {0};
		const char *problem = NULL;

		ck_assert(!fields_read_json(text_of(rows[i].input), arena, &fields, &problem));
		ck_assert_str_eq(problem, rows[i].problem);
	}
	arena_free(arena);
}
END_TEST

/* A hundred thousand brackets must not reach a recursive parser. */
START_TEST(deep_json_costs_no_stack)
{
	static char deep[100000];
	struct arena *arena = arena_new(FIELD_ARENA_BYTES);
	struct fields fields = {0};
	const char *problem = NULL;

	memset(deep, '[', sizeof(deep));
	memcpy(deep, "{\"a\":", 5);
	ck_assert(!fields_read_json((struct text){deep, sizeof(deep)}, arena, &fields, &problem));
	ck_assert_str_eq(problem, "The JSON is nested more than 32 levels deep.");
	arena_free(arena);
}
END_TEST

/* Likewise JSON. */
START_TEST(truncated_json_is_refused)
{
	static const char body[] = "{\"socket_id\":\"1.2\",\"channel_name\":[\"private-\\u00eb\"]}";
	struct arena *arena = arena_new(FIELD_ARENA_BYTES);

	for (size_t length = 0; length < sizeof(body); length++) {
		struct text input = {arena_copy(arena, body, length), length};
		struct fields fields = {0};
		const char *problem = NULL;
		bool good = fields_read_json(input, arena, &fields, &problem);

		ck_assert_msg(good == (length == sizeof(body) - 1), "length %zu", length);
		arena_wipe(arena);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_thousand_fields_and_no_more)
{
	static char form[2 * 1001];
	static char json[32 + 3 * 1001];
	struct text input = {json, 0};
	struct arena *arena = arena_new(FIELD_ARENA_BYTES);
	struct fields fields = {0};
	const char *problem = NULL;

	for (size_t i = 0; i < sizeof(form); i++)
		form[i] = i % 2 ? '&' : 'a';
	ck_assert(fields_read_form((struct text){form, 2000}, arena, &fields, &problem));
	ck_assert_uint_eq(fields.count, 1000);
	assert_text(fields.items[999].name, "a");
	ck_assert(!fields_read_form(TEXT("b=2"), arena, &fields, &problem));
	ck_assert_str_eq(problem, "There are more than 1000 fields.");
	ck_assert_uint_eq(fields.count, 0);
	ck_assert(!fields_read_form((struct text){form, sizeof(form)}, arena, &fields, &problem));

	arena_wipe(arena);
	memcpy(json, "{\"a\":[", 6);
	for (size_t i = 0; i < 1001; i++)
		memcpy(json + 6 + 3 * i, "\"\",", 3);
	memcpy(json + 6 + 3 * 1001 - 1, "],\"b\":\"\"}", sizeof("],\"b\":\"\"}") - 1);
	input.length = 6 + 3 * 1001 - 1 + sizeof("],\"b\":\"\"}") - 1;
	ck_assert(!fields_read_json(input, arena, &fields, &problem));
	ck_assert_str_eq(problem, "There are more than 1000 fields.");
	ck_assert_uint_eq(fields.count, 0);
	arena_free(arena);
}
END_TEST

/* With every arena from nothing to enough: refuse cleanly, or read everything. */
START_TEST(a_full_arena_is_a_clean_refusal)
{
	static const struct {
		field_reader *read;
		struct text input;
	} rows[] = {
	    {fields_read_form, TEXT("socket_id=1.2&channel_name[]=private-x&c=3")},
	    {fields_read_json,
	        TEXT("{\"socket_id\":\"1.2\",\"channel_name\":[\"private-x\"],\"c\":3}")},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t refused = 0;

		for (size_t limit = 0; limit < 1024; limit += 16) {
			struct arena *arena = arena_new(limit);
			struct fields fields = {0};
			const char *problem = NULL;
			bool good = rows[i].read(rows[i].input, arena, &fields, &problem);

			ck_assert_uint_eq(fields.count, good ? 3 : 0);
			ck_assert(good || strstr(problem, "memory"));
			refused += !good;
			arena_free(arena);
		}
		ck_assert_msg(refused > 10 && refused < 60, "row %zu: %zu refused", i, refused);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fields");
	TCase *tests = tcase_create("fields");

	tcase_add_test(tests, forms_are_decoded);
	tcase_add_test(tests, list_names_lose_their_brackets);
	tcase_add_test(tests, forms_refuse_nul);
	tcase_add_test(tests, json_members_become_fields);
	tcase_add_test(tests, broken_json_is_refused);
	tcase_add_test(tests, json_problems_are_named);
	tcase_add_test(tests, deep_json_costs_no_stack);
	tcase_add_test(tests, truncated_json_is_refused);
	tcase_add_test(tests, a_thousand_fields_and_no_more);
	tcase_add_test(tests, a_full_arena_is_a_clean_refusal);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
