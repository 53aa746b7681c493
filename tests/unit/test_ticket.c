/* ticket/: what is signed, for whom, and what is refused for which reason. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/base64.h"
#include "ticket/ticket.h"

#define ARENA_BYTES 300000
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define STRING(literal)                                                                            \
	{                                                                                          \
		VALUE_TEXT,                                                                        \
		{                                                                                  \
			literal, sizeof(literal) - 1                                               \
		}                                                                                  \
	}
#define NUMBER(literal)                                                                            \
	{                                                                                          \
		VALUE_INTEGER,                                                                     \
		{                                                                                  \
			literal, sizeof(literal) - 1                                               \
		}                                                                                  \
	}
#define NAME(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static const unsigned char some_master_key[MASTER_KEY_BYTES] = "0123456789abcdef0123456789abcde";

static void assert_zeroed(const struct ticket *ticket)
{
	ck_assert(!text_present(ticket->auth) && !text_present(ticket->channel_data));
	ck_assert(!text_present(ticket->shared_secret) && !text_present(ticket->user_data));
}

START_TEST(data_is_built_in_both_styles)
{
	static const struct ticket_member zoe[] = {{NAME("n/m"), STRING("Zo\xc3\xab"), false}};
	static const struct ticket_member nulls[] = {{NAME("a"), {VALUE_NONE, {NULL, 0}}, false},
	    {NAME("b"), {VALUE_NONE, {NULL, 0}}, true}};
	static const struct {
		enum verifier verifier;
		enum json_style style;
		const char *user_id;
		const struct ticket_member *members;
		size_t count;
		const char *data;
	} rows[] = {
	    {VERIFIER_PUSHER, JSON_PLAIN, "u/1", zoe, 1,
	        "{\"user_id\":\"u/1\",\"user_info\":{\"n/m\":\"Zo\xc3\xab\"}}"},
	    {VERIFIER_PUSHER, JSON_PHP, "u/1", zoe, 1,
	        "{\"user_id\":\"u\\/1\",\"user_info\":{\"n\\/m\":\"Zo\\u00eb\"}}"},
	    {VERIFIER_PUSHER, JSON_PHP, "7", NULL, 0, "{\"user_id\":\"7\"}"},
	    {VERIFIER_PUSHER, JSON_PHP, "7", nulls, 2, "{\"user_id\":\"7\"}"},
	    {VERIFIER_SOCKUDO, JSON_PHP, "7", NULL, 0, "{\"user_id\":\"7\"}"},
	    {VERIFIER_REVERB, JSON_PHP, "7", NULL, 0, "{\"user_id\":\"7\",\"user_info\":{}}"},
	    {VERIFIER_SOKETI, JSON_PLAIN, "7", nulls, 2, "{\"user_id\":\"7\",\"user_info\":{}}"},
	    {VERIFIER_PUSHER, JSON_PLAIN, "x\",\"user_id\":\"1", NULL, 0,
	        "{\"user_id\":\"x\\\",\\\"user_id\\\":\\\"1\"}"},
	};
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text out;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ticket_channel_data(rows[i].verifier, rows[i].style, text_of(rows[i].user_id),
		    rows[i].members, rows[i].count, arena, &out);
		assert_text(out, rows[i].data);
	}
	ticket_user_data(JSON_PLAIN, TEXT("7"), zoe, 1, arena, &out);
	assert_text(out, "{\"id\":\"7\",\"n/m\":\"Zo\xc3\xab\"}");
	ticket_user_data(JSON_PLAIN, TEXT("7"), nulls, 2, arena, &out);
	assert_text(out, "{\"id\":\"7\"}");
	arena_free(arena);
}
END_TEST

START_TEST(data_that_cannot_be_signed_is_refused)
{
	static const char long_id[129] = {[0 ... 128] = 'x'};
	static const struct ticket_member good = {NAME("name"), STRING("x"), false};
	const struct {
		struct text user_id;
		struct ticket_member members[2];
	} rows[] = {
	    {{NULL, 0}, {good}},
	    {{"", 0}, {good}},
	    {{long_id, 129}, {good}},
	    {{"\xff", 1}, {good}},
	    {NAME("1"), {{NAME("x"), {VALUE_BINARY, NAME("x")}, false}, good}},
	    {NAME("1"), {{NAME("x"), {VALUE_BINARY, NAME("{}")}, true}, good}},
	    {NAME("1"), {{NAME("x"), STRING("\xff"), false}, good}},
	    {NAME("1"), {{NAME("x"), NUMBER("007"), false}, good}},
	    {NAME("1"), {{NAME("\xff"), STRING("x"), false}, good}},
	    {NAME("1"), {{{NULL, 0}, STRING("x"), false}, good}},
	    {NAME("1"), {{NAME("x"), STRING("{"), true}, good}},
	    {NAME("1"), {{NAME("x"), STRING("1},\"user_id\":{"), true}, good}},
	    {NAME("1"), {{NAME("x"), STRING(""), true}, good}},
	    {NAME("1"), {{NAME("x"), {VALUE_TEXT, {NULL, 0}}, false}, good}},
	    {NAME("1"), {{NAME("x"), {(enum value_kind)99, NAME("x")}, false}, good}},
	    {NAME("1"), {good, good}},
	    {NAME("1"), {{NAME("name"), {VALUE_NONE, {NULL, 0}}, false}, good}},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text out = TEXT("stale");
		struct verdict verdict = ticket_channel_data(
		    VERIFIER_PUSHER, JSON_PHP, rows[i].user_id, rows[i].members, 2, arena, &out);

		ck_assert_msg(verdict.outcome == OUTCOME_USER_DATA_INVALID, "row %zu: %d", i,
		    (int)verdict.outcome);
		ck_assert_msg(verdict.detail && !text_present(out), "row %zu", i);
		out = TEXT("stale");
		verdict =
		    ticket_user_data(JSON_PHP, rows[i].user_id, rows[i].members, 2, arena, &out);
		ck_assert_msg(verdict.outcome == OUTCOME_USER_DATA_INVALID, "user row %zu", i);
		ck_assert(verdict.detail && !text_present(out));
	}
	arena_free(arena);
}
END_TEST

/* Of two members named id a client reads the last: it must not be the row's. */
START_TEST(user_data_has_one_id)
{
	static const struct ticket_member id[] = {{NAME("id"), STRING("admin"), false}};
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text out = TEXT("stale");

	ck_assert_int_eq(ticket_user_data(JSON_PHP, TEXT("7"), id, 1, arena, &out).outcome,
	    OUTCOME_USER_DATA_INVALID);
	ck_assert(!text_present(out));
	ck_assert(verdict_allows(
	    ticket_channel_data(VERIFIER_REVERB, JSON_PHP, TEXT("7"), id, 1, arena, &out)));
	assert_text(out, "{\"user_id\":\"7\",\"user_info\":{\"id\":\"admin\"}}");
	arena_free(arena);
}
END_TEST

