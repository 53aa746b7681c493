/* config/: credentials of every kind; every error with its exact file and line. */
#include "platform.h"
#include "unit/config_fixture.h"
#include "unit/runner.h"

#define SOURCES "must be bearer, cookie, header:NAME, cookie:NAME, query:NAME or form:NAME\n"
#define FIELDS                                                                                     \
	" must be \"FIELD = COLUMN\", where FIELD is id, token, expiresAt, userId or "             \
	"activeOrganizationId\n"
#define TAKEN ": the identity has another value of that name\n"
#define LONG_SECRET "\"0123456789abcdef0123456789abcdef\""

START_TEST(credentials_are_checked)
{
	static const struct mistake rows[] = {
	    {WITH_CREDENTIAL("credential c { }\n"), AT(3) "credential \"c\" needs \"kind\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = sanktum jwks = x }\n"),
	        AT(3) "\"kind\" cannot be \"sanktum\"; it is one of sanctum, "
	              "better-auth, token, "
	              "jwt, session; did you mean \"sanctum\"?\n"},
	    {WITH_CREDENTIAL("credential c { kind = sanctum }\n"),
	        AT(3) "kind sanctum needs an \"owner\" section, or every token is "
	              "refused\n"},
	    {WITH_CREDENTIAL("credential c { kind = sanctum\nowner U { } }\n"),
	        AT(4) "owner \"U\" needs \"table\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = sanctum table = \"a`b\" touch = 500ms\n"
	                     "expiration_minutes = -1 owner U { table = \"a.b.c\" key = \"a.b\"\n"
	                     "columns = {ok,\n\"a b\"} broadcast_id = \"a;b\" } }\n"),
	        AT(3) "\"table\": \"a`b\" must be a table's name: letters, digits, "
	              "\"_\", \"$\", "
	              "\"-\", or two such names with a dot\n" AT(
	                  4) "\"expiration_minutes\" must be a number from 0 to "
	                     "100000000\n" AT(3) "\"touch\" must be off, or a duration "
	                                         "(such as 1500ms) from 0ms to "
	                                         "30d\n" AT(4) "\"table\": \"a.b.c\" "
	                                                       "must be a table's "
	                                                       "name: letters, digits, "
	                                                       "\"_\", \"$\", "
	                                                       "\"-\", or two such "
	                                                       "names with a dot\n" AT(
	                                                           4) "\"key\": "
	                                                              "\"a.b\" must be "
	                                                              "a column's "
	                                                              "name: at most "
	                                                              "64 letters, "
	                                                              "digits, \"_\", "
	                                                              "\"$\", "
	                                                              "\"-\"\n" AT(6) "\"columns"
	                                                                              "\": \"a "
	                                                                              "b\" must "
	                                                                              "be a "
	                                                                              "column's "
	                                                                              "name: at "
	                                                                              "most 64 "
	                                                                              "letters, "
	                                                                              "digits, "
	                                                                              "\"_\", "
	                                                                              "\"$\", "
	                                                                              "\"-"
	                                                                              "\"\n" AT(
	                                                                                  6) "\""
	                                                                                     "br"
	                                                                                     "oa"
	                                                                                     "dc"
	                                                                                     "as"
	                                                                                     "t_"
	                                                                                     "id"
	                                                                                     "\""
	                                                                                     ": "
	                                                                                     "\""
	                                                                                     "a;"
	                                                                                     "b"
	                                                                                     "\""
	                                                                                     " m"
	                                                                                     "us"
	                                                                                     "t "
	                                                                                     "be"
	                                                                                     " a"
	                                                                                     " c"
	                                                                                     "ol"
	                                                                                     "um"
	                                                                                     "n'"
	                                                                                     "s "
	                                                                                     "na"
	                                                                                     "me"
	                                                                                     ": "
	                                                                                     "at"
	                                                                                     " m"
	                                                                                     "os"
	                                                                                     "t "
	                                                                                     "64"
	                                                                                     " l"
	                                                                                     "et"
	                                                                                     "te"
	                                                                                     "rs"
	                                                                                     ", "
	                                                                                     "di"
	                                                                                     "gi"
	                                                                                     "ts"
	                                                                                     ", "
	                                                                                     "\""
	                                                                                     "_"
	                                                                                     "\""
	                                                                                     ", "
	                                                                                     "\""
	                                                                                     "$"
	                                                                                     "\""
	                                                                                     ", "
	                                                                                     "\""
	                                                                                     "-"
	                                                                                     "\""
	                                                                                     "\n"},
	    {WITH_CREDENTIAL("credential c { kind = sanctum from = {bearer, Bearer, \"header:\", "
	                     "\"query:a b\"} owner U { table = u } }\n"),
	        AT(3) "\"from\": \"Bearer\" " SOURCES AT(3) "\"from\": \"header:\" " SOURCES AT(
	            3) "\"from\": \"query:a b\" " SOURCES},
	    {WITH_CREDENTIAL("credential c { kind = sanctum from = cookie owner U { "
	                     "table = u } }\n"),
	        AT(3) "this kind has no cookie of its own; write cookie:NAME\n"},
	    /* directives of one kind in another */
	    {WITH_CREDENTIAL("credential c { kind = token identify = S\nsecret = " LONG_SECRET
	                     " owner U { table = u } }\n"),
	        AT(4) "\"owner\" belongs to kind sanctum, but credential \"c\" is of "
	              "kind token\n" AT(4) "\"secret\" belongs to kind jwt, "
	                                   "but credential \"c\" is of kind "
	                                   "token\n"},
	    {WITH_CREDENTIAL("credential c { kind = token }\n"),
	        AT(3) "credential \"c\" needs \"identify\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = better-auth }\n"),
	        AT(3) "credential \"c\" needs \"secrets\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = better-auth secrets = {aa} session_fields =\n"
	                     "{\"user = user_id\", \"userId\", \"userId = a b\",\n"
	                     "\"token = t\"} }\n"),
	        AT(4) "\"session_fields\": \"user = user_id\"" FIELDS
	            AT(4) "\"session_fields\": \"userId\"" FIELDS AT(
	                4) "\"session_fields\": \"userId = a b\"" FIELDS},
	    {WITH_CREDENTIAL(
	         "credential c { kind = token identify = \"SELECT 1\" unproven = {\"a b\",\n"
	         "token} session_fields = {} }\n"),
	        AT(4) "\"session_fields\" belongs to kind better-auth, but credential \"c\" is of "
	              "kind token\n" AT(3) "\"unproven\": \"a b\" must be a name of letters, "
	                                   "digits and \"_\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = better-auth secrets = {aa}\n"
	                     "columns = {name, tenant, id} }\n"),
	        AT(3) "\"columns\" cannot have \"tenant\"" TAKEN AT(
	            3) "\"columns\" cannot have \"id\"" TAKEN},
	    {WITH_CREDENTIAL("credential c { kind = better-auth secrets = {} }\n"),
	        AT(3) "credential \"c\" needs \"secrets\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = better-auth secrets = {aa, aa} }\n"),
	        AT(3) "\"secrets\" has the same value twice\n"},
	    {WITH_CREDENTIAL("credential c { kind = better-auth secrets = a bearer = off from = "
	                     "{bearer} }\n"),
	        AT(3) "\"from\" names bearer, but \"bearer\" is off\n"},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(json_web_tokens_cannot_confuse_their_keys)
{
	static const struct mistake rows[] = {
	    {WITH_CREDENTIAL("credential c { kind = jwt secret = " LONG_SECRET " }\n"),
	        AT(3) "credential \"c\" needs \"algorithms\"\n"},
	    {WITH_CREDENTIAL(
	         "credential c { kind = jwt algorithms = {none} secret = " LONG_SECRET " }\n"),
	        AT(3) "\"algorithms\" cannot be \"none\"; it is one of HS256, HS384, HS512, RS256, "
	              "RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = HS256 }\n"),
	        AT(3) "kind jwt needs exactly one of \"secret\" and \"jwks\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = HS256 jwks = \"https://x/\" "
	                     "secret = " LONG_SECRET " }\n"),
	        AT(3) "kind jwt needs exactly one of \"secret\" and \"jwks\"\n"},
	    {WITH_CREDENTIAL(
	         "credential c { kind = jwt algorithms = {HS256, RS256} secret = " LONG_SECRET
	         " }\n"),
	        AT(3) "algorithm RS256 needs \"jwks\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = {RS256, HS256} audience = a "
	                     "jwks = \"https://x/\" }\n"),
	        AT(3) "algorithm HS256 needs \"secret\"\n"},
	    {WITH_CREDENTIAL(
	         "credential c { kind = jwt algorithms = RS256 jwks = \"http://x/\" }\n"),
	        AT(3) "\"jwks\": \"http://x/\" must be an https:// address without user and "
	              "fragment, or the path of a "
	              "file\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = RS256 audience = a jwks = "
	                     "\"https://user@x/\" }\n"),
	        AT(3) "\"jwks\": \"https://user@x/\" must be an https:// address without user and "
	              "fragment, or the path of a file\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = RS256 audience = a jwks = "
	                     "\"https:///keys\" }\n"),
	        AT(3) "\"jwks\": \"https:///keys\" must be an https:// address without user and "
	              "fragment, or the path of a file\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = RS256 audience = a jwks = "
	                     "\"https://x/a b\" }\n"),
	        AT(3) "\"jwks\": \"https://x/a b\" must be an https:// address without user and "
	              "fragment, or the path of a file\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = {HS256, HS384, HS512} secret "
	                     "= " LONG_SECRET " }\n"),
	        AT(3) "algorithm HS384 needs a \"secret\" of at least 48 bytes\n" AT(
	            3) "algorithm HS512 needs a \"secret\" of at least 64 bytes\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = RS256 audience = a jwks = "
	                     "keys.json jwks_ca = absent.pem }\n"),
	        AT(3) "\"jwks_ca\" is for an https:// address in \"jwks\"\n" AT(
	            3) "cannot read \"jwks_ca\": @/absent.pem\n"},
	    {WITH_CREDENTIAL("credential c { kind = sanctum jwks_ca = x owner U { table = u } }\n"),
	        AT(3) "\"jwks_ca\" belongs to kind jwt, but credential \"c\" is of kind sanctum\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = HS256 secret = "
	                     "\"0123456789abcdef0123456789abcde\" }\n"),
	        AT(3) "\"secret\" must have at least 32 bytes, or it can be guessed from one "
	              "token\n"},
	    {WITH_CREDENTIAL("credential c { kind = jwt algorithms = HS256 secret = " LONG_SECRET
	                     "\nclaims = {\"a = b\", a, \"1x\"} }\n"),
	        AT(4) "\"claims\" has \"a\" twice\n" AT(
	            4) "\"claims\": \"1x\" must be \"NAME\" or \"NAME = CLAIM\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = session }\n"),
	        AT(3) "credential \"c\" needs \"secrets\"\n"},
	    {WITH_CREDENTIAL(
	         "credential c { kind = session secrets = {" LONG_SECRET ", short} }\n"),
	        AT(3) "each of \"secrets\" must have at least 32 bytes\n"},
	    {WITH_CREDENTIAL("credential c { kind = session secrets = {" LONG_SECRET "}\n"
	                     "grace = 61m }\n"),
	        AT(4) "\"grace\" must be a duration (such as 1500ms) from 0ms to 1h\n"},
	    {WITH_CREDENTIAL("credential c { kind = session secrets = {" LONG_SECRET "}\n"
	                     "idle_age = 2h absolute_age = 1h access_age = 3h }\n"),
	        AT(3) "\"idle_age\" is longer than \"absolute_age\"\n" AT(3) "\"access_age\" is "
	                                                                     "longer than "
	                                                                     "\"idle_age\"\n"},
	    {WITH_CREDENTIAL("credential c { kind = session secrets = {" LONG_SECRET "} }\n"
	                     "credential d { kind = session secrets = {" LONG_SECRET "} }\n"),
	        AT(4) "there is already a credential of kind session at @/castgate.conf:3\n"},
	};
	struct config *config;

	REFUSE_ALL(rows);
	fixture_file(
	    "castgate.conf", WITH_CREDENTIAL("credential c { kind = jwt algorithms = ES256 "
	                                     "jwks = keys.json claims = {\"tenant = org "
	                                     "id\", email} }\n"));
	config =
	    fixture_complains("castgate.conf", "@/castgate.conf:3: warning: without \"audience\" a "
	                                       "token that the issuer made for another "
	                                       "application is accepted\n");
	ck_assert_uint_eq(config->credentials[0].claim_count, 2);
	ck_assert_str_eq(config->credentials[0].claims[0].name, "tenant");
	ck_assert_str_eq(config->credentials[0].claims[0].value, "org id");
	ck_assert_str_eq(config->credentials[0].claims[1].name, "email");
	ck_assert_str_eq(config->credentials[0].claims[1].value, "email");
	ck_assert(config->credentials[0].jwks[0] == '/');
	config_free(config);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config credentials");
	TCase *tests = tcase_create("credentials");

	tcase_add_checked_fixture(tests, fixture_setup, fixture_teardown);
	tcase_add_test(tests, credentials_are_checked);
	tcase_add_test(tests, json_web_tokens_cannot_confuse_their_keys);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
