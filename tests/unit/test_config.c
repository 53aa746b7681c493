/* config/: values, references and rules; every error with its exact file and line. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/subscription_syntax.h"

START_TEST(the_least_configuration_has_all_defaults)
{
	struct config *config = fixture_accepted(FIXTURE_ALL);
	const struct config_endpoint *endpoint = &config->endpoints[0];

	ck_assert_str_eq(config->log, "stderr");
	ck_assert_str_eq(config->log_level, "info");
	ck_assert_ptr_null(config->audit);
	ck_assert_ptr_null(config->state_dir);
	ck_assert_ptr_null(config->laravel_env);
	ck_assert_str_eq(config->sandbox, "off");
	ck_assert(!config->development);
	ck_assert_str_eq(config->apps[0].verifier, "pusher");
	ck_assert(!config->apps[0].has_master_key);
	ck_assert_uint_eq(config->database.max_connections, 4);
	ck_assert_uint_eq(config->database.deadline_milliseconds, 1500);
	ck_assert_uint_eq(config->database.hold_milliseconds, 1000);
	ck_assert_str_eq(config->database.time_zone, "UTC");
	ck_assert_int_eq(config->database.tls, CONFIG_TLS_OFF);
	ck_assert_str_eq(config->credentials[0].table, "personal_access_tokens");
	ck_assert_int_eq(config->credentials[0].token_id, CONFIG_TOKEN_ID_INT);
	ck_assert_int_eq(config->credentials[0].touch_seconds, 60);
	ck_assert_uint_eq(config->credentials[0].expiration_minutes, 0);
	ck_assert_ptr_null(config->credentials[0].hash); /* of another kind */
	ck_assert_str_eq(config->credentials[0].owners[0].key, "id");
	ck_assert_str_eq(endpoint->action, "channel-auth");
	ck_assert_ptr_eq(endpoint->app, &config->apps[0]);
	ck_assert_uint_eq(endpoint->credential_count, 1);
	ck_assert_ptr_eq(endpoint->credentials[0], &config->credentials[0]);
	ck_assert_str_eq(endpoint->dialect, "laravel");
	ck_assert_uint_eq(endpoint->max_body, 32768);
	ck_assert_uint_eq(endpoint->max_batch, 100);
	ck_assert_uint_eq(endpoint->max_channel_bytes, 164);
	ck_assert_uint_eq(endpoint->channels[0].prefixes, CHANNEL_PRIVATE);
	ck_assert_int_eq(endpoint->channels[0].channel_data, CONFIG_CHANNEL_DATA_PRESENCE);
	ck_assert(!endpoint->channels[0].has_user_info);
	config_free(config);
}
END_TEST

START_TEST(everything_knows_where_it_was_written)
{
	struct config *config = fixture_accepted(
	    "\napp\n\"main\" { key = k secret = s }\n"          /* title on line 3 */
	    "database\n{ socket = \"/s\" name = d user = u }\n" /* 4 */
	    "credential\n\"c\"\n{ kind = sanctum owner\n\n'U' { table = users } }\n" /* 7, 10 */
	    "endpoint \"/a\" { credentials = c\n"                                    /* 11 */
	    " channel \"x\" { allow =\n\n  \"SELECT\n 1\" equals =\n 'private-x' user_info = {\n\n}"
	    " deny\nA\n{ when = # why\n S } } throttle { } }\n"
	    "endpoint \"/u\" { credentials = c action = user-auth user_data =\n'S' }\n");
	const struct config_channel *channel = &config->endpoints[0].channels[0];

	ck_assert_uint_eq(config->apps[0].origin.line, 3);
	ck_assert_uint_eq(config->database.origin.line, 4);
	ck_assert_uint_eq(config->credentials[0].origin.line, 7);
	ck_assert_uint_eq(config->credentials[0].owners[0].origin.line, 10);
	ck_assert_uint_eq(config->endpoints[0].origin.line, 11);
	ck_assert_uint_eq(channel->origin.line, 12);
	ck_assert_uint_eq(channel->allow_origin.line, 14);
	ck_assert_uint_eq(channel->equals_origin.line, 16);
	ck_assert_uint_eq(channel->user_info_origin.line, 16);
	ck_assert(channel->has_user_info);
	ck_assert_uint_eq(channel->user_info.count, 0);
	ck_assert_uint_eq(channel->denies[0].origin.line, 19);
	ck_assert_uint_eq(channel->denies[0].when_origin.line, 21);
	ck_assert_uint_eq(config->endpoints[0].throttle.origin.line, 21);
	ck_assert_uint_eq(config->endpoints[1].user_data_origin.line, 23);
	ck_assert_ptr_null(channel->prefixes_origin.file);
	ck_assert(strstr(channel->allow_origin.file, "/castgate.conf") != NULL);
	config_free(config);
}
END_TEST