START_TEST(data_has_its_limits)
{
	static const struct {
		enum verifier verifier;
		size_t info_bytes; /* of {"n":"xxx"} as written */
		bool allowed;
	} rows[] = {
	    {VERIFIER_PUSHER, 1024, true},
	    {VERIFIER_PUSHER, 1025, false},
	    {VERIFIER_REVERB, 1025, false},
	    {VERIFIER_SOCKUDO, 1025, false},
	    {VERIFIER_SOKETI, 1025, true},
	    {VERIFIER_SOKETI, 2048, true},
	    {VERIFIER_SOKETI, 2049, false},
	};
	static const char many[3000] = {[0 ... 2999] = 'x'};
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text id = {many, 128};
	struct text out;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ticket_member info = {
		    NAME("n"), {VALUE_TEXT, {many, rows[i].info_bytes - 8}}, false};
		struct verdict verdict =
		    ticket_channel_data(rows[i].verifier, JSON_PHP, id, &info, 1, arena, &out);

		ck_assert_msg(verdict_allows(verdict) == rows[i].allowed, "row %zu", i);
		ck_assert(text_present(out) == rows[i].allowed);
		arena_wipe(arena);
	}
	for (size_t bytes = 1024; bytes <= 1025; bytes++) {
		struct ticket_member info = {NAME("n"), {VALUE_TEXT, {many, bytes - 17}}, false};
		struct verdict verdict =
		    ticket_user_data(JSON_PHP, TEXT("7"), &info, 1, arena, &out);

		ck_assert(verdict_allows(verdict) == (bytes == 1024));
		ck_assert_uint_eq(out.length, bytes == 1024 ? 1024 : 0);
	}
	arena_free(arena);
}
END_TEST

