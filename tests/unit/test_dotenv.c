/* config/: a Laravel .env is read as phpdotenv reads it, and becomes a database and an app. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#include <string.h>
#include <sys/stat.h>

#include "config/dotenv.h"
#include "config/laravel_url.h"

/* Parse a text; the caller frees arena and report. False when it is refused. */
static bool parse(
    const char *text, struct arena *arena, struct report *report, struct dotenv *dotenv)
{
	struct source source = {.path = ".env", .length = strlen(text)};

	source.text = arena_copy(arena, text, source.length);
	return dotenv_parse(&source, arena, report, dotenv);
}

struct sample {
	const char *text;
	const char *name;
	const char *value; /* NULL: not set */
};

static void check_sample(const struct sample *sample)
{
	struct arena *arena = arena_new(1000000);
	struct report *report = report_new();
	const struct dotenv_entry *entry;
	struct dotenv dotenv;

	ck_assert_msg(parse(sample->text, arena, report, &dotenv), "%s: %s", sample->text,
	    report_line(report, 0));
	entry = dotenv_find(&dotenv, sample->name);
	ck_assert_msg(sample->value ? entry && strcmp(entry->value, sample->value) == 0 : !entry,
	    "%s: got \"%s\"", sample->text, entry ? entry->value : "(not set)");
	report_free(report);
	arena_free(arena);
}

#define CHECK_SAMPLES(rows)                                                                        \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++)                              \
	check_sample(&(rows)[i])

/* The expectations of phpdotenv 5.6 itself: tests/Dotenv/Parser/EntryParserTest.php and the
 * fixtures of tests/Dotenv/DotenvTest.php. */
START_TEST(values_are_those_of_phpdotenv)
{
	static const struct sample rows[] = {
	    {"FOO", "FOO", NULL},
	    {"FOO=", "FOO", ""},
	    {"FOO\xc6\xb1=BAZ", "FOO\xc6\xb1", "BAZ"},
	    {"FOO=\"BAR  \n\"", "FOO", "BAR  \n"},
	    {"FOO=\"\\n\"", "FOO", "\n"},
	    {"FOO=\"\\t\"", "FOO", "\t"},
	    {"FOO='\\t'", "FOO", "\\t"},
	    {"FOO=\\n\\v", "FOO", "\\n\\v"},
	    {"FOO=\\q", "FOO", "\\q"},
	    {"FOO=$BAR", "FOO", "$BAR"},
	    {"FOO=\"TEST $BAR $$BAZ\"", "FOO", "TEST $BAR $$BAZ"},
	    {"FOO=\"\n\"", "FOO", "\n"},
	    {"export FOO=\"bar baz\"", "FOO", "bar baz"},
	    {"export\t\"FOO\"='bar baz'", "FOO", "bar baz"},
	    {"export EBAR = \"baz\"", "EBAR", "baz"},
	    {"export 'ESQUOTED' = 456", "ESQUOTED", "456"},
	    {"export    ENULL=\"\"", "ENULL", ""},
	    {"FOO_BAD='iiiiviiiixiiiiviiii\\a'", "FOO_BAD", "iiiiviiiixiiiiviiii\\a"},
	    {"QWHITESPACE = \"no space\"", "QWHITESPACE", "no space"},
	    {"QEQUALS=\"pgsql:host=localhost;dbname=test\"", "QEQUALS",
	        "pgsql:host=localhost;dbname=test"},
	    {"QESCAPED=\"a quote (\\\") or maybe a backslash (\\\\)\"", "QESCAPED",
	        "a quote (\") or maybe a backslash (\\)"},
	    {"QSLASH=\"iiiiviiiixiiiiviiii\\\\n\"", "QSLASH", "iiiiviiiixiiiiviiii\\n"},
	    {"SQSLASH='iiiiviiiixiiiiviiii\\\\n'", "SQSLASH", "iiiiviiiixiiiiviiii\\\\n"},
	    {"SPVAR1=\"$a6^C7k%zs+e^.jvjXk\"", "SPVAR1", "$a6^C7k%zs+e^.jvjXk"},
	    {"SPVAR2=\"?BUty3koaV3%GA*hMAwH}B\"", "SPVAR2", "?BUty3koaV3%GA*hMAwH}B"},
	    {"SPVAR3=\"jdgEB4{QgEC]HL))&GcXxokB+wqoN+j>xkV7K?m$r\"", "SPVAR3",
	        "jdgEB4{QgEC]HL))&GcXxokB+wqoN+j>xkV7K?m$r"},
	    {"SPVAR4=\"22222:22#2^{\"", "SPVAR4", "22222:22#2^{"},
	    {"SPVAR5=\"a quote \\\" or maybe a backslash \\\\\" # not escaped", "SPVAR5",
	        "a quote \" or maybe a backslash \\"},
	    {"SPVAR6=secret!@#$", "SPVAR6", "secret!@"},
	    {"SPVAR7='secret!@#'", "SPVAR7", "secret!@#"},
	    {"SPVAR8=\"secret!@#\"", "SPVAR8", "secret!@#"},
	    {"#CBAR=baz\n#CZOO=goo # a comment\nCFOO=bar", "CFOO", "bar"},
	    {"#CBAR=baz", "CBAR", NULL},
	    {"CSPACED=\"with spaces\" # this is a comment", "CSPACED", "with spaces"},
	    {"C=\"a # character & a quote \\\" character\" # \" this is a comment", "C",
	        "a # character & a quote \" character"},
	    {"EMPTY= # comment with empty variable", "EMPTY", ""},
	    {"EMPTY2=# comment with empty variable", "EMPTY2", ""},
	    {"FOOO=foo# comment with no space", "FOOO", "foo"},
	    {"BOOLEAN=yes # (yes, no)", "BOOLEAN", "yes"},
	    {"\xef\xbb\xbf"
	     "FOO=bar",
	        "FOO", "bar"},
	    {"A=1\r\nFOO=bar\rB=2", "FOO", "bar"},
	    {"A=1\r\nFOO=bar\rB=2", "B", "2"},
	};

	CHECK_SAMPLES(rows);
}
END_TEST

