/* config/: what config_show writes reads back the same, and the manual knows every directive. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#include <stdlib.h>
#include <string.h>

static char *show(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(stream);
	config_show(config, stream);
	fclose(stream);
	return text;
}

/* Put secrets back in the place of their masks. */
static char *unmask(const char *text)
{
	char *key = fixture_replace(text, "encryption_master_key = \"********\"",
	    "encryption_master_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"");
	char *pair =
	    fixture_replace(key, "\"********\", \"********\"", "\"secret one\", \"secret two\"");
	char *whole = fixture_replace(pair, "********", "0123456789 0123456789 0123456789");

	free(key);
	free(pair);
	return whole;
}

/* Show, read back, show again: the same text, but for the secrets. */
static void check_round_trip(const char *text)
{
	struct config *config = fixture_accepted(text);
	char *first = show(config);
	char *unmasked = unmask(first);
	char *second;

	config_free(config);
	config = fixture_accepted(unmasked);
	second = show(config);
	config_free(config);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	free(unmasked);
}

START_TEST(every_recipe_reads_back)
{
	for (size_t i = 0; i < FIXTURE_RECIPES; i++) {
		char *text = fixture_recipe(fixture_recipes[i]);

		check_round_trip(text);
		free(text);
	}
}
END_TEST

START_TEST(awkward_texts_read_back)
{
	check_round_trip(
	    "app main { key = 'a\"\\b\\'\\\\${X}\\\\' secret = s }\n" FIXTURE_DATABASE
	    "credential c { kind = sanctum touch = off from = {bearer, \"query:t\"} "
	    "owner 'A\\B\\\\' { table = users where = 'x = \"\\\\\n\"' } }\n"
	    "endpoint \"/a/{b}\" { credentials = c dialect = \"error-message\" messages "
	    "= {'no_rule = ${a}\"\\\\', 'other = it\\'s'}\n"
	    "channel \"x.{y:id}\" { allow = \"SELECT '\n\\\\'\" equals = "
	    "'presence-{user.a}' prefixes = {\"presence-cache\", presence} user_info = {} "
	    "json = {a, \"user.b\"} unproven = y channel_data = always\n"
	    "deny A1 { when = S message = '\\\\' } }\n"
	    "channel z { equals = 'private-z' } throttle { requests = 6 burst = 7 failures = off } }\n"
	    "endpoint \"/live\" { action = live }\n");
}
END_TEST

START_TEST(secrets_are_masked)
{
	struct config *config = fixture_accepted(
	    "app main { key = k secret = hunter2 encryption_master_key = "
	    "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\" }\n"
	    "database { socket = \"/s\" name = d user = u password = hunter2 }\n" FIXTURE_CREDENTIAL
	    "credential d { kind = better-auth secrets = {hunter2, hunter3} }\n"
	    "credential e { kind = jwt algorithms = HS256 secret = "
	    "\"hunter2 hunter2 hunter2 hunter2 hunter2\" }\n" FIXTURE_ENDPOINT);
	char *text = show(config);

	ck_assert_msg(!strstr(text, "hunter"), "%s", text);
	ck_assert_msg(!strstr(text, "AAEC"), "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "\tsecrets = {\"********\", \"********\"}\n"));
	ck_assert_ptr_nonnull(strstr(text, "\tencryption_master_key = \"********\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "\tpassword = \"********\"\n"));
	free(text);
	config_free(config);
}
END_TEST

START_TEST(defaults_and_gaps_are_shown)
{
	static const char *const lines[] = {"# state_dir is not set\n", "\nlog = \"stderr\"\n",
	    "\n\tdeadline = 1500ms\n", "\n\tmax_body = 32768\n", "\n\ttouch = 60s\n",
	    "\n\ttls = \"off\"\n", "\n\tcors_credentials = false\n", "\n\tapp = \"main\"\n",
	    "\n\tcredentials = {\"c\"}\n", "\n\t\tprefixes = {\"private\"}\n",
	    "\n\t\t# user_info is not set\n", "\n\t\tfailures = 1000\n",
	    "\n\t\trequests = off\n", "\n\t\tburst = off\n"};
	struct config *config = fixture_accepted(FIXTURE_ALL);
	char *text = show(config);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(strstr(text, lines[i]), "no line %s in\n%s", lines[i], text);
	ck_assert_msg(!strstr(text, "jwks"), "directives of other kinds");
	free(text);
	config_free(config);
}
END_TEST

/* A copy of the manual's part about a section. */
static char *manual_part(const char *manual, const char *section)
{
	char heading[64];
	const char *part;
	const char *end;

	/* owner, throttle and deny are described inside the section they stand in */
	snprintf(heading, sizeof(heading), "\n.Ss %s",
	    strcmp(section, "") == 0           ? "Top level"
	    : strcmp(section, "owner") == 0    ? "credential"
	    : strcmp(section, "throttle") == 0 ? "endpoint"
	    : strcmp(section, "deny") == 0     ? "channel"
	                                       : section);
	part = strstr(manual, heading);
	ck_assert_msg(part != NULL, "no part \"%s\" in the manual", heading);
	end = strstr(part + 1, "\n.Ss ");
	if (!end || (strstr(part, "\n.Sh ") && strstr(part, "\n.Sh ") < end))
		end = strstr(part, "\n.Sh ");
	ck_assert_ptr_nonnull(end);
	return strndup(part, (size_t)(end - part));
}

/* Does the directive have its paragraph, and does that name the default? */
static void check_described(const char *manual, const struct config_directive *row)
{
	char *part = manual_part(manual, row->section);
	char item[64];
	char *paragraph;
	char *end;
	char *fallback;

	snprintf(item, sizeof(item), "\n.It Ic %s ", row->name);
	paragraph = strstr(part, item);
	ck_assert_msg(paragraph != NULL, "%s %s is not in the manual", row->section, row->name);
	end = strstr(paragraph + 1, "\n.It ");
	if (end)
		*end = '\0';
	fallback = strstr(paragraph, "Default:");
	ck_assert_msg(!row->fallback || (fallback && strstr(fallback, row->fallback)),
	    "%s %s: the manual does not name its default %s", row->section, row->name,
	    row->fallback);
	free(part);
}

/* Sections of the top level are parts of the manual; include belongs to its syntax. */
static bool has_own_part(const struct config_directive *row)
{
	static const char *const names[] = {"include", "app", "database", "credential", "endpoint"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (*row->section == '\0' && strcmp(row->name, names[i]) == 0)
			return true;
	return false;
}

START_TEST(the_manual_describes_every_directive_and_its_default)
{
	struct config_directive row;
	size_t length;
	size_t count;
	char *manual = read_test_file("../doc/castgate.conf.5", &length);

	for (count = 0; config_directive(count, &row); count++) {
		ck_assert_msg(row.meaning && *row.meaning, "%s %s", row.section, row.name);
		if (!has_own_part(&row))
			check_described(manual, &row);
	}
	ck_assert_uint_gt(count, 70);
	ck_assert(!config_directive(100000, &row));
	ck_assert_ptr_nonnull(strstr(manual, "\n.Ic include\n"));
	free(manual);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config show");
	TCase *tests = tcase_create("show");

	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, every_recipe_reads_back);
	tcase_add_test(tests, awkward_texts_read_back);
	tcase_add_test(tests, secrets_are_masked);
	tcase_add_test(tests, defaults_and_gaps_are_shown);
	tcase_add_test(tests, the_manual_describes_every_directive_and_its_default);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
