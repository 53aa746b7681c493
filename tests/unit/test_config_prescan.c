/* config/: everything that libconfuse would read without a word is an error with file and line. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ESCAPE                                                                                     \
	"unknown escape in double quotes: only \\\" and \\\\ are allowed (class names belong in "  \
	"single quotes)\n"
#define LINE_END "a backslash at the end of a line would vanish; write \\\\ if it is meant\n"
#define EXPANSION                                                                                  \
	"\"${\" is not expanded; if it is meant, use single quotes (a secret may be written as "   \
	"\"env:NAME\")\n"
#define QUOTES                                                                                     \
	"this has to be in quotes: without them only letters, digits, \".\", \"_\" and \"-\" may " \
	"stand\n"
#define NO_DIRECTIVE                                                                               \
	"expected a directive (a value of several words has to be in quotes), found a word\n"

START_TEST(strings_mean_what_they_say)
{
	static const struct mistake rows[] = {
	    /* libconfuse: "AppModelsUser" */
	    {"\nlog = \"App\\Models\"\n", "@/castgate.conf:2: error: " ESCAPE},
	    /* libconfuse: a line feed, a tab, a byte, a byte */
	    {"log = \"a\\n\"", "@/castgate.conf:1: error: " ESCAPE},
	    {"log = \"a\\t\"", "@/castgate.conf:1: error: " ESCAPE},
	    {"log = \"a\\x41\"", "@/castgate.conf:1: error: " ESCAPE},
	    {"log = \"a\\101\"", "@/castgate.conf:1: error: " ESCAPE},
	    {"log = \"a\\_\"", "@/castgate.conf:1: error: " ESCAPE},
	    {"log = \"a\\'\"", "@/castgate.conf:1: error: " ESCAPE},
	    /* each one, with its own line */
	    {"log = \"\n\\a\n\\b\"",
	        "@/castgate.conf:2: error: " ESCAPE "@/castgate.conf:3: error: " ESCAPE},
	    /* libconfuse: "ab", in either kind of quotes */
	    {"log = \"a\\\nb\"", "@/castgate.conf:1: error: " LINE_END},
	    {"log =\n'a\\\nb'", "@/castgate.conf:2: error: " LINE_END},
	    {"log = 'a\\\r\nb'", "@/castgate.conf:1: error: " LINE_END},
	    /* libconfuse: the environment's value, or nothing */
	    {"log = \"x\n${HOME}\"", "@/castgate.conf:2: error: " EXPANSION},
	    {"log = \"${HOME:-x}\"", "@/castgate.conf:1: error: " EXPANSION},
	    {"log = \"${\"", "@/castgate.conf:1: error: " EXPANSION},
	    {"log = ${HOME}",
	        "@/castgate.conf:1: error: \"${\" is not expanded; a secret may be written as "
	        "\"env:NAME\"\n"},
	    {"log = a${HOME}b",
	        "@/castgate.conf:1: error: \"${\" is not expanded; a secret may be written as "
	        "\"env:NAME\"\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(nothing_is_left_open)
{
	static const struct mistake rows[] = {
	    {"\n\nlog = \"abc\ndef", "@/castgate.conf:3: error: this string does not end\n"},
	    {"log = 'abc\ndef", "@/castgate.conf:1: error: this string does not end\n"},
	    {"log = 'abc\\'", "@/castgate.conf:1: error: this string does not end\n"},
	    {"log = \"", "@/castgate.conf:1: error: this string does not end\n"},
	    /* libconfuse: the rest of the file is a comment */
	    {"log = stderr\n/* a\nb *", "@/castgate.conf:2: error: this comment does not end\n"},
	    {"/*/", "@/castgate.conf:1: error: this comment does not end\n"},
	    /* libconfuse: the end of the file closes sections */
	    {"\napp \"a\" {\nkey = k\n",
	        "@/castgate.conf:2: error: section app does not end: its \"}\" is missing\n"},
	    {"database {\nhosts = {a,\n",
	        "@/castgate.conf:3: error: expected a value for \"hosts\", found the end of the "
	        "file\n"},
	    {"database {\nhosts = {a",
	        "@/castgate.conf:2: error: expected \",\" or \"}\" in the list of \"hosts\", found "
	        "the end of the file\n"},
	    {"log =",
	        "@/castgate.conf:1: error: expected a value for \"log\", found the end of the "
	        "file\n"},
	    {"log", "@/castgate.conf:1: error: expected \"=\" after \"log\", found the end of the "
	            "file\n"},
	    {"app", "@/castgate.conf:1: error: expected a title in quotes after \"app\", found the "
	            "end of the file\n"},
	    {"app a",
	        "@/castgate.conf:1: error: expected \"{\" after section \"app\", found the end "
	        "of the file\n"},
	    {"include(\"a\"",
	        "@/castgate.conf:1: error: expected \")\" after \"include(\", found the end of the "
	        "file\n"},
	    {"nonsense {\nx = {", "@/castgate.conf:1: error: unknown directive \"nonsense\" at the "
	                          "top level\n@/castgate.conf:2: error: expected \"}\", found the "
	                          "end of the file\n"},
	    {"log = stderr }\n", "@/castgate.conf:1: error: expected a directive, found \"}\"\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(values_without_quotes_are_plain_words)
{
	static const struct mistake rows[] = {
	    /* libconfuse: skips "*", "+" and carriage returns */
	    {"log = x*y", "@/castgate.conf:1: error: " QUOTES},
	    {"log = p+q", "@/castgate.conf:1: error: " QUOTES},
	    {"log = a\rb = c", "@/castgate.conf:1: error: unexpected byte 0x0d\n"},
	    {"*", "@/castgate.conf:1: error: unexpected \"*\"\n"},
	    /* libconfuse: one value, or a value and a comment */
	    {"log = /var/log", "@/castgate.conf:1: error: " QUOTES},
	    {"log = a//b", "@/castgate.conf:1: error: " QUOTES},
	    {"log = a/*b*/", "@/castgate.conf:1: error: " QUOTES},
	    {"log = a\vb", "@/castgate.conf:1: error: " QUOTES},
	    {"log = \xc3\xab", "@/castgate.conf:1: error: " QUOTES},
	    {"log = stderr;",
	        "@/castgate.conf:1: error: no \";\" ends a value; a value with one in "
	        "it has to be in quotes\n"},
	    {"log = stderr ;", "@/castgate.conf:1: error: unexpected \";\"\n"},
	    {"log += stderr",
	        "@/castgate.conf:1: error: \"+=\" is not allowed; write the whole list at once\n"},
	    {"database { hosts = {a}\nhosts += {b} }",
	        "@/castgate.conf:2: error: \"+=\" is not allowed; write the whole list at once\n"},
	    {"log == stderr",
	        "@/castgate.conf:1: error: expected a value for \"log\", found \"=\"\n"},
	    {"\"log\" = stderr",
	        "@/castgate.conf:1: error: expected a directive, found a string\n"},
	    {"log = a b = c",
	        "@/castgate.conf:1: error: unknown directive \"b\" at the top level\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(nothing_is_said_twice)
{
	static const struct mistake rows[] = {
	    /* libconfuse: the last one */
	    {"log = stderr\n\nlog = syslog\n",
	        "@/castgate.conf:3: error: \"log\" is already given at @/castgate.conf:1\n"},
	    {"database {\n name = a\n name =\n b }\n",
	        "@/castgate.conf:4: error: \"name\" is already given at @/castgate.conf:2\n"},
	    {"database { hosts = {a}\n hosts = {b} }\n",
	        "@/castgate.conf:2: error: \"hosts\" is already given at @/castgate.conf:1\n"},
	    /* libconfuse: the second replaces the first */
	    {"app \"a\" { key = k }\napp\n\"a\" { }\n",
	        "@/castgate.conf:3: error: app \"a\" is already defined at @/castgate.conf:1\n"},
	    /* libconfuse: merges them */
	    {"database { }\n\ndatabase { }\n",
	        "@/castgate.conf:3: error: \"database\" is already given at @/castgate.conf:1\n"},
	    {"endpoint \"/a\" {\n channel x { }\n channel y { }\n channel x { } }\n",
	        "@/castgate.conf:4: error: channel \"x\" is already defined at "
	        "@/castgate.conf:2\n"},
	    {"endpoint \"/a\" { throttle { burst = 1 }\n throttle { } }\n",
	        "@/castgate.conf:2: error: \"throttle\" is already given at @/castgate.conf:1\n"},
	};

	REFUSE_ALL(rows);
	/* the same title in another scope, or of another section, is another thing */
	config_free(
	    fixture_accepted("app c { key = k secret = s }\n" FIXTURE_DATABASE FIXTURE_CREDENTIAL
	                     "endpoint \"/a\" { credentials = c\n"
	                     "channel x { allow = \"S\" } channel y { allow = \"S\" } }\n"
	                     "endpoint \"/b\" { credentials = c channel x { allow = \"S\" } }\n"));
}
END_TEST

START_TEST(unknown_names_are_told_with_the_nearest_known_one)
{
	static const struct mistake rows[] = {
	    {"\nlgo = stderr\n", "@/castgate.conf:2: error: unknown directive \"lgo\" at the top "
	                         "level\n"},
	    {"log_leve = info\n", "@/castgate.conf:1: error: unknown directive \"log_leve\" at the "
	                          "top level; did you mean \"log_level\"?\n"},
	    {"app \"a\" {\n verifer = \"reverb\"\n}",
	        "@/castgate.conf:2: error: unknown directive \"verifer\" in section app; did you "
	        "mean \"verifier\"?\n"},
	    {"app \"a\" { tls = off }", "@/castgate.conf:1: error: unknown directive \"tls\" in "
	                                "section app; it belongs in section database\n"},
	    {"database { include(\"x\") }",
	        "@/castgate.conf:1: error: unknown directive \"include\" in section database; it "
	        "belongs at the top level\n"},
	    /* the scan goes on behind each of them */
	    {"aa = {x, y}\nbb { cc = { d } }\nee \"f\" { }\ngg(\"h\")\nii = j\n",
	        "@/castgate.conf:1: error: unknown directive \"aa\" at the top level\n"
	        "@/castgate.conf:2: error: unknown directive \"bb\" at the top level\n"
	        "@/castgate.conf:3: error: unknown directive \"ee\" at the top level\n"
	        "@/castgate.conf:4: error: unknown directive \"gg\" at the top level\n"
	        "@/castgate.conf:5: error: unknown directive \"ii\" at the top level\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(shapes_are_checked)
{
	static const struct mistake rows[] = {
	    {"log = {stderr}", "@/castgate.conf:1: error: \"log\" takes one value, not a list\n"},
	    {"log { }", "@/castgate.conf:1: error: expected \"=\" after \"log\", found \"{\"\n"},
	    {"app = 1", "@/castgate.conf:1: error: expected a title in quotes after \"app\", found "
	                "\"=\"\n"},
	    {"app { }", "@/castgate.conf:1: error: expected a title in quotes after \"app\", found "
	                "\"{\"\n"},
	    {"database \"x\" { }", "@/castgate.conf:1: error: expected \"{\" after section "
	                           "\"database\", found a string\n"},
	    {"database { hosts = {\"a\" \"b\"} }", "@/castgate.conf:1: error: expected \",\" or "
	                                           "\"}\" in the list of \"hosts\", found a "
	                                           "string\n"},
	    {"database { hosts = {a,,b} }",
	        "@/castgate.conf:1: error: expected a value for \"hosts\", found \",\"\n"},
	    {"include \"x\"",
	        "@/castgate.conf:1: error: expected \"(\" after \"include\", found a string\n"},
	    {"include(x)", "@/castgate.conf:1: error: expected a file name in quotes after "
	                   "\"include(\", found a word\n"},
	    {"app \"a b\" { }", "@/castgate.conf:1: error: app \"a b\" must not contain blanks or "
	                        "control characters\n"},
	    {"app \"\" { }", "@/castgate.conf:1: error: app \"\" must not be empty\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(a_secret_without_its_quotes_is_not_repeated)
{
	static const struct mistake rows[] = {
	    {"app a { secret = hunter2 hunter3\n }",
	        "@/castgate.conf:1: error: expected a directive (a value of several words has to "
	        "be "
	        "in quotes), found a word\n"},
	    {"app a { secret = hunter2 hunter3 hunter4 }",
	        "@/castgate.conf:1: error: " NO_DIRECTIVE},
	    {"app a { secret = hunter2$%\n }", "@/castgate.conf:1: error: " QUOTES},
	    {"app a { secret = \"hunter2\" \"hunter3\" }",
	        "@/castgate.conf:1: error: expected a directive, found a string\n"},
	    {"app a { secret = \"hunter2\\hunter3\" }", "@/castgate.conf:1: error: " ESCAPE},
	    {"app a { secret = {hunter2} }",
	        "@/castgate.conf:1: error: \"secret\" takes one value, not a list\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(files_must_be_text)
{
	char *longest = malloc(1024 * 1024 + 2);
	struct config *config;

	fixture_write("castgate.conf", "log = stderr\nlog_level = \0info\n", 31, 0600);
	config = fixture_complains(
	    "castgate.conf", "@/castgate.conf:2: error: a NUL byte: this is not a text file\n");
	ck_assert_ptr_null(config);
	fixture_refused("\n# \xff\n", "@/castgate.conf:2: error: this line is not UTF-8\n");
	fixture_refused("\xef\xbb\xbflog = stderr\n",
	    "@/castgate.conf:1: error: the file begins with a byte-order mark; save it without "
	    "one\n");
	ck_assert_ptr_nonnull(longest);
	memset(longest, '\n', 1024 * 1024 + 1);
	fixture_write("castgate.conf", longest, 1024 * 1024 + 1, 0600);
	config = fixture_complains(
	    "castgate.conf", "error: cannot read @/castgate.conf: longer than 1 MiB\n");
	ck_assert_ptr_null(config);
	fixture_write("castgate.conf", longest, 1024 * 1024, 0600);
	config = fixture_complains("castgate.conf",
	    "@/castgate.conf:1: error: there is no endpoint: nothing would be served\n");
	ck_assert_ptr_null(config);
	free(longest);
}
END_TEST

START_TEST(comments_and_line_ends_do_not_move_lines)
{
	fixture_refused("# one\n// two\n/* three\nfour */ log = stderr # five {\"\r\n"
	                "/* } */ /**/ log_level = info // '\n\nnope = 1\n",
	    "@/castgate.conf:7: error: unknown directive \"nope\" at the top level\n");
	config_free(
	    fixture_accepted("# '\n// \"\n/* ' \" { ** /* */" FIXTURE_APP "#\n" FIXTURE_DATABASE
	                     "//\r\n" FIXTURE_CREDENTIAL FIXTURE_ENDPOINT "# \xc3\xab"));
}
END_TEST

START_TEST(strings_keep_their_bytes)
{
	struct config *config = fixture_accepted(
	    "app main { key = 'a\\b\\'c\\\\d\"e${X}\n f' secret = \"a\\\"b\\\\c'd$e{\" "
	    "}\n" FIXTURE_DATABASE FIXTURE_CREDENTIAL FIXTURE_ENDPOINT);

	ck_assert_str_eq(config->apps[0].key, "a\\b'c\\d\"e${X}\n f");
	ck_assert_str_eq(config->apps[0].secret, "a\"b\\c'd$e{");
	config_free(config);
}
END_TEST

START_TEST(includes_are_read_in_place_with_their_own_lines)
{
	struct config *config;

	fixture_file("app.conf", "\n" FIXTURE_APP);
	fixture_file(
	    "parts/database.conf", "include(\"deeper/credential.conf\")\n" FIXTURE_DATABASE);
	fixture_file("parts/deeper/credential.conf", "# no line end, and an open end \n\n"
	                                             "credential c { kind = sanctum owner 'U' {\n"
	                                             "table = users } }");
	config = fixture_accepted("include(\"app.conf\") include(\"parts/database.conf\") log = "
	                          "syslog\n" FIXTURE_ENDPOINT);
	ck_assert_str_eq(config->log, "syslog");
	ck_assert(strstr(config->apps[0].origin.file, "/app.conf") != NULL);
	ck_assert_uint_eq(config->apps[0].origin.line, 2);
	ck_assert(strstr(config->credentials[0].origin.file, "/parts/deeper/credential.conf"));
	ck_assert_uint_eq(config->credentials[0].origin.line, 3);
	ck_assert_uint_eq(config->endpoints[0].origin.line, 2);
	config_free(config);
}
END_TEST

START_TEST(includes_stay_below_the_including_file)
{
	static const struct mistake rows[] = {
	    {"\ninclude(\"nope.conf\")",
	        "@/castgate.conf:2: error: include(\"@/nope.conf\"): No such file or directory\n"},
	    {"include(\"../castgate.conf\")",
	        "@/castgate.conf:1: error: include(\"@/../castgate.conf\"): No such file or "
	        "directory\n"},
	    {"include(\"/etc/passwd\")", "@/castgate.conf:1: error: include(\"/etc/passwd\"): "
	                                 "outside the folder of the including file\n"},
	    {"include(\"link.conf\")",
	        "@/castgate.conf:1: error: include(\"@/link.conf\"): outside "
	        "the folder of the including file\n"},
	    {"include(\"below/up.conf\")",
	        "@/below/up.conf:1: error: include(\"@/below/../app.conf\")"
	        ": outside the folder of the including file\n"},
	    {"include(\"below\")",
	        "@/castgate.conf:1: error: cannot read @/below: not a regular file\n"},
	    {"include(\"\")", "@/castgate.conf:1: error: include(\"@/\"): outside the folder of "
	                      "the including file\n"},
	    {"include(\"open.conf\")",
	        "@/open.conf:1: error: anybody may write this file (mode 0602): chmod o-w "
	        "@/open.conf\n"},
	};
	char link[128];

	snprintf(link, sizeof(link), "%s/link.conf", fixture_folder);
	ck_assert_int_eq(symlink("/etc/passwd", link), 0);
	fixture_file("app.conf", FIXTURE_APP);
	fixture_file("below/up.conf", "include(\"../app.conf\")");
	fixture_write("open.conf", FIXTURE_APP, strlen(FIXTURE_APP), 0602);
	REFUSE_ALL(rows);
	/* a folder whose name only begins alike is another folder */
	fixture_file("a/castgate.conf", "include(\"../ab/app.conf\")\n");
	fixture_file("ab/app.conf", FIXTURE_APP);
	ck_assert_ptr_null(fixture_complains("a/castgate.conf",
	    "@/a/castgate.conf:1: error: include(\"@/a/../ab/app.conf\"): outside the folder of "
	    "the "
	    "including file\n"));
}
END_TEST

START_TEST(includes_end)
{
	char name[32];
	char text[64];

	fixture_refused("include(\"castgate.conf\")",
	    "@/castgate.conf:1: error: include(\"@/castgate.conf\"): this file includes itself\n");
	fixture_file("a.conf", "include(\"b.conf\")");
	fixture_file("b.conf", "\ninclude(\"a.conf\")");
	fixture_refused("include(\"a.conf\")",
	    "@/b.conf:2: error: include(\"@/a.conf\"): this file includes itself\n");
	for (int i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "%d.conf", i);
		snprintf(text, sizeof(text), i < 9 ? "include(\"%d.conf\")" : "# %d", i + 1);
		fixture_file(name, text);
	}
	fixture_refused(
	    "include(\"1.conf\")", "@/8.conf:1: error: include(\"@/9.conf\"): nested too deep\n");
	fixture_file("8.conf", FIXTURE_ALL);
	config_free(fixture_accepted("include(\"1.conf\")"));
}
END_TEST

START_TEST(includes_are_short_together)
{
	char *half = malloc(600 * 1024 + 1);

	ck_assert_ptr_nonnull(half);
	memset(half, '\n', 600 * 1024);
	half[600 * 1024] = '\0';
	fixture_file("a.conf", half);
	fixture_refused("include(\"a.conf\")\ninclude(\"a.conf\")",
	    "@/castgate.conf:2: error: include(\"@/a.conf\"): all files together are longer than 1 "
	    "MiB\n");
	free(half);
}
END_TEST

START_TEST(a_repeated_section_in_an_included_file_names_both_places)
{
	fixture_file("a.conf", "\n\n" FIXTURE_APP);
	fixture_refused("include(\"a.conf\")\n" FIXTURE_APP,
	    "@/castgate.conf:2: error: app \"main\" is already defined at @/a.conf:3\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config prescan");
	TCase *tests = tcase_create("prescan");

	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, strings_mean_what_they_say);
	tcase_add_test(tests, nothing_is_left_open);
	tcase_add_test(tests, values_without_quotes_are_plain_words);
	tcase_add_test(tests, nothing_is_said_twice);
	tcase_add_test(tests, unknown_names_are_told_with_the_nearest_known_one);
	tcase_add_test(tests, shapes_are_checked);
	tcase_add_test(tests, a_secret_without_its_quotes_is_not_repeated);
	tcase_add_test(tests, files_must_be_text);
	tcase_add_test(tests, comments_and_line_ends_do_not_move_lines);
	tcase_add_test(tests, strings_keep_their_bytes);
	tcase_add_test(tests, includes_are_read_in_place_with_their_own_lines);
	tcase_add_test(tests, includes_stay_below_the_including_file);
	tcase_add_test(tests, includes_end);
	tcase_add_test(tests, includes_are_short_together);
	tcase_add_test(tests, a_repeated_section_in_an_included_file_names_both_places);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
