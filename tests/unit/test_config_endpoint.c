/* config/: endpoints and channel rules; every error with its exact file and line. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#include <stdio.h>

#include "codec/subscription_syntax.h"

#define PATH_FORM                                                                                  \
	"must be an absolute path in its normal form: no query, no escapes, no empty or dot "      \
	"segments\n"
#define ORIGIN_FORM                                                                                \
	"must be an origin exactly as a browser sends it: scheme://host or scheme://host:port, "   \
	"lower case, without a default port or a path\n"

#define MESSAGE                                                                                    \
	" must be \"REASON = TEXT\" with a reason of status 401 or 403 in castgate.fcgi(8), or "   \
	"\"other\"\n"

START_TEST(endpoints_are_checked)
{
	static const struct mistake rows[] = {
	    {WITH_ENDPOINT("endpoint\n\"auth\" { }\n"), AT(5) "endpoint \"auth\" " PATH_FORM},
	    {WITH_ENDPOINT("endpoint \"/a?b\" { }\n"), AT(4) "endpoint \"/a?b\" " PATH_FORM},
	    {WITH_ENDPOINT("endpoint \"/a//b\" { }\n"), AT(4) "endpoint \"/a//b\" " PATH_FORM},
	    {WITH_ENDPOINT("endpoint \"/a/../b\" { }\n"), AT(4) "endpoint \"/a/../b\" " PATH_FORM},
	    {WITH_ENDPOINT("endpoint \"/a%2fb\" { }\n"), AT(4) "endpoint \"/a%2fb\" " PATH_FORM},
	    {WITH_ENDPOINT("endpoint \"/a b\" { }\n"), AT(4) "endpoint \"/a b\" " PATH_FORM},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c also = {\"/b\",\n\"b\"} }\n"),
	        AT(5) "\"also\": \"b\" " PATH_FORM},
	    {WITH_ENDPOINT("endpoint \"/a\" { action = watch }\n"),
	        AT(4) "\"action\" cannot be \"watch\"; it is one of channel-auth, user-auth, "
	              "session, session-bridge, session-refresh, session-logout, sessions, jwks, "
	              "live, "
	              "ready, metrics\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = {c,\nx, c} app = mani }\n"),
	        AT(5) "there is no app \"mani\"; did you mean \"main\"?\n" AT(
	            5) "there is no credential \"x\"\n" AT(5) "\"credentials\" has \"c\" twice\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials =\n{} }\n"),
	        AT(5) "\"credentials\" is empty\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { channel x { allow = S } }\n"),
	        AT(4) "action channel-auth needs \"credentials\"\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { action = live credentials = c app = main }\n"),
	        AT(4) "action live signs nothing and has no \"app\"\n" AT(
	            4) "action live asks for no \"credentials\"\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { action = user-auth credentials = c\nchannel x { } "
	                   "}\n"),
	        AT(5) "channel rules are for channel-auth, not for user-auth\n" AT(
	            5) "the rule needs \"allow\" or \"equals\"\n"},
	    {WITH_ENDPOINT(
	         "endpoint \"/a\" { credentials = c user_data =\nS channel x { allow = S } "
	         "}\n"),
	        AT(5) "\"user_data\" is for user-auth, not for channel-auth\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c cors_origins = {\"https://a.b/\",\n"
	                   "\"https://A.b\", \"*\", \"null\", \"https://a.b:443\", "
	                   "\"http://a.b:80\", \"https://\"} }\n"),
	        AT(4) "\"cors_origins\": \"https://a.b/\" " ORIGIN_FORM
	            AT(5) "\"cors_origins\": \"https://A.b\" " ORIGIN_FORM AT(
	                5) "\"cors_origins\": \"*\" " ORIGIN_FORM
	                AT(5) "\"cors_origins\": \"null\" " ORIGIN_FORM AT(
	                    5) "\"cors_origins\": \"https://a.b:443\" " ORIGIN_FORM
	                    AT(5) "\"cors_origins\": \"http://a.b:80\" " ORIGIN_FORM AT(
	                        5) "\"cors_origins\": \"https://\" " ORIGIN_FORM},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c cors_credentials = true channel x { "
	                   "allow = S } }\n"),
	        AT(4) "\"cors_credentials\" needs \"cors_origins\"\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c max_body = 2m\nmax_batch = 101\n"
	                   "max_channel_bytes = 201 }\n"),
	        AT(4) "\"max_body\" must be a size (such as 32k) from 1k to 1m\n" AT(
	            5) "\"max_batch\" must be a number from 1 to 100\n" AT(6) "\"max_channel_"
	                                                                      "bytes\" must be a "
	                                                                      "number from 1 to "
	                                                                      "200\n"},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c messages = {\"nope = x\", "
	                   "\"channel_missing = x\"} }\n"),
	        AT(4) "\"messages\": \"nope = x\"" MESSAGE AT(
	            4) "\"messages\": \"channel_missing = x\"" MESSAGE},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c messages = other }\n"),
	        AT(4) "\"messages\": \"other\"" MESSAGE},
	    {WITH_ENDPOINT("endpoint \"/a\" { credentials = c messages = \"other = x\" channel x { "
	                   "allow = S } }\n"),
	        AT(4) "\"messages\" is for dialect error-message\n"},
	};

	REFUSE_ALL(rows);
	fixture_file("castgate.conf", WITH_ENDPOINT("\nendpoint \"/a\" { credentials = c }\n"));
	config_free(fixture_complains("castgate.conf",
	    "@/castgate.conf:5: warning: no channel rule: every request is refused\n"));
}
END_TEST

START_TEST(paths_are_unique)
{
	static const struct mistake rows[] = {
	    {FIXTURE_ALL "\nendpoint \"/b\" { credentials = c also =\n\"/auth\" action = user-auth "
	                 "}\n",
	        AT(7) "path \"/auth\" is already served by the endpoint at @/castgate.conf:4\n"},
	    {FIXTURE_ALL "endpoint \"/auth/\" { credentials = c action = user-auth }\n",
	        AT(5) "path \"/auth/\" is already served by the endpoint at @/castgate.conf:4\n"},
	    {FIXTURE_ALL "endpoint \"/b\" { credentials = c also = {\"/c\", \"/b/\"} action = "
	                 "user-auth }\n",
	        AT(5) "path \"/b/\" is already served by the endpoint at @/castgate.conf:5\n"},
	    {FIXTURE_ALL "endpoint \"/b\" { credentials = c also = \"/c\" action = user-auth }\n"
	                 "endpoint \"/c\" { action = live }\n",
	        AT(6) "path \"/c\" is already served by the endpoint at @/castgate.conf:5\n"},
	};

	REFUSE_ALL(rows);
	fixture_refused(FIXTURE_ALL
	    "endpoint \"/b/\" { action = live }\nendpoint \"/b\" { action = "
	    "ready }\n",
	    AT(6) "path \"/b\" is already served by the endpoint at @/castgate.conf:5\n");
	config_free(fixture_accepted(FIXTURE_ALL "endpoint \"/\" { action = live also = {\"/aut\", "
	                                         "\"/auth/x\", \"/a/{b:slug}/\"} }\n"));
}
END_TEST

#define PROVIDER                                                                                   \
	"credential p { kind = jwt from = bearer algorithms = HS256 secret = "                     \
	"\"0123456789abcdef0123456789abcdef\" audience = a "
#define OWN "credential own { kind = session secrets = \"0123456789abcdef0123456789abcdef\" }\n"
#define BRIDGE "endpoint \"/b\" { action = session-bridge credentials = p }\n"

START_TEST(a_bridge_must_know_sign_ins_apart)
{
	static const struct mistake rows[] = {
	    {FIXTURE_DATABASE PROVIDER "issuer = i }\n" OWN BRIDGE,
	        AT(4) "credential \"p\" does not say which claim names the sign-in: claims = "
	              "{\"session = CLAIM\"}\n"},
	    {FIXTURE_DATABASE PROVIDER
	        "claims = \"session = session_id\" issuer = \"https://"
	        "0123456789012345678901234567890123456789012345678901234567.example\" }\n" OWN
	            BRIDGE,
	        AT(4) "credential \"p\": its issuer has more than 64 bytes, which "
	              "user_sessions.provider does not hold\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(an_endpoint_needs_one_app_to_sign_with)
{
	static const struct mistake rows[] = {
	    {FIXTURE_DATABASE FIXTURE_CREDENTIAL FIXTURE_ENDPOINT,
	        AT(3) "action channel-auth needs an app section\n"},
	    {FIXTURE_ALL "app other { key = k secret = s }\n",
	        AT(4) "action channel-auth needs \"app\": there is more than one\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

#define WITH_LIMITS(limits)                                                                        \
	WITH_ENDPOINT("endpoint \"/a\" { credentials = c channel x { allow = S }\n" limits " }\n")
#define LIMIT_FORM " must be off, or a number from 1 to 1000000\n"

START_TEST(limits_are_checked)
{
	static const struct mistake rows[] = {
	    {WITH_LIMITS("throttle { failures = 0 }"), AT(5) "\"failures\"" LIMIT_FORM},
	    {WITH_LIMITS("throttle {\nfailures = 1000001 }"), AT(6) "\"failures\"" LIMIT_FORM},
	    {WITH_LIMITS("throttle { requests = none }"), AT(5) "\"requests\"" LIMIT_FORM},
	    {WITH_LIMITS("throttle { requests = 5\nburst = 1s }"), AT(6) "\"burst\"" LIMIT_FORM},
	    {WITH_LIMITS("throttle { burst = 10 }"), AT(5) "\"burst\" needs \"requests\"\n"},
	    {WITH_LIMITS("throttle { burst = 31 requests = 3 }"),
	        AT(5) "\"burst\" is more than 10 times \"requests\"\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(limits_have_defaults_and_an_off)
{
	static const struct {
		const char *written;
		unsigned failures;
		unsigned requests;
		unsigned burst;
	} rows[] = {
	    {"", 1000, 0, 0},
	    {"throttle { }", 1000, 0, 0},
	    {"throttle { failures = off }", 0, 0, 0},
	    {"throttle { failures = 1 requests = 60 }", 1, 60, 60},
	    {"throttle { requests = 60 burst = 30 }", 1000, 60, 30},
	    {"throttle { requests = 60 burst = 600 }", 1000, 60, 600},
	    {"throttle { requests = off burst = off }", 1000, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[2048];
		struct config *config;
		const struct config_throttle *throttle;

		snprintf(text, sizeof(text),
		    FIXTURE_ALL "endpoint \"/b\" { credentials = c channel x { allow = S } %s }\n",
		    rows[i].written);
		config = fixture_accepted(text);
		throttle = &config->endpoints[1].throttle;
		ck_assert_msg(throttle->failures == rows[i].failures &&
		                  throttle->requests == rows[i].requests &&
		                  throttle->burst == rows[i].burst,
		    "%s: %u %u %u", rows[i].written, throttle->failures, throttle->requests,
		    throttle->burst);
		config_free(config);
	}
}
END_TEST

START_TEST(channel_rules_are_checked)
{
	static const struct mistake rows[] = {
	    {WITH_CHANNEL("channel x { }\n"), AT(5) "the rule needs \"allow\" or \"equals\"\n"},
	    {WITH_CHANNEL("channel x { allow = S prefixes = {private,\npublic} }\n"),
	        AT(6) "\"prefixes\" cannot be \"public\"; it is one of private, presence, "
	              "private-encrypted, private-cache, presence-cache\n"},
	    {WITH_CHANNEL("channel x { allow = S prefixes = {} }\n"),
	        AT(5) "\"prefixes\" is empty: the rule would never apply\n"},
	    {WITH_CHANNEL("channel x { equals = \"x-{user}\" }\n"),
	        AT(5) "\"equals\": \"x-{user}\" must be a whole channel name that begins with a "
	              "guarded prefix, such as private-\n"},
	    {WITH_CHANNEL("channel x { equals = \"private-{user\" }\n"),
	        AT(5) "\"equals\": \"private-{user\" must name its values as {NAME}, {user} or "
	              "{user.NAME}\n"},
	    {WITH_CHANNEL("channel x { equals = \"private-{user:id}\" }\n"),
	        AT(5) "\"equals\": \"private-{user:id}\" must name its values as {NAME}, {user} or "
	              "{user.NAME}\n"},
	    {WITH_CHANNEL("channel x { equals = \"private-a:b\" }\n"),
	        AT(5) "\"equals\": \"private-a:b\" must consist of bytes that channel names may "
	              "have, and {NAME}\n"},
	    {WITH_CHANNEL("channel x { equals = \"private-}{user}\" }\n"),
	        AT(5) "\"equals\": \"private-}{user}\" must consist of bytes that channel names "
	              "may "
	              "have, and {NAME}\n"},
	    {WITH_CHANNEL(
	         "channel x { equals = \"private-{user}\"\nprefixes = private unproven = y "
	         "}\n"),
	        AT(5) "\"unproven\" is for \"allow\"\n" AT(
	            6) "\"equals\" has its prefix already; \"prefixes\" is for patterns\n"},
	    {WITH_CHANNEL(
	         "channel x { allow = S prefixes = {private, presence-cache} channel_data = "
	         "never }\n"),
	        AT(5) "presence channels cannot do without \"channel_data\"\n"},
	    {WITH_CHANNEL(
	         "channel x { equals = \"presence-{user}\" channel_data = never\nuser_info = "
	         "{} }\n"),
	        AT(5) "presence channels cannot do without \"channel_data\"\n" AT(
	            6) "\"user_info\" goes in channel_data, which is never sent\n"},
	    {WITH_CHANNEL(
	         "channel x { allow = S user_info = {a,\n\"a.b\", \":a\", \"b = c.d\", \"b = "
	         "\"} }\n"),
	        AT(6) "\"user_info\": \"a.b\" must be \"NAME\" or \"NAME = VALUE\", where VALUE is "
	              "a "
	              "result column or user.NAME\n" AT(
	                  6) "\"user_info\": \":a\" must be \"NAME\" or \"NAME = VALUE\", where "
	                     "VALUE is a "
	                     "result column or user.NAME\n" AT(
	                         6) "\"user_info\": \"b = c.d\" must be \"NAME\" or \"NAME = "
	                            "VALUE\", where VALUE "
	                            "is a result column or user.NAME\n" AT(
	                                6) "\"user_info\": \"b = \" must be \"NAME\" or \"NAME = "
	                                   "VALUE\", where VALUE is "
	                                   "a result column or user.NAME\n"},
	    {WITH_CHANNEL("channel x { allow = S user_info =\n{a, b, \"a = c\"} }\n"),
	        AT(6) "\"user_info\" has two members \"a\"\n"},
	    {WITH_CHANNEL("channel x { allow = S json = {\"a b\"} unproven = {\":y\"} }\n"),
	        AT(5) "\"json\": \"a b\" must be a name, or user.NAME, of letters, digits and "
	              "\"_\" "
	              "and without \":\"\n" AT(5) "\"unproven\": \":y\" must be a name, or "
	                                          "user.NAME, of letters, digits and "
	                                          "\"_\" and without \":\"\n"},
	    {WITH_CHANNEL("channel x { allow = S\ndeny lower { when = S } }\n"),
	        AT(6) "deny \"lower\" must consist of capital letters, digits and \"_\"\n"},
	    {WITH_CHANNEL("channel x { allow = S\ndeny A { } }\n"),
	        AT(6) "deny \"A\" needs \"when\"\n"},
	    {WITH_CHANNEL("channel x { allow = S channel_data = sometimes }\n"),
	        AT(5) "\"channel_data\" cannot be \"sometimes\"; it is one of presence, always, "
	              "never\n"},
	};
	struct config *config;

	REFUSE_ALL(rows);
	config = fixture_accepted(WITH_CHANNEL(
	    "channel x { equals = \"private-a-{user}-{user.b}.{c}\" channel_data = always }\n"
	    "channel \"y.{z}\" { equals = \"presence-y.{user}\" prefixes = presence allow = S "
	    "}\n"));
	ck_assert_uint_eq(config->endpoints[0].channels[0].prefixes, 0);
	ck_assert_uint_eq(config->endpoints[0].channels[1].prefixes, CHANNEL_PRESENCE);
	config_free(config);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config endpoints");
	TCase *tests = tcase_create("endpoints");

	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, endpoints_are_checked);
	tcase_add_test(tests, paths_are_unique);
	tcase_add_test(tests, a_bridge_must_know_sign_ins_apart);
	tcase_add_test(tests, an_endpoint_needs_one_app_to_sign_with);
	tcase_add_test(tests, limits_are_checked);
	tcase_add_test(tests, limits_have_defaults_and_an_off);
	tcase_add_test(tests, channel_rules_are_checked);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
