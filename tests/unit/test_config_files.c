/* config/: secrets and who could read them, the recipes, and where the file is looked for. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/source.h"

#define WITH_SECRET(value)                                                                         \
	"app main { key = \"file:app.key\" secret =\n" value                                       \
	" }\n" FIXTURE_DATABASE FIXTURE_CREDENTIAL FIXTURE_ENDPOINT

START_TEST(secrets_come_from_files_and_the_environment)
{
	static const struct {
		const char *text;
		size_t length;
		const char *secret;
	} rows[] = {
	    {"hunter2", 7, "hunter2"},
	    {"hunter2\n", 8, "hunter2"},
	    {"hunter2\r\n", 9, "hunter2"},
	    {"hunter2\n\n", 9, "hunter2\n"},
	    {" hunter2 ", 9, " hunter2 "},
	    {"file:x", 6, "file:x"},
	};

	fixture_write("app.key", "key\n", 4, 0644); /* a key is public */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config;

		fixture_write("app.secret", rows[i].text, rows[i].length, 0600);
		config = fixture_accepted(WITH_SECRET("\"file:app.secret\""));
		ck_assert_str_eq(config->apps[0].secret, rows[i].secret);
		ck_assert_str_eq(config->apps[0].key, "key");
		config_free(config);
	}
	ck_assert_int_eq(setenv("CASTGATE_TEST_SECRET", "from env", 1), 0);
	{
		struct config *config =
		    fixture_accepted(WITH_SECRET("\"env:CASTGATE_TEST_SECRET\""));

		ck_assert_str_eq(config->apps[0].secret, "from env");
		config_free(config);
	}
	/* relative to the file that names it */
	fixture_file("below/app.conf", "app main { key = k secret = \"file:secret\" }\n");
	fixture_file("below/secret", "below");
	{
		struct config *config = fixture_accepted(
		    "include(\"below/app.conf\")\n" FIXTURE_DATABASE FIXTURE_CREDENTIAL
		        FIXTURE_ENDPOINT);

		ck_assert_str_eq(config->apps[0].secret, "below");
		config_free(config);
	}
}
END_TEST

START_TEST(missing_secrets_are_errors)
{
	static const struct mistake rows[] = {
	    {WITH_SECRET("\"file:nope\""), AT(2) "cannot read @/nope: No such file or directory\n"},
	    {WITH_SECRET("\"file:\""), AT(2) "cannot read @/: not a regular file\n"},
	    {WITH_SECRET("\"file:empty\""), AT(2) "the file of \"secret\" is empty: @/empty\n"},
	    {WITH_SECRET("\"file:nul\""), AT(2) "the file of \"secret\" has a NUL byte: @/nul\n"},
	    {WITH_SECRET("\"env:CASTGATE_TEST_NOPE\""),
	        AT(2) "\"secret\": the environment variable CASTGATE_TEST_NOPE is not set\n"},
	    {WITH_SECRET("\"env:CASTGATE_TEST_EMPTY\""),
	        AT(2) "\"secret\": the environment variable CASTGATE_TEST_EMPTY is empty\n"},
	};

	fixture_file("app.key", "key");
	fixture_file("empty", "\n");
	fixture_write("nul", "a\0b", 3, 0600);
	ck_assert_int_eq(setenv("CASTGATE_TEST_EMPTY", "", 1), 0);
	REFUSE_ALL(rows);
}
END_TEST

static void load_with_mode(const char *text, mode_t mode, const char *complaints)
{
	fixture_write("castgate.conf", text, strlen(text), mode);
	config_free(fixture_complains("castgate.conf", complaints));
}

static void give_away(const char *name, uid_t user, gid_t group)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", fixture_folder, name);
	ck_assert_int_eq(chown(path, user, group), 0);
}

