/* codec/base64 and codec/percent: encoded bytes, both ways. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/base64.h"
#include "codec/percent.h"

START_TEST(base64_goes_both_ways)
{
	/* RFC 4648, section 10, and bytes beyond it */
	static const struct {
		struct text bytes;
		const char *encoded;
	} rows[] = {
	    {{"", 0}, ""},
	    {{"f", 1}, "Zg=="},
	    {{"fo", 2}, "Zm8="},
	    {{"foo", 3}, "Zm9v"},
	    {{"foob", 4}, "Zm9vYg=="},
	    {{"fooba", 5}, "Zm9vYmE="},
	    {{"foobar", 6}, "Zm9vYmFy"},
	    {{"\0\0\0", 3}, "AAAA"},
	    {{"\0", 1}, "AA=="},
	    {{"\xff\xef\xfe", 3}, "/+/+"},
	    {{"\xff\xff\xff\xff", 4}, "/////w=="},
	};
	struct arena *arena = arena_new(10000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text bytes = {0};

		assert_text(base64_encode(rows[i].bytes, arena), rows[i].encoded);
		ck_assert(base64_decode(text_of(rows[i].encoded), arena, &bytes));
		ck_assert_msg(text_equal(bytes, rows[i].bytes), "row %zu", i);
	}
	arena_free(arena);
}
END_TEST

/* RFC 7515, appendix C, and the rows above in the other alphabet; then what is not canonical. */
START_TEST(base64url_has_no_padding_and_its_own_alphabet)
{
	static const struct {
		struct text bytes;
		const char *encoded;
	} rows[] = {
	    {{"\x03\xec\xff\xe0\xc1", 5}, "A-z_4ME"},
	    {{"", 0}, ""},
	    {{"f", 1}, "Zg"},
	    {{"fo", 2}, "Zm8"},
	    {{"foo", 3}, "Zm9v"},
	    {{"\xff\xef\xfe", 3}, "_-_-"},
	    {{"\0", 1}, "AA"},
	};
	static const struct text broken[] = {{NULL, 0}, {"Z", 1}, {"Zm9vZ", 5}, {"Zg==", 4},
	    {"Zm8=", 4}, {"Zh", 2}, {"Zm9", 3}, {"/+/+", 4}, {"_-/-", 4}, {"Zm9v\n", 5},
	    {" Zm9", 4}, {"Zm9\0", 4}, {"Z===", 4}};
	struct arena *arena = arena_new(10000);
	struct text bytes;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_text(base64url_encode(rows[i].bytes, arena), rows[i].encoded);
		ck_assert(base64url_decode(text_of(rows[i].encoded), arena, &bytes));
		ck_assert_msg(text_equal(bytes, rows[i].bytes), "row %zu", i);
	}
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		ck_assert_msg(!base64url_decode(broken[i], arena, &bytes), "row %zu", i);
		ck_assert(!text_present(bytes));
	}
	arena_free(arena);
}
END_TEST

START_TEST(base64_decodes_only_the_canonical_form)
{
	static const struct text rows[] = {
	    {NULL, 0},
	    {"Z", 1},
	    {"Zg", 2},
	    {"Zg=", 3},
	    {"Zh==", 4}, /* a trailing bit is set */
	    {"Zm9=", 4}, /* likewise */
	    {"Zg==\n", 5},
	    {" Zg==", 5},
	    {"Zm9v\n\n\n\n", 8},
	    {"Zg==Zg==", 8}, /* padding in the middle */
	    {"====", 4},
	    {"Z===", 4},
	    {"=Zm9", 4},
	    {"Zm=v", 4},
	    {"_-_-", 4}, /* the URL alphabet */
	    {"Zm9\0", 4},
	    {"\0\0\0\0", 4},
	    {"Zm9\xff", 4},
	};
	struct arena *arena = arena_new(10000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text bytes = TEXT("stale");

		ck_assert_msg(!base64_decode(rows[i], arena, &bytes), "row %zu", i);
		ck_assert_msg(!text_present(bytes), "row %zu leaves bytes", i);
	}
	arena_free(arena);
}
END_TEST

START_TEST(base64_fails_cleanly_without_memory)
{
	struct arena *arena = arena_new(16);
	struct text bytes = TEXT("stale");

	ck_assert(!text_present(base64_encode(TEXT("0123456789012345"), arena)));
	ck_assert(!base64_decode(TEXT("MDEyMzQ1Njc4OTAxMjM0NQ=="), arena, &bytes));
	ck_assert(!text_present(bytes));
	arena_free(arena);
}
END_TEST