START_TEST(values_may_span_lines)
{
	static const struct sample rows[] = {
	    {"TEST=\"test\n     test\\\"test\\\"\n     test\"\nNEXT=1", "TEST",
	        "test\n     test\"test\"\n     test"},
	    {"TEST=\"test\n     test\\\"test\\\"\n     test\"\nNEXT=1", "NEXT", "1"},
	    {"A=\"val1\r\nval2\"", "A", "val1\nval2"},
	    {"A=\"\nval3\" #", "A", "\nval3"},
	    {"A=\"val3\n\"\nB=x", "A", "val3\n"},
	    {"A=\"\n\n\"", "A", "\n\n"},
	    {"A=\"\n\n\"\nB=x", "B", "x"},
	};

	CHECK_SAMPLES(rows);
}
END_TEST

START_TEST(variables_are_those_said_before)
{
	static const char nested[] = "NVAR1=\"Hello\"\nNVAR2=\"World!\"\n"
	                             "NVAR3=\"{$NVAR1} {$NVAR2}\"\nNVAR4=\"${NVAR1} ${NVAR2}\"\n"
	                             "NVAR5=\"$NVAR1 {NVAR2}\"\nN.VAR6=\"Special Value\"\n"
	                             "NVAR7=\"${N.VAR6}\"\nNVAR8=\"\"\nNVAR9=\"${NVAR8}\"\n"
	                             "NVAR10=\"${NVAR888}\"\nNVAR11=\"NVAR1\"\n"
	                             "NVAR12=\"${${NVAR11}}\"\nNVAR13='${${NVAR11}}'\n"
	                             "NVAR14='${NVAR1} ${NVAR2}'\n"
	                             "NVAR15=\"\\${NVAR1} \\${NVAR2}\"\nNVAR16=a${NVAR1}b\n";
	static const struct sample rows[] = {
	    {nested, "NVAR3", "{$NVAR1} {$NVAR2}"},
	    {nested, "NVAR4", "Hello World!"},
	    {nested, "NVAR5", "$NVAR1 {NVAR2}"},
	    {nested, "NVAR7", "Special Value"},
	    {nested, "NVAR9", ""},
	    {nested, "NVAR10", "${NVAR888}"},
	    {nested, "NVAR12", "Hello"},
	    {nested, "NVAR13", "${${NVAR11}}"},
	    {nested, "NVAR14", "${NVAR1} ${NVAR2}"},
	    {nested, "NVAR15", "${NVAR1} ${NVAR2}"},
	    {nested, "NVAR16", "aHellob"},
	    /* the later one counts, from its line on */
	    {"MULTI1=foo\nMULTI2=${MULTI1}\nMULTI1=bar", "MULTI1", "bar"},
	    {"MULTI1=foo\nMULTI2=${MULTI1}\nMULTI1=bar", "MULTI2", "foo"},
	    {"A=1\nA\nB=${A}", "A", NULL},
	    {"A=1\nA\nB=${A}", "B", "${A}"},
	    /* a value that looks like a variable is not looked at again */
	    {"A='${B}'\nB=x\nC=${A}", "C", "${B}"},
	    /* never the process's own environment */
	    {"A=${HOME}", "A", "${HOME}"},
	    {"A=${}", "A", "${}"},
	    {"A=\"${B\"\nC=1", "C", "1"},
	};

	CHECK_SAMPLES(rows);
}
END_TEST