START_TEST(values_are_read_in_their_units)
{
	struct config *config = fixture_accepted(FIXTURE_APP
	    "database { hosts = {a, \"b:1\", \"[::1]\", \"[::1]:65535\", \"10.0.0.1\"} name = d "
	    "user = "
	    "u\n deadline = 1m hold = 0 time_zone = \"+05:30\" tls = required replicas = r }\n"
	    "credential \"c\" { kind = sanctum touch = off token_id = string owner 'U' { table = "
	    "\"a.b\" columns = {x, \"y-z\"} } }\n"
	    "credential \"d\" { kind = sanctum touch = 0 from = {bearer, \"header:X-T\", "
	    "\"query:token\"} owner U { table = u } }\n"
	    "endpoint \"/a\" { credentials = {d, c} max_body = 1m max_channel_bytes = 200\n"
	    " cors_origins = {\"https://a.b\", \"http://localhost:5173\", "
	    "\"chrome-extension://abcdef\", \"http://[::1]:8080\", \"https://x:4430\"}\n"
	    " channel x { prefixes = {presence, private-cache} allow = S user_info = {a, \"b=c\", "
	    "\"d  =  user.e\"} } }\n");
	const struct config_endpoint *endpoint = &config->endpoints[0];

	ck_assert_uint_eq(config->database.hosts.count, 5);
	ck_assert_uint_eq(config->database.deadline_milliseconds, 60000);
	ck_assert_uint_eq(config->database.hold_milliseconds, 0);
	ck_assert_int_eq(config->database.tls, CONFIG_TLS_REQUIRED);
	ck_assert_int_eq(config->credentials[0].touch_seconds, CONFIG_TOUCH_OFF);
	ck_assert_int_eq(config->credentials[0].token_id, CONFIG_TOKEN_ID_STRING);
	ck_assert_int_eq(config->credentials[1].touch_seconds, 0);
	ck_assert_uint_eq(config->credentials[1].from.count, 3);
	ck_assert_ptr_eq(endpoint->credentials[0], &config->credentials[1]);
	ck_assert_ptr_eq(endpoint->credentials[1], &config->credentials[0]);
	ck_assert_uint_eq(endpoint->max_body, 1048576);
	ck_assert_uint_eq(endpoint->cors_origins.count, 5);
	ck_assert_uint_eq(endpoint->channels[0].prefixes, CHANNEL_PRESENCE | CHANNEL_PRIVATE_CACHE);
	ck_assert_uint_eq(endpoint->channels[0].user_info.count, 3);
	config_free(config);
}
END_TEST

#define PROXY_FORM "must be an IP address, a network such as 192.0.2.0/24, or unix\n"
#define EVERYBODY "must not be everybody: clients could then choose their address\n"