START_TEST(subscriptions_are_refused_for_a_reason)
{
	static char name[CHANNEL_NAME_CEILING + 1];
	struct hmac_key *hmac = hmac_key_new(TEXT("secret"));
	const struct ticket_app app = {TEXT("key"), hmac, some_master_key, VERIFIER_PUSHER};
	const struct ticket_app no_hmac = {TEXT("key"), NULL, some_master_key, VERIFIER_PUSHER};
	const struct ticket_app no_key = {TEXT(""), hmac, some_master_key, VERIFIER_PUSHER};
	const struct ticket_app no_master = {TEXT("key"), hmac, NULL, VERIFIER_PUSHER};
	const struct ticket_app zeroed = {0};
	const struct {
		const struct ticket_app *app;
		struct text socket_id;
		struct text channel;
		struct text data;
		enum outcome outcome;
	} rows[] = {
	    {&app, NAME("1.2"), NAME("private-x"), {0}, OUTCOME_ALLOWED},
	    {&app, NAME("1.2"), {name, CHANNEL_NAME_CEILING}, {0}, OUTCOME_ALLOWED},
	    {&app, NAME("1.2"), {name, CHANNEL_NAME_CEILING + 1}, {0}, OUTCOME_CHANNEL_INVALID},
	    {&app, {NULL, 0}, NAME("private-x"), {0}, OUTCOME_SOCKET_ID_INVALID},
	    {&app, NAME("1.2:x"), NAME("private-x"), {0}, OUTCOME_SOCKET_ID_INVALID},
	    {&app, NAME("1.2\n"), NAME("private-x"), {0}, OUTCOME_SOCKET_ID_INVALID},
	    {&app, NAME("1.2"), {NULL, 0}, {0}, OUTCOME_CHANNEL_INVALID},
	    {&app, NAME("1.2"), NAME("private-x:{}"), {0}, OUTCOME_CHANNEL_INVALID},
	    {&app, NAME("1.2"), NAME(":user::{\"id\":\"1\"}"), {0}, OUTCOME_CHANNEL_INVALID},
	    {&app, NAME("1.2"), NAME("private-x\n"), {0}, OUTCOME_CHANNEL_INVALID},
	    {&app, NAME("1.2"), NAME("private-x\0"), {0}, OUTCOME_CHANNEL_INVALID},
	    {&app, NAME("1.2"), NAME("public"), {0}, OUTCOME_CHANNEL_NOT_GUARDED},
	    {&app, NAME("1.2"), NAME("Private-x"), {0}, OUTCOME_CHANNEL_NOT_GUARDED},
	    {&app, NAME("1.2"), NAME("presence-x"), {0}, OUTCOME_USER_DATA_INVALID},
	    {&app, NAME("1.2"), NAME("presence-x"), NAME(""), OUTCOME_USER_DATA_INVALID},
	    {&app, NAME("1.2"), NAME("presence-cache-x"), {0}, OUTCOME_USER_DATA_INVALID},
	    {&app, NAME("1.2"), NAME("presence-x"), NAME("\xff"), OUTCOME_USER_DATA_INVALID},
	    {&app, NAME("1.2"), NAME("private-x"), NAME("\xff"), OUTCOME_USER_DATA_INVALID},
	    {&app, NAME("1.2"), NAME("private-x"), NAME(""), OUTCOME_USER_DATA_INVALID},
	    {&no_hmac, NAME("1.2"), NAME("private-x"), {0}, OUTCOME_APP_KEYS_MISSING},
	    {&no_key, NAME("1.2"), NAME("private-x"), {0}, OUTCOME_APP_KEYS_MISSING},
	    {&zeroed, NAME("1.2"), NAME("private-x"), {0}, OUTCOME_APP_KEYS_MISSING},
	    {&no_master, NAME("1.2"), NAME("private-x"), {0}, OUTCOME_ALLOWED},
	    {&no_master, NAME("1.2"), NAME("private-encrypted-x"), {0}, OUTCOME_MASTER_KEY_MISSING},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	memset(name, 'x', sizeof(name));
	memcpy(name, "private-", 8);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ticket ticket = {TEXT("a"), TEXT("b"), TEXT("c"), TEXT("d")};
		struct verdict verdict = ticket_sign_channel(
		    rows[i].app, rows[i].socket_id, rows[i].channel, rows[i].data, arena, &ticket);

		ck_assert_msg(verdict.outcome == rows[i].outcome, "row %zu: %s", i,
		    outcome_row(verdict.outcome)->reason);
		if (!verdict_allows(verdict))
			assert_zeroed(&ticket);
	}
	hmac_key_free(hmac);
	arena_free(arena);
}
END_TEST

