/* channel/template and channel/scope: one channel for one set of values, and nobody else's. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "channel/template.h"

static struct value text_value(const char *string)
{
	return (struct value){VALUE_TEXT, text_of(string)};
}

/* A user named `id` whose values are name and slug, at a path that captured the same slug. */
struct guest {
	struct named_value values[3];
	struct identity identity;
	struct captures path;
	struct scope scope;
};

static void make_guest(struct guest *guest, const char *slug, const char *id, const char *name)
{
	*guest = (struct guest){
	    .values = {{text_of("name"), text_value(name)},
	        {text_of("secret"), {VALUE_BINARY, text_of("x")}}, {text_of("unset"), {0}}},
	    .path = {.values = {{text_of("slug"), text_value(slug)}}, .count = 1},
	};
	guest->identity =
	    (struct identity){.id = text_value(id), .values = guest->values, .value_count = 3};
	guest->scope = (struct scope){.identity = &guest->identity, .path = &guest->path};
}

#define HOTEL "private-hotel-{slug}-guest-chat-booking-{user}"

START_TEST(only_the_channel_built_is_allowed)
{
	static const struct {
		const char *template;
		const char *slug;
		const char *user;
		const char *name;
		const char *channel;
		enum outcome outcome;
	} rows[] = {
	    {"private-user.{user}", "s", "42", "n", "private-user.42", OUTCOME_ALLOWED},
	    {"private-user.{user}", "s", "42", "n", "private-user.421", OUTCOME_TEMPLATE_MISMATCH},
	    {"private-user.{user}", "s", "42", "n", "private-user.4", OUTCOME_TEMPLATE_MISMATCH},
	    {"private-user.{user}", "s", "42", "n", "private-user.", OUTCOME_TEMPLATE_MISMATCH},
	    {"private-user.{user}", "s", "Ab", "n", "private-user.ab", OUTCOME_TEMPLATE_MISMATCH},
	    {"private-user.{user}", "s", "4.2-1", "n", "private-user.4.2-1", OUTCOME_ALLOWED},
	    {"private-plain", "s", "42", "n", "private-plain", OUTCOME_ALLOWED},
	    {"private-{user}-x", "s", "a-x", "n", "private-a-x-x", OUTCOME_ALLOWED},
	    {"private-{user}.{user.name}-x", "s", "1", "a-x", "private-1.a-x-x", OUTCOME_ALLOWED},
	    {HOTEL, "grand-hotel", "BK-2025-ABC123", "n",
	        "private-hotel-grand-hotel-guest-chat-booking-BK-2025-ABC123", OUTCOME_ALLOWED},
	    {HOTEL, "grand", "BK-1", "n", "private-hotel-grand-hotel-guest-chat-booking-BK-1",
	        OUTCOME_TEMPLATE_MISMATCH},
	    /* without a value nothing is built, not even a part */
	    {"private-user.{user}", "s", "", "n", "private-user.", OUTCOME_VALUE_MISSING},
	    {"private-{missing}", "s", "42", "n", "private-", OUTCOME_VALUE_MISSING},
	    {"private-{user.unset}", "s", "42", "n", "private-", OUTCOME_VALUE_MISSING},
	    {"private-{user.}", "s", "42", "n", "private-", OUTCOME_VALUE_MISSING},
	    {"private-{user.secret}", "s", "42", "n", "private-x", OUTCOME_VALUE_MISSING},
	    /* two sets of values, one name: the set that reads back has it, the other never */
	    {HOTEL, "a", "b-guest-chat-booking-c", "n",
	        "private-hotel-a-guest-chat-booking-b-guest-chat-booking-c", OUTCOME_ALLOWED},
	    {HOTEL, "a-guest-chat-booking-b", "c", "n",
	        "private-hotel-a-guest-chat-booking-b-guest-chat-booking-c",
	        OUTCOME_TEMPLATE_AMBIGUOUS},
	    {"private-{user}.{user.name}", "s", "1", "2.3", "private-1.2.3", OUTCOME_ALLOWED},
	    {"private-{user}.{user.name}", "s", "1.2", "3", "private-1.2.3",
	        OUTCOME_TEMPLATE_AMBIGUOUS},
	    {"private-{user}.{user.name}.x", "s", "1.2", "3", "private-1.2.3.x",
	        OUTCOME_TEMPLATE_AMBIGUOUS},
	    /* a value does not choose what kind of channel it is */
	    {"private-{user}", "s", "encrypted-7", "n", "private-encrypted-7",
	        OUTCOME_TEMPLATE_AMBIGUOUS},
	    {"presence-{user}", "s", "cache-7", "n", "presence-cache-7",
	        OUTCOME_TEMPLATE_AMBIGUOUS},
	    {"private-cache-{user}", "s", "7", "n", "private-cache-7", OUTCOME_ALLOWED},
	};
	struct arena *arena = arena_new(100000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guest guest;
		struct verdict verdict;

		make_guest(&guest, rows[i].slug, rows[i].user, rows[i].name);
		verdict = template_compare(
		    rows[i].template, &guest.scope, text_of(rows[i].channel), arena);
		ck_assert_msg(verdict.outcome == rows[i].outcome, "%s for %s: %s", rows[i].channel,
		    rows[i].user, outcome_row(verdict.outcome)->reason);
	}
	arena_free(arena);
}
END_TEST