START_TEST(top_level_values_are_checked)
{
	static const struct mistake rows[] = {
	    {"log_level =\nloud\n", AT(2) "\"log_level\" cannot be \"loud\"; it is one of error, "
	                                  "warning, info, debug\n"},
	    {"log_level = inf\n", AT(1) "\"log_level\" cannot be \"inf\"; it is one of error, "
	                                "warning, info, debug; did you mean \"info\"?\n"},
	    {"log = \"~/x\"\n", AT(1) "\"log\": \"~\" is not expanded; write the whole path\n"},
	    {"development = yes\n", AT(1) "\"development\" must be true or false\n"},
	    {"development_clients = {\"1.2.3.4\",\n\"1.2.3.4/33\", \"::1/128\", \"::/129\", "
	     "localhost}\n",
	        AT(2) "\"development_clients\": \"1.2.3.4/33\" must be an IP address, or a network "
	              "such as 192.0.2.0/24\n" AT(
	                  2) "\"development_clients\": \"::/129\" must be an IP address, or a "
	                     "network such "
	                     "as 192.0.2.0/24\n" AT(2) "\"development_clients\": \"localhost\" "
	                                               "must be an IP address, or a network "
	                                               "such as 192.0.2.0/24\n"},
	    {"trusted_proxies = {a, unix,\n\"192.0.2.1/24\", \"0.0.0.0/0\", \"::/0\", "
	     "\"::ffff:0:0/96\", \"10.0.0.0/8\"}\n",
	        AT(1) "\"trusted_proxies\": \"a\" " PROXY_FORM AT(
	            2) "\"trusted_proxies\": "
	               "\"192.0.2.1/24\" " PROXY_FORM AT(
	                   2) "\"trusted_proxies\": \"0.0.0.0/0\" " EVERYBODY
	                   AT(2) "\"trusted_proxies\": \"::/0\" " EVERYBODY AT(
	                       2) "\"trusted_proxies\": \"::ffff:0:0/96\" " EVERYBODY},
	    {FIXTURE_APP, AT(1) "there is no endpoint: nothing would be served\n"},
	};

	REFUSE_ALL(rows);
	fixture_file("castgate.conf", "development = true\n" FIXTURE_ALL);
	config_free(
	    fixture_complains("castgate.conf", "@/castgate.conf:1: warning: \"development\" is on, "
	                                       "but without \"development_clients\" "
	                                       "nobody gets reason codes\n"));
}
END_TEST

START_TEST(an_empty_text_is_no_value)
{
	static const struct mistake rows[] = {
	    {"log =\n\"\"\n", AT(2) "\"log\" is empty; leave it out for its default, stderr\n"},
	    {"development = ''\n", AT(1) "\"development\" is empty; leave it out for "
	                                 "its default, false\n"},
	    {"app a { key = '' secret = ''\nverifier = '' }\n",
	        AT(1) "app \"a\" needs \"key\"\n" AT(1) "app \"a\" needs \"secret\"\n" AT(
	            2) "\"verifier\" is empty; "
	               "leave it out for its "
	               "default, pusher\n"},
	    {"database { deadline = '' tls = '' max_connections = '' }\n",
	        AT(1) "\"tls\" is empty; leave it out for its default, off\n" AT(
	            1) "\"max_connections\" is empty; leave it out for its default, "
	               "4\n" AT(1) "\"deadline\" is empty; leave it out for its "
	                           "default, 1500ms\n"},
	    {WITH_CREDENTIAL("credential c { kind = '' }\n"),
	        AT(3) "credential \"c\" needs \"kind\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = better-auth secrets = {a,\n''} }\n"),
	        AT(4) "\"secrets\" has an empty one, which anybody could know\n"},
	    {WITH_CREDENTIAL("credential c { kind = sanctum owner U { table = '' } touch = '' }\n"),
	        AT(3) "\"touch\" is empty; leave it out for its default, 60s\n" AT(
	            3) "owner \"U\" needs \"table\"\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c action = '' dialect = '' "
	                   "max_body = "
	                   "'' also = '' }\n"),
	        AT(4) "\"also\": \"\" must be an absolute path in its normal form: no "
	              "query, no "
	              "escapes, no empty or dot segments\n" AT(
	                  4) "\"action\" is empty; leave it out for its default, "
	                     "channel-auth\n" AT(4) "\"dialect\" is empty; leave it "
	                                            "out for its default, "
	                                            "laravel\n" AT(4) "\"max_body\" "
	                                                              "is empty; "
	                                                              "leave it out "
	                                                              "for its "
	                                                              "default, "
	                                                              "32k\n"},
	    {WITH_CHANNEL("channel x { allow = '' equals = '' }\n"),
	        AT(5) "the rule needs \"allow\" or \"equals\"\n"},
	};
	struct config *config;

	REFUSE_ALL(rows);
	config = fixture_accepted(
	    "audit = ''\n" FIXTURE_APP "database { socket = \"/s\" name = d user "
	    "= u password = '' session_init = '' }\n" FIXTURE_CREDENTIAL FIXTURE_ENDPOINT);
	ck_assert_ptr_null(config->audit);
	ck_assert_ptr_null(config->database.password);
	ck_assert_ptr_null(config->database.session_init);
	config_free(config);
}
END_TEST

