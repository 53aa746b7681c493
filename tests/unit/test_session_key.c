/* Cookies and refresh tokens: their form, what they depend on, and which are recognised. */
#include "platform.h"

#include "base/arena.h"
#include "session/session_key.h"
#include "unit/runner.h"

#define ID "0123456789abcdef0123456789abcdef"
#define MAC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn-_0"

static const struct text id = TEXT(ID);
static const struct text salt = TEXT("sixteen byte slt");

static struct session_keys *open_keys(struct arena *arena, const char *first, const char *second)
{
	const char *items[] = {first, second};
	struct config_list secrets = {items, second ? 2 : 1};
	struct session_keys *keys = session_keys_open(&secrets, arena);

	ck_assert_ptr_nonnull(keys);
	return keys;
}

START_TEST(refresh_tokens_have_one_form)
{
	static const struct {
		const char *token;
		bool well_formed;
	} rows[] = {
	    {ID ".1." MAC, true},
	    {ID ".2147483647." MAC, true},
	    {ID ".2147483648." MAC, false},
	    {ID ".0." MAC, false},
	    {ID ".01." MAC, false},
	    {ID ".+1." MAC, false},
	    {ID ".." MAC, false},
	    {ID "." MAC, false},
	    {ID ".1." MAC ".", false},
	    {ID ".1." MAC "A", false},
	    {ID ".1." MAC "=", false},
	    {ID ".1.", false},
	    {ID ".1", false},
	    {ID, false},
	    {"", false},
	    {"0123456789ABCDEF0123456789ABCDEF.1." MAC, false},
	    {"0123456789abcdef0123456789abcde.1." MAC, false},
	    {"0123456789abcdef0123456789abcdef0.1." MAC, false},
	    {ID ".1.+BCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn-_0", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct session_refresh refresh;

		ck_assert_msg(
		    session_refresh_parse(text_of(rows[i].token), &refresh) == rows[i].well_formed,
		    "%s", rows[i].token);
	}
}
END_TEST

START_TEST(what_was_made_is_recognised)
{
	struct arena *arena = arena_new(65536);
	struct session_keys *keys = open_keys(arena, "first secret", NULL);
	struct text token = session_refresh_token(keys, 0, id, 7, salt, arena);
	struct text cookie = session_cookie(keys, 0, id, salt, arena);
	struct session_refresh refresh;
	bool tried;

	ck_assert(session_refresh_parse(token, &refresh));
	ck_assert(text_equal(refresh.id, id));
	ck_assert_uint_eq(refresh.generation, 7);
	ck_assert(session_refresh_genuine(keys, &refresh, salt, arena, &tried));
	ck_assert(session_cookie_valid(cookie));
	/* a cookie is not the last part of a token of the same session */
	ck_assert(!text_equal(cookie, text_skip(token, token.length - cookie.length)));
	session_keys_close(keys);
	arena_free(arena);
}
END_TEST

/* Each row changes one thing; the token must not be recognised then. */
START_TEST(anything_else_is_not)
{
	static const struct {
		const char *secret;
		const char *id;
		uint64_t generation;
		const char *salt;
		bool same;
	} rows[] = {
	    {"first secret", ID, 7, "sixteen byte slt", true},
	    {"first secreT", ID, 7, "sixteen byte slt", false},
	    {"first secret", "1123456789abcdef0123456789abcdef", 7, "sixteen byte slt", false},
	    {"first secret", ID, 8, "sixteen byte slt", false},
	    {"first secret", ID, 7, "sixteen byte slT", false},
	};
	struct arena *arena = arena_new(65536);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct session_keys *ours = open_keys(arena, "first secret", NULL);
		struct session_keys *theirs = open_keys(arena, rows[i].secret, NULL);
		struct text token = session_refresh_token(theirs, 0, text_of(rows[i].id),
		    rows[i].generation, text_of(rows[i].salt), arena);
		struct text expected = session_refresh_token(ours, 0, id, 7, salt, arena);
		struct session_refresh refresh;
		bool tried;

		ck_assert_int_eq(text_equal(token, expected), rows[i].same);
		ck_assert(session_refresh_parse(token, &refresh));
		refresh.id = id;
		refresh.generation = 7;
		ck_assert_int_eq(
		    session_refresh_genuine(ours, &refresh, salt, arena, &tried), rows[i].same);
		ck_assert(tried);
		session_keys_close(ours);
		session_keys_close(theirs);
	}
	arena_free(arena);
}
END_TEST

START_TEST(an_older_secret_counts_and_makes_nothing_new)
{
	struct arena *arena = arena_new(65536);
	struct session_keys *before = open_keys(arena, "old secret", NULL);
	struct session_keys *after = open_keys(arena, "new secret", "old secret");
	struct session_keys *later = open_keys(arena, "new secret", NULL);
	struct text token = session_refresh_token(before, 0, id, 1, salt, arena);
	struct session_refresh refresh;
	bool tried;

	ck_assert(session_refresh_parse(token, &refresh));
	ck_assert(session_refresh_genuine(after, &refresh, salt, arena, &tried));
	ck_assert(!session_refresh_genuine(later, &refresh, salt, arena, &tried));
	ck_assert(!text_equal(token, session_refresh_token(after, 0, id, 1, salt, arena)));
	ck_assert_uint_eq(session_keys_count(after), 2);
	session_keys_close(before);
	session_keys_close(after);
	session_keys_close(later);
	arena_free(arena);
}
END_TEST

START_TEST(what_cannot_be_made_is_not_taken_for_a_forgery)
{
	struct arena *arena = arena_new(65536);
	struct arena *full = arena_new(16);
	struct session_keys *keys = open_keys(arena, "first secret", NULL);
	struct session_refresh refresh;
	bool tried;

	ck_assert(session_refresh_parse(text_of(ID ".7." MAC), &refresh));
	ck_assert(!session_refresh_genuine(keys, &refresh, salt, arena, &tried));
	ck_assert(tried);
	ck_assert(!session_refresh_genuine(keys, &refresh, salt, full, &tried));
	ck_assert(!tried);
	session_keys_close(keys);
	arena_free(full);
	arena_free(arena);
}
END_TEST

START_TEST(no_secret_or_salt_makes_nothing)
{
	struct arena *arena = arena_new(65536);
	struct config_list none = {0};
	struct session_keys *keys = open_keys(arena, "secret", NULL);

	ck_assert_ptr_null(session_keys_open(&none, arena));
	ck_assert(!text_present(session_cookie(keys, 1, id, salt, arena)));
	ck_assert(!text_present(session_cookie(keys, 0, id, TEXT("short"), arena)));
	ck_assert(!text_present(session_refresh_token(keys, 0, id, 1, (struct text){0}, arena)));
	session_keys_close(keys);
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("session key");
	TCase *tests = tcase_create("session key");

	tcase_add_test(tests, refresh_tokens_have_one_form);
	tcase_add_test(tests, what_was_made_is_recognised);
	tcase_add_test(tests, anything_else_is_not);
	tcase_add_test(tests, an_older_secret_counts_and_makes_nothing_new);
	tcase_add_test(tests, what_cannot_be_made_is_not_taken_for_a_forgery);
	tcase_add_test(tests, no_secret_or_salt_makes_nothing);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
