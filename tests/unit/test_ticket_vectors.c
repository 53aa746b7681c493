/* ticket/ against every answer that the Pusher libraries published and Laravel gave. */
#include "platform.h"
#include "unit/runner.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/fields.h"
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
#define MEMBERS_MAX 8

static const unsigned char some_master_key[MASTER_KEY_BYTES] = "0123456789abcdef0123456789abcde";

static json_t *load_vectors(const char *name)
{
	size_t length;
	char *data = read_test_file(name, &length);
	json_error_t error;
	json_t *tree = json_loadb(data, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	ck_assert_msg(tree != NULL, "%s:%d: %s", name, error.line, error.text);
	free(data);
	return tree;
}

static struct text member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return (struct text){json_string_value(value), json_string_length(value)};
}

static void assert_same(struct text actual, struct text wanted, const char *id)
{
	ck_assert_msg(text_equal(actual, wanted), "%s: got \"%.*s\", expected \"%.*s\"", id,
	    (int)actual.length, actual.data ? actual.data : "(absent)", (int)wanted.length,
	    wanted.data ? wanted.data : "(absent)");
}

static void assert_zeroed(const struct ticket *ticket)
{
	ck_assert(!text_present(ticket->auth) && !text_present(ticket->channel_data));
	ck_assert(!text_present(ticket->shared_secret) && !text_present(ticket->user_data));
}

/* The published signature over the published message, whatever the channel is called. */
static void check_message(const json_t *row, struct hmac_key *hmac, struct arena *arena)
{
	struct text message = member(row, "string_to_sign");
	unsigned char mac[SHA256_BYTES];
	char hex[SHA256_HEX_BYTES];
	struct text key = member(row, "key");
	struct text auth;

	ck_assert(text_present(message) && hmac_sign(hmac, &message, 1, mac));
	hex_encode(mac, sizeof(mac), hex);
	auth = text_of(arena_printf(arena, "%.*s:%s", (int)key.length, key.data, hex));
	assert_same(auth, member(row, "auth"), json_string_value(json_object_get(row, "id")));
}

/* The same answer through the ticket room, where the name is one that it signs. True when so. */
static bool check_ticket(const json_t *row, struct hmac_key *hmac, struct arena *arena)
{
	const char *id = json_string_value(json_object_get(row, "id"));
	struct ticket_app app = {member(row, "key"), hmac, some_master_key, VERIFIER_PUSHER};
	struct text socket_id = member(row, "socket_id");
	struct text channel = member(row, "channel");
	struct text data = member(row, "channel_data");
	struct ticket ticket;
	struct verdict verdict;

	if (text_is(member(row, "kind"), "user")) {
		verdict =
		    ticket_sign_user(&app, socket_id, member(row, "user_data"), arena, &ticket);
		ck_assert_msg(verdict_allows(verdict), "%s", id);
		assert_same(ticket.auth, member(row, "auth"), id);
		return true;
	}
	verdict = ticket_sign_channel(&app, socket_id, channel, data, arena, &ticket);
	if (channel_name_kind(channel) == CHANNEL_PUBLIC) {
		ck_assert_int_eq(verdict.outcome, OUTCOME_CHANNEL_NOT_GUARDED);
		assert_zeroed(&ticket);
		return false;
	}
	ck_assert_msg(verdict_allows(verdict), "%s", id);
	assert_same(ticket.auth, member(row, "auth"), id);
	return true;
}

static void check_shared_secret(const json_t *row, struct arena *arena)
{
	const char *id = json_string_value(json_object_get(row, "id"));
	struct hmac_key *hmac = hmac_key_new(TEXT("secret"));
	struct text channel = member(row, "channel");
	struct text key = member(row, "master_key");
	struct text parts[2] = {channel, key};
	unsigned char digest[SHA256_BYTES];
	struct ticket ticket;

	if (json_is_false(json_object_get(row, "master_key_is_raw")))
		ck_assert(base64_decode(key, arena, &parts[1]));
	ck_assert(sha256(parts, 2, digest));
	assert_same(base64_encode((struct text){(char *)digest, sizeof(digest)}, arena),
	    member(row, "shared_secret"), id);
	if (parts[1].length == MASTER_KEY_BYTES) {
		struct ticket_app app = {
		    TEXT("key"), hmac, (const unsigned char *)parts[1].data, VERIFIER_PUSHER};
		struct verdict verdict = ticket_sign_channel(
		    &app, TEXT("1.2"), channel, (struct text){0}, arena, &ticket);

		ck_assert_msg(verdict_allows(verdict), "%s", id);
		assert_same(ticket.shared_secret, member(row, "shared_secret"), id);
	}
	hmac_key_free(hmac);
}