START_TEST(broken_files_are_refused_with_their_line)
{
	static const struct {
		const char *text;
		const char *complaint;
	} rows[] = {
	    {"A=1\nFOO=\"\\q\"", ".env:2: error: an unknown escape in double quotes"},
	    {"FOO=bar baz", ".env:1: error: text after white space or a closing quote; quote the "
	                    "whole value"},
	    {"FOO=\"bar\"baz", ".env:1: error: text after white space or a closing quote; quote "
	                       "the whole value"},
	    {"FOO=\"\"\"", ".env:1: error: text after white space or a closing quote; quote the "
	                   "whole value"},
	    {"\n=", ".env:2: error: a line begins with \"=\""},
	    {"FOO_ASD!=BAZ", ".env:1: error: not a variable's name"},
	    {"export \"FOO=\"bar baz\"", ".env:1: error: not a variable's name"},
	    {"two words", ".env:1: error: not a variable's name"},
	    {"TEST='erert", ".env:1: error: a quote is not closed"},
	    /* phpdotenv drops this one and everything after it */
	    {"A=1\n\nTEST=\"erert\nB=2", ".env:3: error: a quote is not closed"},
	    {"TEST=\"\\", ".env:1: error: a quote is not closed"},
	    {"A=\"x\n\ny\"\nB=a b", ".env:4: error: text after white space or a closing quote; "
	                            "quote the whole value"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(1000000);
		struct report *report = report_new();
		struct dotenv dotenv;

		ck_assert_msg(!parse(rows[i].text, arena, report, &dotenv), "%s", rows[i].text);
		ck_assert_uint_eq(report_count(report), 1);
		ck_assert_str_eq(report_line(report, 0), rows[i].complaint);
		report_free(report);
		arena_free(arena);
	}
}
END_TEST

START_TEST(urls_are_cut_into_parts)
{
	static const struct {
		const char *url;
		const char *driver;
		const char *user;
		const char *password;
		const char *host;
		const char *port;
		const char *database;
	} rows[] = {
	    {"mysql://u:p@h:3307/d", "mysql", "u", "p", "h", "3307", "d"},
	    {"mysql2://u:p%40%2f:@h/d?charset=utf8mb4", "mysql", "u", "p@/:", "h", "", "d"},
	    {"mariadb://h", "mariadb", "", "", "h", "", ""},
	    {"mysql://u@[::1]:1/d", "mysql", "u", "", "[::1]", "1", "d"},
	    {"mysql://u:p@@h/d", "mysql", "u", "p@", "h", "", "d"},
	};
	static const char *const broken[] = {"mysql", "mysql://u:%zz@h/d", "mysql://u:%0@h",
	    "mysql://u:%00@h/d", "mysql://h/d?ssl=1"};
	struct arena *arena = arena_new(1000000);
	struct laravel_url url;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_ptr_null(laravel_url_parse(rows[i].url, arena, &url));
		ck_assert_str_eq(url.driver, rows[i].driver);
		ck_assert_str_eq(url.user, rows[i].user);
		ck_assert_str_eq(url.password, rows[i].password);
		ck_assert_str_eq(url.host, rows[i].host);
		ck_assert_str_eq(url.port, rows[i].port);
		ck_assert_str_eq(url.database, rows[i].database);
	}
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		ck_assert_msg(laravel_url_parse(broken[i], arena, &url), "%s", broken[i]);
	arena_free(arena);
}
END_TEST