START_TEST(files_with_secrets_are_private)
{
	static const char in_file[] = WITH_SECRET("\"file:app.secret\"");
	static const char literal[] = FIXTURE_ALL;

	fixture_file("app.key", "key");
	fixture_file("app.secret", "secret");
	load_with_mode(in_file, 0644, ""); /* no secret stands in it */
	load_with_mode(literal, 0604,
	    AT(1) "this secret stands in a file that others can read (mode 0604): chmod 600 "
	          "@/castgate.conf\n");
	load_with_mode(FIXTURE_APP "\n", 0666,
	    AT(1) "anybody may write this file (mode 0666): chmod o-w @/castgate.conf\n");
	/* each file for itself */
	fixture_write("part.conf", FIXTURE_APP, strlen(FIXTURE_APP), 0644);
	load_with_mode(
	    "include(\"part.conf\")\n" FIXTURE_DATABASE FIXTURE_CREDENTIAL FIXTURE_ENDPOINT, 0600,
	    "@/part.conf:1: error: this secret stands in a file that others can read (mode 0644): "
	    "chmod 600 @/part.conf\n");
	/* the first secret of a file is named; an empty password is none */
	load_with_mode(WITH_SECRET("\"file:app.secret\"") "credential d { kind = better-auth\n"
	                                                  "secrets = {\"env:HOME\",\nhunter2} }\n",
	    0644,
	    AT(8) "this secret stands in a file that others can read (mode 0644): chmod 600 "
	          "@/castgate.conf\n");
	load_with_mode(
	    "app main { key = k secret = \"file:app.secret\" }\n"
	    "database { socket = \"/s\" name = d user = u password = \"\" }\n" FIXTURE_CREDENTIAL
	        FIXTURE_ENDPOINT,
	    0644, "");
	fixture_write("app.secret", "secret", 6, 0644);
	load_with_mode(in_file, 0600,
	    AT(2) "the file of \"secret\" can be read by others (mode 0644): chmod 600 "
	          "@/app.secret\n");
}
END_TEST

START_TEST(a_group_may_read_only_what_root_owns)
{
	static const char literal[] = FIXTURE_ALL;
	static const char complaint[] =
	    AT(1) "this secret stands in a file that others can read (mode 0640): chmod 600 "
	          "@/castgate.conf\n";

	if (geteuid() != 0)
		return;                       /* only root can give files away */
	load_with_mode(literal, 0640, "");    /* root, and a group of ours */
	give_away("castgate.conf", 0, 54321); /* a web server's group, which root gave it to */
	config_free(fixture_complains("castgate.conf", ""));
	give_away("castgate.conf", 1, getegid());
	config_free(fixture_complains("castgate.conf", complaint));
}
END_TEST

/* As a web server's process, which is not root, sees it. */
START_TEST(a_process_trusts_its_own_groups_only)
{
	static const struct {
		mode_t mode;
		uid_t user;
		gid_t group;
		const char *cure;
	} rows[] = {
	    {0600, 12345, 1, NULL},
	    {0640, 0, 23456, NULL},
	    {0440, 0, 23456, NULL},
	    {0640, 0, 1, "chmod 600"},
	    {0640, 12345, 23456, "chmod 600"}, /* its owner could have meant anybody */
	    {0644, 0, 23456, "chmod 640"},
	    {0604, 12345, 23456, "chmod 600"},
	};

	if (geteuid() != 0)
		return; /* only root can become another user */
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setegid(23456), 0);
	ck_assert_int_eq(seteuid(12345), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stat status = {.st_mode = S_IFREG | rows[i].mode,
		    .st_uid = rows[i].user,
		    .st_gid = rows[i].group};

		ck_assert_pstr_eq(source_exposure(&status), rows[i].cure);
	}
	ck_assert_int_eq(seteuid(0), 0); /* to remove the folder */
}
END_TEST

START_TEST(secrets_are_never_told)
{
	static const char *const texts[] = {
	    "app main { key = k secret = hunter2 encryption_master_key = hunter2 }\n",
	    "app main { key = k secret = \"hunter2\n\" secret = 'hunter2' }\n",
	    "credential c { kind = better-auth secrets = {hunter2, hunter2} }\n",
	    "credential c { kind = jwt algorithms = HS256 secret = hunter2 }\n",
	    "credential c { kind = session secrets = {hunter2} }\n",
	    "database { password = hunter2 hunter2\n",
	    "app main { key = k secret = hunter2\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct report *report = report_new();

		fixture_file("castgate.conf", texts[i]);
		ck_assert_ptr_null(fixture_load("castgate.conf", report));
		for (size_t k = 0; k < report_count(report); k++)
			ck_assert_msg(!strstr(report_line(report, k), "hunter"), "%s told: %s",
			    texts[i], report_line(report, k));
		report_free(report);
	}
}
END_TEST

START_TEST(every_recipe_loads_without_a_word)
{
	for (size_t i = 0; i < FIXTURE_RECIPES; i++) {
		char *text = fixture_recipe(fixture_recipes[i]);

		config_free(fixture_accepted(text));
		free(text);
	}
}
END_TEST

/* Cut every recipe at every byte: a clean answer each time, and never a configuration from a part
 * that ends in the middle of something. */