START_TEST(published_answers_are_reproduced)
{
	json_t *rows = load_vectors("vectors/pusher_published.json");
	struct arena *arena = arena_new(ARENA_BYTES);
	size_t through_tickets = 0;
	size_t shared_secrets = 0;
	size_t index;
	json_t *row;

	json_array_foreach(rows, index, row)
	{
		if (text_is(member(row, "kind"), "shared_secret")) {
			check_shared_secret(row, arena);
			shared_secrets++;
		} else {
			struct hmac_key *hmac = hmac_key_new(member(row, "secret"));

			check_message(row, hmac, arena);
			through_tickets += check_ticket(row, hmac, arena);
			hmac_key_free(hmac);
		}
		arena_wipe(arena);
	}
	ck_assert_uint_eq(json_array_size(rows), 35);
	ck_assert_uint_eq(shared_secrets, 4);
	ck_assert_uint_eq(through_tickets, 17);
	json_decref(rows);
	arena_free(arena);
}
END_TEST

/* Why castgate does not give Laravel's answer; each of these is on purpose. */
enum step { STEP_FIELDS, STEP_NAMES, STEP_KIND, STEP_SAME };

static enum step step_of(struct text id)
{
	static const struct {
		struct text id;
		enum step step;
	} rows[] = {
	    {NAME("json-dupkey"), STEP_FIELDS},       /* a repeated name */
	    {NAME("ch:private-true\0"), STEP_FIELDS}, /* a NUL */
	    {NAME("big-float-sock"), STEP_NAMES},     /* a socket id that is a number */
	    {NAME("dotkey"), STEP_NAMES},             /* "socket.id" is another name */
	    {NAME("ch:privatefoo"), STEP_KIND},       /* no guarded prefix */
	    {NAME("ch:cache-true"), STEP_KIND},       /* likewise */
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (text_equal(rows[i].id, id))
			return rows[i].step;
	return STEP_SAME;
}

static struct text find_field(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (fields->items[i].kind == FIELD_TEXT && text_is(fields->items[i].name, name))
			return text_trim(fields->items[i].value);
	return (struct text){0};
}

static enum step replay(const json_t *recorded, const char *id, struct arena *arena)
{
	struct hmac_key *hmac = hmac_key_new(TEXT("thisisasecret"));
	struct ticket_app app = {TEXT("thisisaauthkey"), hmac, NULL, VERIFIER_REVERB};
	struct text wanted = member(recorded, "resp_body");
	struct text body = member(recorded, "body");
	json_t *reply = json_loadb(wanted.data, wanted.length, 0, NULL);
	struct fields fields = {0};
	struct ticket ticket = {0};
	enum step step = STEP_SAME;
	struct verdict verdict;
	const char *problem;
	bool good;

