/* codec/subscription_syntax: socket ids, channel names, bearer tokens. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/subscription_syntax.h"

START_TEST(socket_ids_are_digits_dot_digits)
{
	static const char *const good[] = {"1.1", "0.0", "1234.5678", "45055.28877557",
	    "00000000000000000001.00000000000000000001", "99999999999999999999.1"};
	static const struct text bad[] = {{NULL, 0}, {"", 0}, {".", 1}, {"1", 1}, {"1.", 2},
	    {".1", 2}, {"1.1.1", 5}, {"1..1", 4}, {"1.1\n", 4}, {"\n1.1", 4}, {":\n1.1", 5},
	    {" 1.1", 4}, {"1.1 ", 4}, {"1.1\0", 4}, {"1\0.1", 4}, {"0x1.1", 5}, {"1e1.1", 5},
	    {"-1.1", 4}, {"+1.1", 4}, {"1,1", 3}, {"1.1:x", 5},
	    {"\xd9\xa1.1", 4}, /* an Arabic digit */
	    {"1.1/", 4}, {"/.1", 3}, {"000000000000000000001.1", 23},
	    {"1.000000000000000000001", 23}};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(socket_id_valid(text_of(good[i])), "good %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!socket_id_valid(bad[i]), "bad %zu", i);
}
END_TEST

/* Every one of the 256 bytes, against the list in the contract. */
START_TEST(channel_names_have_no_other_bytes)
{
	static const char allowed[] = "-_=@,.;0123456789abcdefghijklmnopqrstuvwxyz"
	                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (int byte = 0; byte < 256; byte++) {
		char name[] = {'a', (char)byte, 'b'};
		bool wanted = byte != 0 && strchr(allowed, byte) != NULL;

		ck_assert_msg(
		    channel_name_valid((struct text){name, 3}, CHANNEL_NAME_MAX) == wanted,
		    "byte 0x%02x", byte);
	}
}
END_TEST

START_TEST(channel_names_have_a_length)
{
	char name[CHANNEL_NAME_MAX + 1];

	memset(name, 'x', sizeof(name));
	ck_assert(!channel_name_valid((struct text){0}, CHANNEL_NAME_MAX));
	ck_assert(!channel_name_valid(TEXT(""), CHANNEL_NAME_MAX));
	ck_assert(channel_name_valid((struct text){name, CHANNEL_NAME_MAX}, CHANNEL_NAME_MAX));
	ck_assert(!channel_name_valid((struct text){name, CHANNEL_NAME_MAX + 1}, CHANNEL_NAME_MAX));
	ck_assert(!channel_name_valid(TEXT("private-x\n"), CHANNEL_NAME_MAX));
	ck_assert(!channel_name_valid(TEXT(":user::{\"id\":\"admin\"}"), CHANNEL_NAME_MAX));
}
END_TEST

START_TEST(channel_kinds_are_the_most_specific)
{
	static const struct {
		const char *name;
		enum channel_kind kind;
	} rows[] = {
	    {"private-x", CHANNEL_PRIVATE},
	    {"private-", CHANNEL_PRIVATE},
	    {"private-private-x", CHANNEL_PRIVATE},
	    {"private-cache", CHANNEL_PRIVATE},
	    {"private-cache-x", CHANNEL_PRIVATE_CACHE},
	    {"private-encrypted", CHANNEL_PRIVATE},
	    {"private-encrypted-", CHANNEL_PRIVATE_ENCRYPTED},
	    {"private-encrypted-cache-x", CHANNEL_PRIVATE_ENCRYPTED},
	    {"private-presence-x", CHANNEL_PRIVATE},
	    {"presence-x", CHANNEL_PRESENCE},
	    {"presence-cache-x", CHANNEL_PRESENCE_CACHE},
	    {"presence-encrypted-x", CHANNEL_PRESENCE},
	    {"privatefoo", CHANNEL_PUBLIC},
	    {"private", CHANNEL_PUBLIC},
	    {"PRIVATE-x", CHANNEL_PUBLIC},
	    {"Private-x", CHANNEL_PUBLIC},
	    {"cache-x", CHANNEL_PUBLIC},
	    {" private-x", CHANNEL_PUBLIC},
	    {"-private-x", CHANNEL_PUBLIC},
	    {"", CHANNEL_PUBLIC},
	};

	ck_assert_int_eq(channel_name_kind((struct text){0}), CHANNEL_PUBLIC);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(channel_name_kind(text_of(rows[i].name)) == rows[i].kind, "\"%s\"",
		    rows[i].name);
}
END_TEST

