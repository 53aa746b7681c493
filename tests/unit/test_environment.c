/* base/environment: what libraries see of the environment, and what the operator's words still find. */
#include "platform.h"
#include "unit/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/environment.h"

/* One test's environment, put back at its end. */
struct stage {
	char **outside;
	char **inside;
};

static struct stage enter(const char *const *entries)
{
	struct stage stage = {environ, calloc(8, sizeof(char *))};

	for (size_t i = 0; entries[i]; i++)
		stage.inside[i] = strdup(entries[i]);
	environ = stage.inside;
	return stage;
}

static void leave(struct stage stage)
{
	if (environ != stage.inside)
		free(environ);
	for (size_t i = 0; stage.inside[i]; i++)
		free(stage.inside[i]);
	free(stage.inside);
	environ = stage.outside;
}

static const char *const withheld[] = {"OPENSSL_CONF", "OPENSSL_MODULES", "SSL_CERT_FILE", "TZDIR",
    "TZ", "http_proxy", "HTTPS_PROXY", "MARIADB_PLUGIN_DIR", "LIBMYSQL_PLUGINS", "MYSQL_UNIX_PORT",
    "LD_PRELOAD", "LOCPATH", "RES_OPTIONS", "FCGI_WEB_SERVER_ADDRS", "CASTGATE_CONFIGURATION",
    "PATH", "HOME"};

START_TEST(libraries_see_none_of_it)
{
	const char *name = withheld[_i];
	char entry[100];
	const char *const entries[] = {entry, NULL};
	struct stage stage;

	snprintf(entry, sizeof(entry), "%s=/evil", name);
	stage = enter(entries);
	ck_assert_str_eq(getenv(name), "/evil");
	ck_assert_ptr_nonnull(environment_withdraw());
	ck_assert_ptr_null(getenv(name));
	ck_assert_ptr_null(secure_getenv(name));
	ck_assert_str_eq(environment_value(name), "/evil");
	leave(stage);
}
END_TEST

static const char *const kept[] = {"CASTGATE_CONFIG", "DOCUMENT_ROOT", "GATEWAY_INTERFACE",
    "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"};

START_TEST(what_castgate_asks_for_stays)
{
	char entry[100];
	const char *const entries[] = {"A=1", entry, "Z=2", NULL};
	struct stage stage;

	snprintf(entry, sizeof(entry), "%s=it", kept[_i]);
	stage = enter(entries);
	ck_assert_ptr_nonnull(environment_withdraw());
	ck_assert_str_eq(getenv(kept[_i]), "it");
	ck_assert_str_eq(environment_value(kept[_i]), "it");
	ck_assert_int_eq(unsetenv(kept[_i]), 0);
	ck_assert_ptr_null(getenv(kept[_i]));
	leave(stage);
}
END_TEST

START_TEST(a_client_names_nothing)
{
	const char *const entries[] = {
	    "HTTP_PROXY=http://evil/", "HTTP_SECRET=evil", "REDIRECT_SECRET=evil", NULL};
	struct stage stage = enter(entries);

	ck_assert_ptr_nonnull(environment_withdraw());
	ck_assert_ptr_null(environ[0]);
	ck_assert_ptr_null(environment_value("HTTP_SECRET"));
	ck_assert_ptr_null(environment_value("REDIRECT_SECRET"));
	leave(stage);
}
END_TEST

START_TEST(a_cgi_request_is_handed_out_whole)
{
	const char *const entries[] = {
	    "REQUEST_METHOD=POST", "HTTP_AUTHORIZATION=Bearer x", "EMPTY=", "ODD", NULL};
	struct stage stage = enter(entries);
	const char *const *seen;

	seen = environment_withdraw();
	for (size_t i = 0; entries[i]; i++)
		ck_assert_str_eq(seen[i], entries[i]);
	ck_assert_ptr_null(seen[4]);
	ck_assert_str_eq(environment_value("EMPTY"), "");
	ck_assert_ptr_null(environment_value("ODD"));
	leave(stage);
}
END_TEST

START_TEST(no_environment_is_an_empty_one)
{
	char **outside = environ;
	const char *const *seen;

	environ = NULL;
	seen = environment_withdraw();
	ck_assert_ptr_nonnull(seen);
	ck_assert_ptr_null(seen[0]);
	ck_assert_ptr_null(environment_value("PATH"));
	free(environ);
	environ = outside;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("environment");
	TCase *tests = tcase_create("environment");

	tcase_add_loop_test(
	    tests, libraries_see_none_of_it, 0, sizeof(withheld) / sizeof(withheld[0]));
	tcase_add_loop_test(tests, what_castgate_asks_for_stays, 0, sizeof(kept) / sizeof(kept[0]));
	tcase_add_test(tests, a_client_names_nothing);
	tcase_add_test(tests, a_cgi_request_is_handed_out_whole);
	tcase_add_test(tests, no_environment_is_an_empty_one);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