#define LARAVEL "laravel_env = \"app/.env\"\n"
#define REST FIXTURE_CREDENTIAL FIXTURE_ENDPOINT
#define ENV_APP "BROADCAST_CONNECTION=reverb\nREVERB_APP_KEY=rk\nREVERB_APP_SECRET=rs\n"
#define ENV_DATABASE "DB_CONNECTION=mysql\nDB_DATABASE=d\nDB_USERNAME=u\n"

static struct config *load_laravel(const char *env, const char *text)
{
	fixture_file("app/.env", env);
	return fixture_accepted(text);
}

START_TEST(a_laravel_application_is_understood)
{
	struct config *config = load_laravel(ENV_APP ENV_DATABASE "DB_PASSWORD=\"file:x\"\n"
	                                                          "PUSHER_APP_KEY=pk\n",
	    LARAVEL REST);

	ck_assert(strstr(config->laravel_env, "/app/.env") != NULL);
	ck_assert_uint_eq(config->app_count, 1);
	ck_assert_str_eq(config->apps[0].name, "laravel");
	ck_assert_str_eq(config->apps[0].key, "rk");
	ck_assert_str_eq(config->apps[0].secret, "rs");
	ck_assert_str_eq(config->apps[0].verifier, "reverb");
	ck_assert(strstr(config->apps[0].origin.file, "/app/.env") != NULL);
	ck_assert_uint_eq(config->database.hosts.count, 1);
	ck_assert_str_eq(config->database.hosts.items[0], "127.0.0.1");
	ck_assert_str_eq(config->database.name, "d");
	ck_assert_str_eq(config->database.user, "u");
	ck_assert_str_eq(config->database.password, "file:x"); /* means itself */
	ck_assert(strstr(config->database.origin.file, "/app/.env") != NULL);
	ck_assert_int_eq(config->database.tls, CONFIG_TLS_OFF);
	ck_assert_ptr_eq(config->endpoints[0].app, &config->apps[0]);
	config_free(config);
}
END_TEST