START_TEST(apps_are_checked)
{
	static const struct mistake rows[] = {
	    {"app \"a\" {\n}\n", AT(1) "app \"a\" needs \"key\"\n" AT(1) "app \"a\" needs "
	                                                                 "\"secret\"\n"},
	    {"app a { key = k secret = \"\" }\n", AT(1) "app \"a\" needs \"secret\"\n"},
	    {"app a { key = k secret = s\nverifier = ably }\n",
	        AT(2) "\"verifier\" cannot be \"ably\"; it is one of pusher, reverb, soketi, "
	              "sockudo\n"},
	    /* not base64, 31 bytes, 33 bytes, no padding */
	    {"app a { key = k secret = s\nencryption_master_key = hunter2 }\n",
	        AT(2) "\"encryption_master_key\" must be the base64 text of exactly 32 bytes, for "
	              "example from: openssl rand -base64 32\n"},
	    {"app a { key = k secret = s encryption_master_key = "
	     "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\" }\n",
	        AT(1) "\"encryption_master_key\" must be the base64 text of exactly 32 bytes, for "
	              "example from: openssl rand -base64 32\n"},
	    {"app a { key = k secret = s encryption_master_key = "
	     "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\" }\n",
	        AT(1) "\"encryption_master_key\" must be the base64 text of exactly 32 bytes, for "
	              "example from: openssl rand -base64 32\n"},
	    {"app a { key = k secret = s encryption_master_key = "
	     "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\" }\n",
	        AT(1) "\"encryption_master_key\" must be the base64 text of exactly 32 bytes, for "
	              "example from: openssl rand -base64 32\n"},
	};
	struct config *config;

	REFUSE_ALL(rows);
	config =
	    fixture_accepted("app a { key = k secret = s encryption_master_key = "
	                     "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\" }\n" FIXTURE_DATABASE
	                         FIXTURE_CREDENTIAL FIXTURE_ENDPOINT);
	ck_assert(config->apps[0].has_master_key);
	for (unsigned i = 0; i < 32; i++)
		ck_assert_uint_eq(config->apps[0].master_key[i], i);
	config_free(config);
}
END_TEST