START_TEST(a_recipe_cut_anywhere_is_answered_cleanly)
{
	char *text = fixture_recipe(fixture_recipes[_i]);
	size_t length = strlen(text);

	for (size_t cut = 0; cut <= length; cut++) {
		struct report *report = report_new();
		struct config *config;

		fixture_write("castgate.conf", text, cut, 0600);
		config = fixture_load("castgate.conf", report);
		ck_assert_msg((config == NULL) == report_failed(report), "cut at %zu", cut);
		ck_assert_msg(config || report_count(report) > 0, "cut at %zu", cut);
		for (size_t k = 0; k < report_count(report); k++)
			ck_assert_msg(!strstr(report_line(report, k), "differently"),
			    "cut at %zu: %s", cut, report_line(report, k));
		config_free(config);
		report_free(report);
	}
	free(text);
}
END_TEST

START_TEST(a_configuration_that_is_not_there_is_an_error)
{
	ck_assert_ptr_null(fixture_complains(
	    "nope.conf", "error: cannot read @/nope.conf: No such file or directory\n"));
	ck_assert_ptr_null(fixture_complains("", "error: cannot read @/: not a regular file\n"));
}
END_TEST

struct search_case {
	const char *explicit_path;
	const char *environment;
	const char *home;
	const char *document_root;
	const char *found; /* "@" is the folder; NULL: none */
};

static const char *expand(char buffer[128], const char *text)
{
	char *expanded;

	if (!text)
		return NULL;
	expanded = fixture_replace(text, "@", fixture_folder);
	snprintf(buffer, 128, "%s", expanded);
	free(expanded);
	return buffer;
}

START_TEST(the_configuration_is_looked_for_in_order)
{
	static const struct search_case rows[] = {
	    {"@/a", "@/b", "@/home", NULL, "@/a"},
	    {"relative", "@/b", "@/home", NULL, "relative"},
	    {NULL, "@/b", "@/home", NULL, "@/b"},
	    {NULL, "", "@/home", NULL, "@/home/.castgate/castgate.conf"},
	    {NULL, NULL, "@/home", "", "@/home/.castgate/castgate.conf"},
	    {NULL, NULL, "@/nobody", NULL, NULL},
	    {NULL, NULL, NULL, NULL, NULL},
	    /* never below the document root, links followed */
	    {NULL, NULL, "@/home", "@/home", NULL},
	    {NULL, NULL, "@/home", "@/home/", NULL},
	    {NULL, NULL, "@/home", "/", NULL},
	    {NULL, NULL, "@/home", "@/link", NULL},
	    {NULL, "@/link/.castgate/castgate.conf", NULL, "@/home", NULL},
	    {"@/home/.castgate/../.castgate/castgate.conf", NULL, NULL, "@/home", NULL},
	    {"@/www/not/there", NULL, NULL, "@/www", NULL},
	    {NULL, NULL, "@/home", "@/hom", "@/home/.castgate/castgate.conf"},
	    {NULL, NULL, "@/home", "@/home/public_html", "@/home/.castgate/castgate.conf"},
	};
	char link[128];
	char home[128];

	snprintf(link, sizeof(link), "%s/link", fixture_folder);
	snprintf(home, sizeof(home), "%s/home", fixture_folder);
	fixture_file("home/.castgate/castgate.conf", "");
	ck_assert_int_eq(symlink(home, link), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buffers[5][128];
		struct config_search search = {expand(buffers[0], rows[i].explicit_path),
		    expand(buffers[1], rows[i].environment), expand(buffers[2], rows[i].home),
		    expand(buffers[3], rows[i].document_root)};
		const char *wanted = expand(buffers[4], rows[i].found);
		struct arena *arena = arena_new(10000);
		struct report *report = report_new();
		const char *found = config_locate(&search, arena, report);

		ck_assert_msg(wanted ? found && strcmp(found, wanted) == 0 : !found,
		    "row %zu: found %s", i, found ? found : "nothing");
		ck_assert_msg(report_failed(report) == !wanted, "row %zu", i);
		report_free(report);
		arena_free(arena);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config files");
	TCase *tests = tcase_create("files");

	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, secrets_come_from_files_and_the_environment);
	tcase_add_test(tests, missing_secrets_are_errors);
	tcase_add_test(tests, files_with_secrets_are_private);
	tcase_add_test(tests, a_group_may_read_only_what_root_owns);
	tcase_add_test(tests, a_process_trusts_its_own_groups_only);
	tcase_add_test(tests, secrets_are_never_told);
	tcase_add_test(tests, every_recipe_loads_without_a_word);
	tcase_add_loop_test(tests, a_recipe_cut_anywhere_is_answered_cleanly, 0, FIXTURE_RECIPES);
	tcase_add_test(tests, a_configuration_that_is_not_there_is_an_error);
	tcase_add_test(tests, the_configuration_is_looked_for_in_order);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