START_TEST(channel_kinds_have_prefix_and_word)
{
	static const struct {
		enum channel_kind kind;
		const char *prefix;
		const char *word;
		bool presence;
	} rows[] = {
	    {CHANNEL_PRIVATE, "private-", "private", false},
	    {CHANNEL_PRESENCE, "presence-", "presence", true},
	    {CHANNEL_PRIVATE_ENCRYPTED, "private-encrypted-", "private-encrypted", false},
	    {CHANNEL_PRIVATE_CACHE, "private-cache-", "private-cache", false},
	    {CHANNEL_PRESENCE_CACHE, "presence-cache-", "presence-cache", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_str_eq(channel_kind_prefix(rows[i].kind), rows[i].prefix);
		ck_assert_int_eq(channel_kind_named(text_of(rows[i].word)), rows[i].kind);
		ck_assert_int_eq(channel_name_kind(text_of(rows[i].prefix)), rows[i].kind);
		ck_assert(channel_kind_has_presence(rows[i].kind) == rows[i].presence);
	}
	ck_assert_str_eq(channel_kind_prefix(CHANNEL_PUBLIC), "");
	ck_assert_str_eq(channel_kind_prefix(CHANNEL_PRIVATE | CHANNEL_PRESENCE), "");
	ck_assert(!channel_kind_has_presence(CHANNEL_PUBLIC));
	ck_assert_int_eq(channel_kind_named(TEXT("private-")), CHANNEL_PUBLIC);
	ck_assert_int_eq(channel_kind_named(TEXT("Private")), CHANNEL_PUBLIC);
	ck_assert_int_eq(channel_kind_named(TEXT("")), CHANNEL_PUBLIC);
	ck_assert_int_eq(channel_kind_named((struct text){0}), CHANNEL_PUBLIC);
}
END_TEST

START_TEST(bearer_tokens_are_read_as_laravel_reads_them)
{
	static const struct {
		const char *header;
		const char *token; /* NULL: absent */
	} rows[] = {
	    {"Bearer 1|abc", "1|abc"},
	    {"bearer 1|abc", "1|abc"},
	    {"BEARER 1|abc", "1|abc"},
	    {"Bearer 1|abc, Basic eA==", "1|abc"},
	    {"Basic eA==, Bearer 1|abc", "1|abc"},
	    {"Bearer one Bearer two", "two"},
	    {"Bearer one, Bearer two", "two"},
	    {"xBearer 1|abc", "1|abc"},
	    {"Bearer  1|abc", " 1|abc"},
	    {"Bearer ", ""},
	    {"Bearer ,1|abc", ""},
	    {"Bearer 1|a=b;c", "1|a=b;c"},
	    {"Bearer", NULL},
	    {"Bearer\t1|abc", NULL},
	    {"Basic eA==", NULL},
	    {"earer 1|abc", NULL},
	    {"", NULL},
	    {NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text token = bearer_token(text_of(rows[i].header));

		if (rows[i].token)
			assert_text(token, rows[i].token);
		else
			ck_assert_msg(!text_present(token), "row %zu", i);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("subscription_syntax");
	TCase *tests = tcase_create("subscription_syntax");

	tcase_add_test(tests, socket_ids_are_digits_dot_digits);
	tcase_add_test(tests, channel_names_have_no_other_bytes);
	tcase_add_test(tests, channel_names_have_a_length);
	tcase_add_test(tests, channel_kinds_are_the_most_specific);
	tcase_add_test(tests, channel_kinds_have_prefix_and_word);
	tcase_add_test(tests, bearer_tokens_are_read_as_laravel_reads_them);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