START_TEST(hex_goes_both_ways)
{
	static const unsigned char bytes[] = {0x00, 0x1f, 0xa0, 0xff};
	unsigned char back[4];
	char hex[9];

	hex_encode(bytes, sizeof(bytes), hex);
	ck_assert_str_eq(hex, "001fa0ff");
	ck_assert(hex_decode(text_of(hex), back, sizeof(back)));
	ck_assert_mem_eq(back, bytes, sizeof(bytes));
	ck_assert(hex_decode(TEXT("001FA0fF"), back, sizeof(back)));
	ck_assert_mem_eq(back, bytes, sizeof(bytes));
}
END_TEST

START_TEST(broken_hex_leaves_zeros)
{
	static const struct text rows[] = {{NULL, 0}, {"", 0}, {"00", 2}, {"0011aabbc", 9},
	    {"0011aab", 7}, {"0011aabbcc", 6}, {"0011aabg", 8}, {"0011aa\0b", 8}, {"0011aa b", 8},
	    {"0x11aabb", 8}, {"0011aabbcc", 10}, {"0011aa:b", 8}, {"0011aa/b", 8}, {"0011aa@b", 8},
	    {"0011aa`b", 8}};
	static const unsigned char zeros[4];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char out[4] = {1, 2, 3, 4};

		ck_assert_msg(!hex_decode(rows[i], out, sizeof(out)), "row %zu", i);
		ck_assert_msg(memcmp(out, zeros, sizeof(out)) == 0, "row %zu leaves bytes", i);
	}
}
END_TEST

START_TEST(percent_escapes_are_decoded_once)
{
	static const struct {
		const char *input;
		const char *form;
		const char *path;
	} rows[] = {
	    {"", "", ""},
	    {"a+b%20c", "a b c", "a+b c"},
	    {"%2b%2B+", "++ ", "+++"},
	    {"%2525", "%25", "%25"},
	    {"%", "%", "%"},
	    {"%4", "%4", "%4"},
	    {"%zz%4g%g4", "%zz%4g%g4", "%zz%4g%g4"},
	    {"%%41", "%A", "%A"},
	    {"%c3%ab", "\xc3\xab", "\xc3\xab"},
	    {"100%", "100%", "100%"},
	    {"%+1%-1", "% 1%-1", "%+1%-1"},
	};
	struct arena *arena = arena_new(10000);
	struct text out;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text input = text_of(rows[i].input);

		ck_assert(percent_decode(input, PERCENT_PLUS_IS_SPACE, arena, &out));
		assert_text(out, rows[i].form);
		ck_assert(percent_decode(input, PERCENT_PLUS_STAYS, arena, &out));
		assert_text(out, rows[i].path);
	}
	ck_assert(percent_decode(TEXT("a%00b"), PERCENT_PLUS_STAYS, arena, &out));
	ck_assert(text_equal(out, (struct text){"a\0b", 3}));
	ck_assert(!percent_decode((struct text){0}, PERCENT_PLUS_STAYS, arena, &out));
	arena_free(arena);
}
END_TEST

START_TEST(percent_reads_nothing_beyond_the_text)
{
	struct arena *arena = arena_new(1000);
	struct text out;

	ck_assert(percent_decode((struct text){"a%41", 3}, PERCENT_PLUS_STAYS, arena, &out));
	assert_text(out, "a%4");
	ck_assert(percent_decode((struct text){"a%41", 2}, PERCENT_PLUS_STAYS, arena, &out));
	assert_text(out, "a%");
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base64");
	TCase *tests = tcase_create("base64");

	tcase_add_test(tests, base64_goes_both_ways);
	tcase_add_test(tests, base64url_has_no_padding_and_its_own_alphabet);
	tcase_add_test(tests, base64_decodes_only_the_canonical_form);
	tcase_add_test(tests, base64_fails_cleanly_without_memory);
	tcase_add_test(tests, hex_goes_both_ways);
	tcase_add_test(tests, broken_hex_leaves_zeros);
	tcase_add_test(tests, percent_escapes_are_decoded_once);
	tcase_add_test(tests, percent_reads_nothing_beyond_the_text);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