START_TEST(variables_choose_server_and_broadcaster)
{
	static const struct {
		const char *env;
		const char *socket;
		const char *host;
		const char *verifier;
		const char *password;
	} rows[] = {
	    {ENV_APP ENV_DATABASE "DB_HOST=localhost\nDB_PORT=3306\nDB_PASSWORD=null\n", NULL,
	        "localhost", "reverb", NULL},
	    {ENV_APP ENV_DATABASE "DB_HOST=10.0.0.1\nDB_PORT=3307\nDB_PASSWORD=(empty)\n", NULL,
	        "10.0.0.1:3307", "reverb", NULL},
	    {ENV_APP ENV_DATABASE "DB_HOST=::1\nDB_PORT=3307\nDB_PASSWORD='a b'\n", NULL,
	        "[::1]:3307", "reverb", "a b"},
	    {ENV_APP ENV_DATABASE "DB_HOST=h\nDB_SOCKET=/run/s\nDB_PASSWORD=TRUE\n", "/run/s", NULL,
	        "reverb", "1"},
	    {"BROADCAST_DRIVER=pusher\nPUSHER_APP_KEY=k\nPUSHER_APP_SECRET=s\n" ENV_DATABASE, NULL,
	        "127.0.0.1", "pusher", NULL},
	    {"BROADCAST_DRIVER=log\n" ENV_APP ENV_DATABASE, NULL, "127.0.0.1", "reverb", NULL},
	    {ENV_APP "DB_URL=mysql://u:p%23@db.example:3308/d\nDB_HOST=h\nDB_CONNECTION=sqlite\n",
	        NULL, "db.example:3308", "reverb", "p#"},
	    {ENV_APP "DATABASE_URL=mysql://u@h/d\nDB_CONNECTION=mariadb\nDB_PASSWORD=pw\n", NULL,
	        "h", "reverb", "pw"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = load_laravel(rows[i].env, LARAVEL REST);
		const struct config_database *database = &config->database;

		ck_assert_str_eq(config->apps[0].verifier, rows[i].verifier);
		ck_assert_pstr_eq(database->socket, rows[i].socket);
		ck_assert_pstr_eq(
		    database->hosts.count ? database->hosts.items[0] : NULL, rows[i].host);
		ck_assert_pstr_eq(database->password, rows[i].password);
		ck_assert_str_eq(database->name, "d");
		ck_assert_str_eq(database->user, "u");
		config_free(config);
	}
}
END_TEST

START_TEST(the_configuration_overrides_the_application)
{
	struct config *config;

	fixture_file("ca.pem", "");
	config = load_laravel(ENV_APP ENV_DATABASE "DB_HOST=h\nDB_PASSWORD=pw\n"
	                                           "MYSQL_ATTR_SSL_CA=../ca.pem\n",
	    LARAVEL
	    "app \"laravel\" { verifier = soketi }\ndatabase { name = other\nhosts = {a, b} "
	    "deadline = 2s }\n" REST);
	ck_assert_uint_eq(config->app_count, 1);
	ck_assert_str_eq(config->apps[0].key, "rk");
	ck_assert_str_eq(config->apps[0].verifier, "soketi");
	ck_assert_str_eq(config->database.name, "other");
	ck_assert_str_eq(config->database.password, "pw");
	ck_assert_uint_eq(config->database.hosts.count, 2);
	ck_assert_uint_eq(config->database.deadline_milliseconds, 2000);
	ck_assert_int_eq(config->database.tls, CONFIG_TLS_VERIFY);
	ck_assert(strstr(config->database.tls_ca, "/app/../ca.pem") != NULL);
	ck_assert_uint_eq(config->database.origin.line, 3);
	config_free(config);
	/* a socket instead of the host; an app of one's own beside the .env's */
	config = load_laravel("DB_CONNECTION=pgsql\nBROADCAST_CONNECTION=log\n",
	    LARAVEL FIXTURE_APP FIXTURE_DATABASE REST);
	ck_assert_uint_eq(config->app_count, 1);
	ck_assert_str_eq(config->apps[0].name, "main");
	ck_assert_str_eq(config->database.socket, "/s");
	config_free(config);
}
END_TEST

struct complaint {
	const char *env;
	const char *text;
	const char *complaints;
};

START_TEST(what_cannot_be_served_is_told)
{
	static const struct complaint rows[] = {
	    {"\nBROADCAST_CONNECTION=ably\n" ENV_DATABASE, LARAVEL REST,
	        "@/app/.env:2: error: BROADCAST_CONNECTION must be reverb or pusher, not "
	        "\"ably\"\n"},
	    {ENV_DATABASE, LARAVEL REST,
	        "@/app/.env:1: error: BROADCAST_CONNECTION must be reverb or pusher, not \"\"\n"},
	    {ENV_APP "DB_CONNECTION=pgsql\n", LARAVEL REST,
	        "@/app/.env:4: error: DB_CONNECTION must be mysql or mariadb, not \"pgsql\"\n"},
	    {ENV_APP "DB_URL=postgres://u:hunter2@h/d\n", LARAVEL REST,
	        "@/app/.env:1: error: DB_CONNECTION must be mysql or mariadb, not \"postgres\"\n"},
	    {ENV_APP "DB_URL=hunter2\n", LARAVEL REST,
	        "@/app/.env:4: error: DB_URL: must be mysql://USER:PASSWORD@HOST:PORT/DATABASE\n"},
	    {ENV_APP "DB_CONNECTION=mysql\n", LARAVEL REST,
	        "@/app/.env:1: error: database needs \"name\"\n@/app/.env:1: error: database needs "
	        "\"user\"\n"},
	    {ENV_APP ENV_DATABASE "DB_HOST=\"a b\"\n", LARAVEL REST,
	        "@/app/.env:7: error: \"hosts\": \"a b\" must be HOST or HOST:PORT, with an IPv6 "
	        "address in brackets\n"},
	    {"A=b c\n", LARAVEL REST,
	        "@/app/.env:1: error: text after white space or a closing quote; quote the whole "
	        "value\n"},
	    {"", "\nlaravel_env = \"nope/.env\"\n" REST,
	        "@/castgate.conf:2: error: cannot read @/nope/.env: No such file or directory\n"},
	    {"BROADCAST_CONNECTION=pusher\nPUSHER_APP_KEY=k\n" ENV_DATABASE, LARAVEL REST,
	        "@/app/.env:1: warning: @/app/.env has no secret for the app: nothing can be "
	        "signed\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config;

		fixture_file("app/.env", rows[i].env);
		fixture_file("castgate.conf", rows[i].text);
		config = fixture_complains("castgate.conf", rows[i].complaints);
		if (config)
			ck_assert_str_eq(config->apps[0].secret, "");
		config_free(config);
	}
}
END_TEST

START_TEST(an_env_that_others_can_read_is_a_warning)
{
	static const char env[] = ENV_APP ENV_DATABASE;

	fixture_write("app/.env", env, strlen(env), 0644);
	fixture_file("castgate.conf", LARAVEL REST);
	config_free(
	    fixture_complains("castgate.conf", "@/castgate.conf:1: warning: the secrets in "
	                                       "@/app/.env can be read by others (mode 0644): "
	                                       "chmod 600 @/app/.env\n"));
}
END_TEST

START_TEST(an_env_cut_anywhere_is_answered_cleanly)
{
	static const char env[] =
	    "# \"x\nexport A=\"b\\\"\\\\${C}\nd\" # e\nC='f\\'#\nG=${A}${${C}}\n"
	    "BROADCAST_CONNECTION=reverb\nDB_URL=mysql://a:b%20c@[::1]:1/d?"
	    "charset=x\n";

	for (size_t cut = 0; cut < sizeof(env); cut++) {
		struct report *report = report_new();
		struct config *config;

		fixture_write("app/.env", env, cut, 0600);
		fixture_file("castgate.conf", LARAVEL REST);
		config = fixture_load("castgate.conf", report);
		ck_assert_msg((config == NULL) == report_failed(report), "cut at %zu", cut);
		config_free(config);
		report_free(report);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dotenv");
	TCase *tests = tcase_create("dotenv");

	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, values_are_those_of_phpdotenv);
	tcase_add_test(tests, values_may_span_lines);
	tcase_add_test(tests, variables_are_those_said_before);
	tcase_add_test(tests, broken_files_are_refused_with_their_line);
	tcase_add_test(tests, urls_are_cut_into_parts);
	tcase_add_test(tests, a_laravel_application_is_understood);
	tcase_add_test(tests, variables_choose_server_and_broadcaster);
	tcase_add_test(tests, the_configuration_overrides_the_application);
	tcase_add_test(tests, what_cannot_be_served_is_told);
	tcase_add_test(tests, an_env_that_others_can_read_is_a_warning);
	tcase_add_test(tests, an_env_cut_anywhere_is_answered_cleanly);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
