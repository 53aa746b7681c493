/* codec/fields: multipart bodies and their boundaries, good ones and hostile ones. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "unit/field_rows.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static bool read_multipart_b(
    struct text input, struct arena *arena, struct fields *fields, const char **problem)
{
	return fields_read_multipart(TEXT("b"), input, arena, fields, problem);
}

#define PART "--b\r\nContent-Disposition: form-data; "

START_TEST(multipart_parts_become_fields)
{
	static const struct field_row rows[] = {
	    {TEXT("--b--"), ""},
	    {TEXT("--b--\r\n"), ""},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2\r\n--b--\r\n"), "T a=1.2;"},
	    {TEXT(PART "name=a\r\n\r\n1\r\n" PART "name=\"c\"\r\n\r\n2\r\n--b--"), "T a=1;T c=2;"},
	    {TEXT(PART "name=\"a\"\r\n\r\n\r\n--b--\r\n"), "T a=;"},
	    {TEXT(PART "name=\"\"\r\n\r\nx\r\n--b--\r\n"), "T =x;"},
	    {TEXT(PART "name=\"c[]\"\r\n\r\nx\r\n" PART "name=\"c[1]\"\r\n\r\ny\r\n--b--"),
	        "I c=x;I c=y;"},
	    {TEXT(PART
	         "name=\"a\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--"),
	        "O a;"},
	    {TEXT(PART "name=\"a\"; filename*=UTF-8''x\r\n\r\nx\r\n--b--"), "O a;"},
	    {TEXT(PART "filename=\"\"; name=\"c[]\"\r\n\r\nx\r\n--b--"), "O c;"},
	    {TEXT("CONTENT-disposition..\r\n" PART "name=\"a\"\r\n\r\nx\r\n--b--\r\nepilogue"),
	        "T a=x;"},
	    {TEXT("--b\r\ncontent-type: text/plain\r\ncONTENT-dISPOSITION:FORM-DATA;NAME = a "
	          "\r\n\r\n"
	          "x\r\n--b--"),
	        "T a=x;"},
	    {TEXT("--b \t\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--"),
	        "T a=x;"},
	    {TEXT(PART "name=\"a\"\r\n\r\na+b%20\r\n\r\n-\n--b\n\r\n--b--"),
	        "T a=a+b%20\r\n\r\n-\n--b\n;"},
	    {TEXT(PART "name=\"a;b=c\"\r\n\r\nx\r\n--b--"), "T a;b=c=x;"},
	    {TEXT(PART "name=\"a%22\"\r\n\r\nx\r\n--b--"), "T a%22=x;"},
	    {TEXT(PART "name=\"a\";;; charset=utf-8 ; \r\n\r\nx\r\n--b--"), "T a=x;"},
	};

	check_field_rows(read_multipart_b, rows, COUNT(rows));
}
END_TEST

START_TEST(broken_multipart_is_refused)
{
	static const struct field_row rows[] = {
	    {{NULL, 0}, NULL},
	    {TEXT(""), NULL},
	    {TEXT("--"), NULL},
	    {TEXT("--b"), NULL},
	    {TEXT("--b-"), NULL},
	    {TEXT("--b\r\n"), NULL},
	    {TEXT("x--b--"), NULL},
	    {TEXT("a=1&b=2"), NULL},
	    {TEXT(PART "name=\"a\""), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2\r\n"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2\r\n--b"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2\r\n--b\r\n"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2--b--"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2\n--b--"), NULL},
	    {TEXT(PART "name=\"a\"\n\n1.2\n--b--"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1.2\r\n--bb--"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n1\r\n--bx\r\n2\r\n--b--"), NULL},
	    {TEXT(PART "name=\"a\"\r\n\r\n--b--"), NULL},
	    {TEXT(PART "name=\"a\"\r\n--b--"), NULL},
	    {TEXT("--b\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("--b\r\n\r\n\r\n\r\n--b--"), NULL},
	    {TEXT("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("--b\r\nContent-Disposition : form-data; name=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("--b\r\n Content-Disposition: form-data; name=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("--b\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\nContent-Disposition: form-data; name=c\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a; name=c\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\nContent-Disposition: form-data; x=y\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\n X: y\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\nX : y\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\nX: y\nZ: z\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\nX: y\rZ: z\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=\"a\\\"\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=\"a\"x=y\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("--bxyContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=\"a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=\"a\\\"b\"\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=\"a\"c\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\"\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "x; name=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\nbroken\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\nX: y\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT("\0" PART "name=a\r\n\r\nx\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\n\r\nx\0y\r\n--b--"), NULL},
	    {TEXT(PART "name=a\r\n\r\nx\r\n--b--\0"), NULL},
	};

	check_field_rows(read_multipart_b, rows, COUNT(rows));
}
END_TEST

/* Cut a good body short at every byte: none of the beginnings may pass. */
START_TEST(truncated_multipart_is_refused)
{
	static const char body[] = PART "name=\"socket_id\"\r\n\r\n1.2\r\n" PART
	                                "name=\"channel_name\"\r\n\r\nprivate-x\r\n--b--";
	struct arena *arena = arena_new(FIELD_ARENA_BYTES);

	for (size_t length = 0; length < sizeof(body); length++) {
		struct text input = {arena_copy(arena, body, length), length};
		struct fields fields = {0};
		const char *problem = NULL;
		bool good = read_multipart_b(input, arena, &fields, &problem);

		ck_assert_msg(good == (length == sizeof(body) - 1), "length %zu", length);
		ck_assert_uint_eq(fields.count, good ? 2 : 0);
		arena_wipe(arena);
	}
	arena_free(arena);
}
END_TEST