START_TEST(databases_are_checked)
{
	static const struct mistake rows[] = {
	    {WITH_DATABASE(""), AT(2) "kind sanctum needs a database section\n" AT(
	                            3) "\"allow\" needs a database section\n"},
	    {WITH_DATABASE("\ndatabase {\n}\n"),
	        AT(3) "database needs exactly one of \"socket\" and \"hosts\"\n" AT(
	            3) "database needs \"name\"\n" AT(3) "database needs \"user\"\n"},
	    {WITH_DATABASE("database { socket = \"/s\" hosts = a name = d user = u }\n"),
	        AT(2) "database needs exactly one of \"socket\" and \"hosts\"\n"},
	    {WITH_DATABASE(
	         "database { hosts = {a,\n\"b:0\", \"b:65536\", \"::1\", \"-x\", \"a b\",\n"
	         "a} name = d user = u }\n"),
	        AT(3) "\"hosts\": \"b:0\" must be HOST or HOST:PORT, with an IPv6 address "
	              "in "
	              "brackets\n" AT(
	                  3) "\"hosts\": \"b:65536\" must be HOST or HOST:PORT, with an "
	                     "IPv6 address in "
	                     "brackets\n" AT(
	                         3) "\"hosts\": \"::1\" must be HOST or HOST:PORT, with an "
	                            "IPv6 address in "
	                            "brackets\n" AT(
	                                3) "\"hosts\": \"-x\" must be HOST or HOST:PORT, "
	                                   "with an IPv6 address in "
	                                   "brackets\n" AT(3) "\"hosts\": \"a b\" must be HOST or "
	                                                      "HOST:PORT, with an IPv6 address in "
	                                                      "brackets\n" AT(
	                                                          4) "\"hosts\" has \"a\" twice\n"},
	    {WITH_DATABASE(
	         "database { hosts = a name = d user = u\nmax_connections = 0\ndeadline = "
	         "5\nhold = 61s\ntime_zone = \"Mars/Base\"\ntls = maybe }\n"),
	        AT(7) "\"tls\" cannot be \"maybe\"; it is one of off, required, "
	              "verify\n" AT(3) "\"max_connections\" must be a number from 1 to "
	                               "10000\n" AT(4) "\"deadline\" must be a duration "
	                                               "(such as 1500ms) from 10ms to "
	                                               "1m\n" AT(5) "\"hold\" must be a "
	                                                            "duration (such as "
	                                                            "1500ms) from 0ms to "
	                                                            "1m\n" AT(6) "\"time_zone\": "
	                                                                         "\"Mars/Base\" "
	                                                                         "must be UTC, "
	                                                                         "an offset such "
	                                                                         "as +05:00, or "
	                                                                         "a "
	                                                                         "zone this "
	                                                                         "machine knows, "
	                                                                         "such as "
	                                                                         "Europe/"
	                                                                         "Berlin\n"},
	    {WITH_DATABASE(
	         "database { socket = \"/s\" name = d user = u max_connections = 010 }\n"),
	        AT(2) "\"max_connections\" must be a number from 1 to 10000\n"},
	    {WITH_DATABASE("database { socket = \"/s\" name = d user = u deadline = "
	                   "18446744073709551615d }\n"),
	        AT(2) "\"deadline\" must be a duration (such as 1500ms) from 10ms to 1m\n"},
	    {WITH_DATABASE("database { socket = \"/s\" name = d user = u deadline = 1.5s }\n"),
	        AT(2) "\"deadline\" must be a duration (such as 1500ms) from 10ms to 1m\n"},
	    {WITH_DATABASE("database { hosts = a name = d user = u hold = 2s }\n"),
	        AT(2) "\"hold\" is longer than \"deadline\"\n"},
	    {WITH_DATABASE("database { hosts = a name = d user = u tls = verify }\n"),
	        AT(2) "\"tls\" verify needs \"tls_ca\"\n"},
	    {WITH_DATABASE("database { hosts = a name = d user = u tls_ca = \"nope.pem\" }\n"),
	        AT(2) "cannot read \"tls_ca\": @/nope.pem\n"},
	    {WITH_DATABASE(
	         "database { socket = \"/s\" name = d user = u tls = required replicas = r "
	         "}\n"),
	        AT(2) "\"tls\" is for hosts; a socket does not leave the machine\n" AT(
	            2) "\"replicas\" needs \"hosts\"\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config");
	TCase *tests = tcase_create("config");

	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, the_least_configuration_has_all_defaults);
	tcase_add_test(tests, everything_knows_where_it_was_written);
	tcase_add_test(tests, values_are_read_in_their_units);
	tcase_add_test(tests, top_level_values_are_checked);
	tcase_add_test(tests, an_empty_text_is_no_value);
	tcase_add_test(tests, apps_are_checked);
	tcase_add_test(tests, databases_are_checked);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