/* The name a guest would build, by plain replacement. */
static void build(char out[64], const char *format, const char *a, const char *b)
{
	out[0] = '\0';
	for (; *format; format++) {
		const char *piece = *format == '1' ? a : *format == '2' ? b : NULL;
		size_t used = strlen(out);

		if (piece)
			memcpy(out + used, piece, strlen(piece) + 1);
		else
			memcpy(out + used, (char[2]){*format, '\0'}, 2);
	}
}

START_TEST(no_two_sets_of_values_are_allowed_one_name)
{
	static const struct {
		const char *template;
		const char *format;
	} rows[] = {
	    {"private-{user}-{user.name}", "private-1-2"},
	    {"private-{user}-{user.name}-", "private-1-2-"},
	    {"private-{user}--{user.name}", "private-1--2"},
	    {"private-{user}a-a{user.name}", "private-1a-a2"},
	    {"private-{user}-{user.name}-{user}", "private-1-2-1"},
	};
	static const char *const values[] = {"a", "-", "--", "a-", "-a", "aa", "a-a", "a-a-a",
	    "a--a", "---", "aa-a", "a-aa", "-a-", "cache-", "encrypted-a"};
	const size_t count = sizeof(values) / sizeof(values[0]);
	struct arena *arena = arena_new(4000000);
	size_t allowed = 0;

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
		for (size_t i = 0; i < count * count; i++) {
			struct guest guest;
			size_t holders = 0;
			char name[64];

			build(name, rows[r].format, values[i / count], values[i % count]);
			for (size_t k = 0; k < count * count; k++) {
				make_guest(&guest, "s", values[k / count], values[k % count]);
				holders += verdict_allows(template_compare(
				    rows[r].template, &guest.scope, text_of(name), arena));
			}
			arena_wipe(arena);
			ck_assert_msg(holders <= 1, "%s is the channel of %zu", name, holders);
			allowed += holders;
		}
	ck_assert_int_gt(allowed, 100);
	arena_free(arena);
}
END_TEST

START_TEST(a_rule_speaks_of_names_that_begin_as_its_template)
{
	static const struct {
		const char *template;
		const char *channel;
		bool begins;
	} rows[] = {
	    {HOTEL, "private-hotel-grand-guest-chat-booking-BK-1", true},
	    {HOTEL, "private-hotel-grand-guest-chat-booking-", true},
	    {HOTEL, "private-hotel-grand-guest-chat-booking", false},
	    {HOTEL, "private-hotel-other-guest-chat-booking-BK-1", false},
	    {HOTEL, "private-some-other-format", false},
	    {"private-{user}-x", "private-anything", true},
	    {"private-plain", "private-plain", true}, {"private-plain", "private-plai", false},
	    {"private-{missing}", "private-x", true}, /* the comparison refuses */
	};
	struct guest guest;

	make_guest(&guest, "grand", "1", "n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(template_begins(rows[i].template, &guest.path,
		                  text_of(rows[i].channel)) == rows[i].begins,
		    "%s", rows[i].channel);
}
END_TEST