START_TEST(user_authentications_are_refused_for_a_reason)
{
	struct hmac_key *hmac = hmac_key_new(TEXT("secret"));
	const struct ticket_app app = {TEXT("key"), hmac, NULL, VERIFIER_PUSHER};
	const struct ticket_app zeroed = {0};
	const struct {
		const struct ticket_app *app;
		struct text socket_id;
		struct text data;
		enum outcome outcome;
	} rows[] = {
	    {&app, NAME("1.2"), NAME("{\"id\":\"1\"}"), OUTCOME_ALLOWED},
	    {&app, NAME("1.2:"), NAME("{\"id\":\"1\"}"), OUTCOME_SOCKET_ID_INVALID},
	    {&app, {NULL, 0}, NAME("{\"id\":\"1\"}"), OUTCOME_SOCKET_ID_INVALID},
	    {&app, NAME("1.2"), {NULL, 0}, OUTCOME_USER_DATA_INVALID},
	    {&app, NAME("1.2"), NAME(""), OUTCOME_USER_DATA_INVALID},
	    {&app, NAME("1.2"), NAME("\xff"), OUTCOME_USER_DATA_INVALID},
	    {&zeroed, NAME("1.2"), NAME("{\"id\":\"1\"}"), OUTCOME_APP_KEYS_MISSING},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ticket ticket = {TEXT("a"), TEXT("b"), TEXT("c"), TEXT("d")};
		struct verdict verdict =
		    ticket_sign_user(rows[i].app, rows[i].socket_id, rows[i].data, arena, &ticket);

		ck_assert_msg(verdict.outcome == rows[i].outcome, "row %zu", i);
		if (!verdict_allows(verdict))
			assert_zeroed(&ticket);
	}
	hmac_key_free(hmac);
	arena_free(arena);
}
END_TEST

/* Who signs channel_data: presence channels always, private ones only for some servers. */
START_TEST(each_verifier_gets_its_message)
{
	static const struct {
		enum verifier verifier;
		const char *channel;
		const char *message;
	} rows[] = {
	    {VERIFIER_PUSHER, "private-x", "1.2:private-x:{}"},
	    {VERIFIER_REVERB, "private-x", "1.2:private-x:{}"},
	    {VERIFIER_SOKETI, "private-x", "1.2:private-x"},
	    {VERIFIER_SOCKUDO, "private-x", "1.2:private-x"},
	    {VERIFIER_PUSHER, "private-encrypted-x", "1.2:private-encrypted-x:{}"},
	    {VERIFIER_SOKETI, "private-encrypted-x", "1.2:private-encrypted-x"},
	    {VERIFIER_REVERB, "private-cache-x", "1.2:private-cache-x:{}"},
	    {VERIFIER_SOCKUDO, "private-cache-x", "1.2:private-cache-x"},
	    {VERIFIER_PUSHER, "presence-x", "1.2:presence-x:{}"},
	    {VERIFIER_SOKETI, "presence-x", "1.2:presence-x:{}"},
	    {VERIFIER_SOCKUDO, "presence-cache-x", "1.2:presence-cache-x:{}"},
	};
	struct hmac_key *hmac = hmac_key_new(TEXT("secret"));
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ticket_app app = {TEXT("key"), hmac, some_master_key, rows[i].verifier};
		struct text message = text_of(rows[i].message);
		unsigned char mac[SHA256_BYTES];
		char wanted[4 + SHA256_HEX_BYTES] = "key:";
		struct ticket ticket;

		ck_assert(hmac_sign(hmac, &message, 1, mac));
		hex_encode(mac, sizeof(mac), wanted + 4);
		ck_assert(verdict_allows(ticket_sign_channel(
		    &app, TEXT("1.2"), text_of(rows[i].channel), TEXT("{}"), arena, &ticket)));
		assert_text(ticket.auth, wanted);
		assert_text(ticket.channel_data, "{}");
		ck_assert(text_present(ticket.shared_secret) ==
		          text_starts_with(text_of(rows[i].channel), "private-encrypted-"));
	}
	hmac_key_free(hmac);
	arena_free(arena);
}
END_TEST