	ck_assert_msg(json_is_object(reply), "%s", id);
	good = text_starts_with(body, "{") ? fields_read_json(body, arena, &fields, &problem)
	                                   : fields_read_form(body, arena, &fields, &problem);
	if (json_object_get(reply, "user_data"))
		verdict = ticket_sign_user(&app, find_field(&fields, "socket_id"),
		    member(reply, "user_data"), arena, &ticket);
	else
		verdict = ticket_sign_channel(&app, find_field(&fields, "socket_id"),
		    find_field(&fields, "channel_name"), member(reply, "channel_data"), arena,
		    &ticket);
	if (!good)
		step = STEP_FIELDS;
	else if (verdict.outcome == OUTCOME_SOCKET_ID_INVALID)
		step = STEP_NAMES;
	else if (verdict.outcome == OUTCOME_CHANNEL_NOT_GUARDED)
		step = STEP_KIND;
	else
		assert_same(ticket_body(&ticket, JSON_PHP, arena), wanted, id);
	json_decref(reply);
	hmac_key_free(hmac);
	return step;
}

START_TEST(recorded_laravel_answers_are_reproduced)
{
	json_t *recording = load_vectors("vectors/laravel_recorded.json");
	struct arena *arena = arena_new(ARENA_BYTES);
	size_t same = 0;
	size_t other = 0;
	size_t index;
	json_t *row;

	json_array_foreach(json_object_get(recording, "cases"), index, row)
	{
		const char *id = json_string_value(json_object_get(row, "id"));
		enum step step;

		if (json_integer_value(json_object_get(row, "status")) != 200 ||
		    !text_is(member(row, "method"), "POST"))
			continue;
		step = replay(row, id, arena);
		ck_assert_msg(step == step_of(member(row, "id")), "%s: step %d", id, (int)step);
		same += step == STEP_SAME;
		other += step != STEP_SAME;
		arena_wipe(arena);
	}
	ck_assert_uint_eq(same, 31);
	ck_assert_uint_eq(other, 6);
	json_decref(recording);
	arena_free(arena);
}
END_TEST

/* The members of a recorded answer, rebuilt from values as a row would give them. */
START_TEST(recorded_data_is_rebuilt_from_values)
{
	static const struct {
		const char *id;
		const char *key; /* "channel_data" or "user_data" */
		const char *user_id;
		struct ticket_member members[MEMBERS_MAX];
		size_t count;
	} rows[] = {
	    {"ch:presence-uni", "channel_data", "1",
	        {
	            {NAME("name"),
	                STRING("Zo\xc3\xab/<\xc3\xa9> \xf0\x9f\x98\x80 \"q\" \\ & "
	                       "'\xe2\x80\xa8 \x7f \t"),
	                false},
	            {NAME("url"), STRING("https://x/y"), false},
	            {NAME("f"), {VALUE_DOUBLE, NAME("1.5")}, false},
	            {NAME("g"), {VALUE_DOUBLE, NAME("1")}, false},
	            {NAME("left_out"), {VALUE_NONE, {NULL, 0}}, false},
	            {NAME("n"), STRING("null"), true},
	            {NAME("e"), STRING(" [ ] "), true},
	            {NAME("o"), STRING("{}"), true},
	        },
	        8},
	    {"admin-presence-arr", "channel_data", "admin-1",
	        {{NAME("id"), NUMBER("1"), false}, {NAME("name"), STRING("Root"), false}}, 2},
	    {"ch:presence-dash-x-y-z", "channel_data", "1",
	        {{NAME("a"), STRING("x-y"), false}, {NAME("b"), STRING("z"), false}}, 2},
	    {"user-ok-zoe", "user_data", "2",
	        {{NAME("name"), STRING("Zo\xc3\xab/\xc3\xa9"), false}}, 1},
	};
	json_t *recording = load_vectors("vectors/laravel_recorded.json");
	struct arena *arena = arena_new(ARENA_BYTES);
	size_t checked = 0;
	size_t index;
	json_t *recorded;

	json_array_foreach(json_object_get(recording, "cases"), index, recorded)
	{
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct text body = member(recorded, "resp_body");
			struct text user_id = text_of(rows[i].user_id);
			struct text built;
			struct verdict verdict;
			json_t *reply;

			if (!text_is(member(recorded, "id"), rows[i].id))
				continue;
			if (strcmp(rows[i].key, "user_data") == 0)
				verdict = ticket_user_data(JSON_PHP, user_id, rows[i].members,
				    rows[i].count, arena, &built);
			else
				verdict = ticket_channel_data(VERIFIER_REVERB, JSON_PHP, user_id,
				    rows[i].members, rows[i].count, arena, &built);
			ck_assert(verdict_allows(verdict));
			reply = json_loadb(body.data, body.length, 0, NULL);
			assert_same(built, member(reply, rows[i].key), rows[i].id);
			json_decref(reply);
			checked++;
		}
	}
	ck_assert_uint_eq(checked, COUNT(rows));
	json_decref(recording);
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ticket_vectors");
	TCase *tests = tcase_create("ticket_vectors");

	tcase_add_test(tests, published_answers_are_reproduced);
	tcase_add_test(tests, recorded_laravel_answers_are_reproduced);
	tcase_add_test(tests, recorded_data_is_rebuilt_from_values);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