START_TEST(templates_that_could_not_work_are_errors)
{
	static const struct {
		const char *template;
		const char *words; /* NULL: good */
	} rows[] = {
	    {HOTEL, NULL},
	    {"private-plain", NULL},
	    {"private-x.{user.a}.{user.b}", NULL},
	    {"private-x{user}{slug}", "need text between them"},
	    {"private-x{hotel}", "{hotel} is neither"},
	    {"private-x{now}", "{now} is neither"},
	    {"private-x{users.a}", "{users.a} is neither"},
	};
	struct arena *arena = arena_new(100000);
	const char *problem;
	struct pattern *path =
	    pattern_compile("/hotel/{slug:slug}/auth", PATTERN_PATH, arena, &problem);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report *report = report_new();
		bool good = template_check(
		    rows[i].template, (struct origin){"a.conf", 3}, NULL, path, report);

		ck_assert_msg(good == !rows[i].words, "%s", rows[i].template);
		ck_assert(good != report_failed(report));
		if (good)
			ck_assert_uint_eq(report_count(report), 0);
		if (rows[i].words)
			ck_assert_msg(
			    strstr(report_line(report, 0), rows[i].words), "%s", rows[i].template);
		report_free(report);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_value_right_after_the_prefix_is_a_warning)
{
	static const struct {
		const char *template;
		bool warns;
	} rows[] = {{"private-{user}", true}, {"presence-{user}.x", true},
	    {"private-cache-{user}", true}, {"private-encrypted-{slug}-{user}", true},
	    {"private-x{user}", false}, {"private-cache{user}", false}, {"private-plain", false},
	    {"private-", false}};
	struct arena *arena = arena_new(100000);
	const char *problem;
	struct pattern *path =
	    pattern_compile("/hotel/{slug:slug}/auth", PATTERN_PATH, arena, &problem);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report *report = report_new();

		ck_assert(template_check(
		    rows[i].template, (struct origin){"a.conf", 3}, NULL, path, report));
		ck_assert_msg(report_count(report) == rows[i].warns, "%s", rows[i].template);
		if (rows[i].warns)
			ck_assert_ptr_nonnull(
			    strstr(report_line(report, 0), "nothing but the prefix"));
		report_free(report);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_name_on_both_sides_must_mean_the_same)
{
	struct arena *arena = arena_new(10000);
	struct captures channel = {.values = {{text_of("name"), text_value("zoe")}}, .count = 1};
	struct guest guest;

	make_guest(&guest, "grand", "1", "zoe");
	ck_assert(verdict_allows(scope_agrees(&guest.scope, arena)));
	guest.scope.channel = &channel;
	ck_assert(verdict_allows(scope_agrees(&guest.scope, arena)));
	channel.values[0].value = text_value("Zoe");
	ck_assert_int_eq(scope_agrees(&guest.scope, arena).outcome, OUTCOME_VALUE_DISAGREES);
	guest.scope.channel = NULL;
	guest.path.values[0].name = text_of("name");
	ck_assert_int_eq(scope_agrees(&guest.scope, arena).outcome, OUTCOME_VALUE_DISAGREES);
	/* a value that is NULL agrees with nothing */
	guest.path.values[0].name = text_of("unset");
	ck_assert_int_eq(scope_agrees(&guest.scope, arena).outcome, OUTCOME_VALUE_DISAGREES);
	ck_assert_str_eq(scope_agrees(&guest.scope, arena).detail, "unset");
	arena_free(arena);
}
END_TEST

START_TEST(a_sentence_is_filled_in_as_far_as_there_are_values)
{
	static const struct {
		const char *sentence;
		const char *written;
	} rows[] = {
	    {"add user {user} to {slug}", "add user 1 to grand"},
	    {"{user.name}{user.unset}{user.secret}.", "zoe{user.unset}{user.secret}."},
	    {"no value", "no value"},
	};
	struct arena *arena = arena_new(10000);
	struct report *report = report_new();
	struct guest guest;

	make_guest(&guest, "grand", "1", "zoe");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(template_write_sentence(rows[i].sentence, &guest.scope, arena),
		    rows[i].written);
	ck_assert(template_check_sentence(
	    "a {user.name}{user}", "cure", (struct origin){"f", 1}, NULL, NULL, report));
	ck_assert(!template_check_sentence(
	    "a {nobody}", "cure", (struct origin){"f", 1}, NULL, NULL, report));
	report_free(report);
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("template");
	TCase *tests = tcase_create("template");

	tcase_add_test(tests, only_the_channel_built_is_allowed);
	tcase_add_test(tests, no_two_sets_of_values_are_allowed_one_name);
	tcase_add_test(tests, a_rule_speaks_of_names_that_begin_as_its_template);
	tcase_add_test(tests, templates_that_could_not_work_are_errors);
	tcase_add_test(tests, a_value_right_after_the_prefix_is_a_warning);
	tcase_add_test(tests, a_name_on_both_sides_must_mean_the_same);
	tcase_add_test(tests, a_sentence_is_filled_in_as_far_as_there_are_values);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