START_TEST(bodies_are_flat_objects_of_strings)
{
	const struct {
		struct ticket ticket;
		enum json_style style;
		const char *wanted; /* NULL: absent */
	} rows[] = {
	    {{.auth = TEXT("k:1")}, JSON_PHP, "{\"auth\":\"k:1\"}"},
	    {{.auth = TEXT("k:1"), .channel_data = TEXT("{\"a\":\"/\xc3\xab\"}")}, JSON_PLAIN,
	        "{\"auth\":\"k:1\",\"channel_data\":\"{\\\"a\\\":\\\"/\xc3\xab\\\"}\"}"},
	    {{.auth = TEXT("k:1"), .channel_data = TEXT("{\"a\":\"\\/\"}")}, JSON_PHP,
	        "{\"auth\":\"k:1\",\"channel_data\":\"{\\\"a\\\":\\\"\\\\\\/\\\"}\"}"},
	    {{.auth = TEXT("k:1"), .shared_secret = TEXT("a/b=")}, JSON_PHP,
	        "{\"auth\":\"k:1\",\"shared_secret\":\"a\\/b=\"}"},
	    {{TEXT("1"), TEXT("2"), TEXT("3"), TEXT("4")}, JSON_PLAIN,
	        "{\"auth\":\"1\",\"channel_data\":\"2\",\"shared_secret\":\"3\",\"user_data\":"
	        "\"4\"}"},
	    {{.channel_data = TEXT("x")}, JSON_PLAIN, NULL},
	    {{.auth = TEXT("k:1"), .channel_data = TEXT("\xff")}, JSON_PLAIN, NULL},
	    {{.auth = {NULL, 0}}, JSON_PLAIN, NULL},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text body = ticket_body(&rows[i].ticket, rows[i].style, arena);

		if (rows[i].wanted)
			assert_text(body, rows[i].wanted);
		else
			ck_assert_msg(!text_present(body), "row %zu", i);
	}
	arena_free(arena);
}
END_TEST

/* With every arena from nothing to enough: an outage and nothing signed, or the whole ticket. */
START_TEST(a_full_arena_is_an_outage)
{
	static const struct ticket_member info[] = {
	    {NAME("name"), STRING("x"), false}, {NAME("j"), STRING("[\"y\"]"), true}};
	struct hmac_key *hmac = hmac_key_new(TEXT("secret"));
	struct ticket_app app = {TEXT("key"), hmac, some_master_key, VERIFIER_PUSHER};
	size_t allowed = 0;

	for (size_t limit = 0; limit < 2048; limit += 16) {
		struct arena *arena = arena_new(limit);
		struct text data;
		struct ticket ticket = {TEXT("a"), TEXT("b"), TEXT("c"), TEXT("d")};
		struct verdict verdict = ticket_channel_data(
		    VERIFIER_PUSHER, JSON_PHP, TEXT("7"), info, 2, arena, &data);

		if (!verdict_allows(verdict)) {
			ck_assert_int_eq(verdict.outcome, OUTCOME_RESOURCES_EXHAUSTED);
			ck_assert(!text_present(data));
			data = TEXT("{}");
		}
		verdict = ticket_sign_channel(
		    &app, TEXT("1.2"), TEXT("private-encrypted-x"), data, arena, &ticket);
		if (verdict_allows(verdict)) {
			ck_assert(text_present(ticket.auth) && text_present(ticket.shared_secret));
		} else {
			ck_assert_int_eq(verdict.outcome, OUTCOME_RESOURCES_EXHAUSTED);
			assert_zeroed(&ticket);
		}
		allowed +=
		    verdict_allows(verdict) && text_present(ticket_body(&ticket, JSON_PHP, arena));
		arena_free(arena);
	}
	ck_assert(allowed > 10 && allowed < 118);
	hmac_key_free(hmac);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ticket");
	TCase *tests = tcase_create("ticket");

	tcase_add_test(tests, data_is_built_in_both_styles);
	tcase_add_test(tests, data_that_cannot_be_signed_is_refused);
	tcase_add_test(tests, user_data_has_one_id);
	tcase_add_test(tests, data_has_its_limits);
	tcase_add_test(tests, subscriptions_are_refused_for_a_reason);
	tcase_add_test(tests, user_authentications_are_refused_for_a_reason);
	tcase_add_test(tests, each_verifier_gets_its_message);
	tcase_add_test(tests, bodies_are_flat_objects_of_strings);
	tcase_add_test(tests, a_full_arena_is_an_outage);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