START_TEST(boundaries_are_found)
{
	static const struct {
		const char *type;
		const char *boundary; /* NULL: absent */
	} rows[] = {
	    {"multipart/form-data; boundary=abc", "abc"},
	    {"Multipart/Form-Data;BOUNDARY=\"a b\"", "a b"},
	    {"multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundaryx",
	        "----WebKitFormBoundaryx"},
	    {"multipart/form-data; boundary=abc; charset=utf-8", "abc"},
	    {" multipart/form-data ;; boundary = abc ", "abc"},
	    {"multipart/form-data; boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"},
	    {"multipart/form-data; x=\"; boundary=evil\"; boundary=abc", "abc"},
	    {"multipart/form-data; "
	     "boundary=1234567890123456789012345678901234567890123456789012345678901234567890",
	        "1234567890123456789012345678901234567890123456789012345678901234567890"},
	    {"multipart/form-data; "
	     "boundary=12345678901234567890123456789012345678901234567890123456789012345678901",
	        NULL},
	    {"multipart/form-data", NULL},
	    {"multipart/form-data;", NULL},
	    {"multipart/form-data; boundary", NULL},
	    {"multipart/form-data; boundary=", NULL},
	    {"multipart/form-data; boundary=\"\"", NULL},
	    {"multipart/form-data; boundary=\"a ", NULL},
	    {"multipart/form-data; boundary=\"a \"", NULL},
	    {"multipart/form-data; boundary=a b", NULL},
	    {"multipart/form-data; boundary=\"a\\b\"", NULL},
	    {"multipart/form-data; boundary=a\r\nb", NULL},
	    {"multipart/form-data; boundary=a\xc3\xab", NULL},
	    {"multipart/form-data; boundary=a; boundary=b", NULL},
	    {"multipart/form-data; boundary=a; BOUNDARY=a", NULL},
	    {"multipart/mixed; boundary=abc", NULL},
	    {"multipart/form-data-x; boundary=abc", NULL},
	    {"application/x-www-form-urlencoded, application/json", NULL},
	    {"application/json; boundary=abc", NULL},
	    {"", NULL},
	    {NULL, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text boundary = fields_multipart_boundary(text_of(rows[i].type));

		if (rows[i].boundary)
			assert_text(boundary, rows[i].boundary);
		else
			ck_assert_msg(!text_present(boundary), "row %zu", i);
	}
}
END_TEST

START_TEST(multipart_checks_its_boundary_again)
{
	static const struct text bad[] = {{NULL, 0}, {"", 0}, {"a\0b", 3}, {"a\"", 2}, {"a ", 2},
	    {"12345678901234567890123456789012345678901234567890123456789012345678901", 71}};
	struct arena *arena = arena_new(FIELD_ARENA_BYTES);

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct fields fields = {0};
		const char *problem = NULL;

		ck_assert(!fields_read_multipart(bad[i], TEXT("----"), arena, &fields, &problem));
		ck_assert_str_eq(problem, "The multipart boundary is not valid.");
	}
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
	    {read_multipart_b,
	        TEXT(PART "name=\"a\"\r\n\r\n1\r\n" PART "name=\"c\"\r\n\r\n2\r\n" PART
	                  "name=\"d\"\r\n\r\n2\r\n--b--")},
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
	Suite *suite = suite_create("fields_multipart");
	TCase *tests = tcase_create("fields_multipart");

	tcase_add_test(tests, multipart_parts_become_fields);
	tcase_add_test(tests, broken_multipart_is_refused);
	tcase_add_test(tests, truncated_multipart_is_refused);
	tcase_add_test(tests, boundaries_are_found);
	tcase_add_test(tests, multipart_checks_its_boundary_again);
	tcase_add_test(tests, a_full_arena_is_a_clean_refusal);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
