/* crypto/jwk: which keys of a set are taken, and which of them a token gets. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "crypto/jwk.h"
#include "unit/jwt_keys.h"

static struct arena *arena;

static void start(void)
{
	arena = arena_new(4000000);
}

static void stop(void)
{
	arena_free(arena);
}

static const struct jwa *algorithm(const char *name)
{
	const struct jwa *found = jwa_named(text_of(name));

	ck_assert_msg(found != NULL, "no algorithm %s", name);
	return found;
}

static struct jwk_set *set_of(const char *keys)
{
	const char *problem;

	return jwk_set_read(text_of(arena_printf(arena, "{\"keys\":[%s]}", keys)), NULL, &problem);
}

static enum jwk_choice choose(const struct jwk_set *set, const char *name, const char *kid)
{
	struct evp_pkey_st *key;
	enum jwk_choice choice = jwk_set_choose(set, algorithm(name), text_of(kid), &key);

	ck_assert((key != NULL) == (choice == JWK_ONE));
	return choice;
}

/* RFC 7517, appendix A.1, without the RSA key's middle: that one is read in test_jwt. */
#define EC_HEAD "{\"kty\":\"EC\",\"crv\":\"P-256\","
#define EC_X "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
#define EC_Y "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\""

/* Every key below is alone in its set: it is taken, or the set has none. */
START_TEST(only_sound_public_keys_are_taken)
{
	static const struct {
		const char *key;
		bool taken;
	} rows[] = {
	    {EC_HEAD EC_X EC_Y "}", true},
	    {EC_HEAD EC_X EC_Y ",\"use\":\"sig\",\"key_ops\":[\"verify\"],\"alg\":\"ES256\","
	                       "\"kid\":\"1\",\"x5t\":\"unknown members are no matter\"}",
	        true},
	    {EC_HEAD EC_X EC_Y ",\"key_ops\":[\"sign\",\"verify\"]}", true},
	    /* for another use */
	    {EC_HEAD EC_X EC_Y ",\"use\":\"enc\"}", false},
	    {EC_HEAD EC_X EC_Y ",\"use\":null}", false},
	    {EC_HEAD EC_X EC_Y ",\"key_ops\":[\"sign\"]}", false},
	    {EC_HEAD EC_X EC_Y ",\"key_ops\":\"verify\"}", false},
	    {EC_HEAD EC_X EC_Y ",\"key_ops\":[]}", false},
	    {EC_HEAD EC_X EC_Y ",\"alg\":\"ES384\"}", false},
	    {EC_HEAD EC_X EC_Y ",\"alg\":\"HS256\"}", false},
	    {EC_HEAD EC_X EC_Y ",\"alg\":\"none\"}", false},
	    {EC_HEAD EC_X EC_Y ",\"alg\":\"ECDH-ES\"}", false},
	    {EC_HEAD EC_X EC_Y ",\"alg\":7}", false},
	    {EC_HEAD EC_X EC_Y ",\"kid\":7}", false},
	    /* a private half that was published */
	    {EC_HEAD EC_X EC_Y ",\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"}", false},
	    {EC_HEAD EC_X EC_Y ",\"d\":\"\"}", false},
	    /* points: off the curve, swapped, at infinity, out of range, of the wrong length */
	    {EC_HEAD EC_X "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyI\"}", false},
	    {EC_HEAD "\"x\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\","
	             "\"y\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\"}",
	        false},
	    {EC_HEAD "\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
	             "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
	        false},
	    {EC_HEAD "\"x\":\"__________________________________________8\"," EC_Y "}", false},
	    {EC_HEAD "\"x\":\"AKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7A\"," EC_Y "}", false},
	    {EC_HEAD "\"x\":\"ADCgQkzSHClEg4otdckrN-duog2fAIk6O07uijwKr-w-\"," EC_Y "}", false},
	    {EC_HEAD "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4=\"," EC_Y "}", false},
	    {EC_HEAD "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D5\"," EC_Y "}", false},
	    {EC_HEAD EC_Y "}", false},
	    {EC_HEAD EC_X "\"y\":1}", false},
	    {"{\"kty\":\"EC\",\"crv\":\"P-384\"," EC_X EC_Y "}", false},
	    {"{\"kty\":\"EC\",\"crv\":\"secp256k1\"," EC_X EC_Y "}", false},
	    {"{\"kty\":\"EC\",\"crv\":\"Ed25519\"," EC_X EC_Y "}", false},
	    {"{\"kty\":\"EC\"," EC_X EC_Y "}", false},
	    {"{\"crv\":\"P-256\"," EC_X EC_Y "}", false},
	    {"{\"kty\":\"ec\",\"crv\":\"P-256\"," EC_X EC_Y "}", false},
	    {"{\"kty\":\"OKP\",\"crv\":\"P-256\"," EC_X EC_Y "}", false},
	    /* RFC 8037, appendix A.2 */
	    {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
	     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
	        true},
	    {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"ES256\","
	     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
	        false},
	    {"{\"kty\":\"OKP\",\"crv\":\"Ed448\","
	     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
	        false},
	    {"{\"kty\":\"OKP\",\"crv\":\"X25519\","
	     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
	        false},
	    {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
	     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ\"}",
	        false},
	    {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", false},
	    /* shared secrets never come out of a key set */
	    {"{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T\"}", false},
	    {"{\"kty\":\"oct\"}", false},
	    {"\"{}\"", false},
	    {"[]", false},
	    {"{}", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwk_set *set = set_of(rows[i].key);

		ck_assert_msg((set != NULL) == rows[i].taken, "row %zu: %s", i, rows[i].key);
		jwk_set_free(set);
	}
}
END_TEST

static const char *rsa_json(int bits, const char *exponent)
{
	size_t length = (size_t)bits / 4 * 4 / 6;
	char *digits = arena_alloc(arena, length + 8);

	/* an odd number of that many bits: digits of six bits, the highest bit of the first set */
	memset(digits, 'B', length);
	digits[0] = 'g';
	while (length % 4 != 0)
		digits[length++] = 'B';
	return arena_printf(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", digits, exponent);
}

START_TEST(rsa_keys_have_a_sane_size_and_exponent)
{
	static const struct {
		int bits;
		const char *exponent;
		bool taken;
	} rows[] = {
	    {2048, "AQAB", true},
	    {2048, "Aw", true},
	    {4096, "AQAB", true},
	    {8160, "AQAB", true},
	    {2000, "AQAB", false},
	    {1024, "AQAB", false},
	    {512, "AQAB", false},
	    {8240, "AQAB", false},
	    {2048, "AQ", false}, /* 1: every message is its own signature */
	    {2048, "AA", false},
	    {2048, "AQAA", false},
	    {2048, "AAAAAAAAAAAB", false},
	    {2048, "", false},
	    {2048, "AQAB==", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwk_set *set = set_of(rsa_json(rows[i].bits, rows[i].exponent));

		ck_assert_msg((set != NULL) == rows[i].taken, "row %zu", i);
		jwk_set_free(set);
	}
}
END_TEST

START_TEST(a_document_that_is_no_key_set_is_refused)
{
	static const struct {
		const char *json;
		const char *problem;
	} rows[] = {
	    {"", "The JSON ends too early."},
	    {"<html>", "The text is not JSON."},
	    {"[]", "The JSON is not an object."},
	    {"{}", "The key set has no list \"keys\"."},
	    {"{\"keys\":{}}", "The key set has no list \"keys\"."},
	    {"{\"keys\":[]}", "The key set has no public key that castgate can use."},
	    {"{\"keys\":[],\"keys\":[]}", "A JSON member's name is repeated."},
	    {"{\"keys\":[" EC_HEAD EC_X EC_X EC_Y "}]}", "A JSON member's name is repeated."},
	    {"{\"keys\":[" EC_HEAD EC_X EC_Y "}]", "The JSON ends too early."},
	};
	const char *many = "{}";
	const char *problem;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(!jwk_set_read(text_of(rows[i].json), NULL, &problem), "row %zu", i);
		ck_assert_msg(strcmp(problem, rows[i].problem) == 0, "row %zu: %s", i, problem);
	}
	for (int i = 0; i < 64; i++)
		many = arena_printf(arena, "%s,{}", many);
	many = arena_printf(arena, "{\"keys\":[%s]}", many);
	ck_assert(!jwk_set_read(text_of(many), NULL, &problem));
	ck_assert_str_eq(problem, "The key set has more than 64 keys.");
	many = arena_printf(arena, "{\"keys\":[" EC_HEAD EC_X EC_Y "}],\"x\":\"%*s\"}", 65536, "");
	ck_assert(!jwk_set_read(text_of(many), NULL, &problem));
	ck_assert_str_eq(problem, "The JSON is too long.");
}
END_TEST

START_TEST(what_is_passed_over_is_counted)
{
	const char *json =
	    arena_printf(arena, "{\"keys\":[%s,{\"kty\":\"oct\",\"k\":\"AA\"},%s,null]}",
	        jwt_key_json(KEY_P256, "", arena), jwt_key_json(KEY_RSA, "", arena));
	const char *problem;
	size_t passed_over;
	struct jwk_set *set = jwk_set_read(text_of(json), &passed_over, &problem);

	ck_assert(set && !problem);
	ck_assert_uint_eq(jwk_set_count(set), 2);
	ck_assert_uint_eq(passed_over, 2);
	jwk_set_free(set);
}
END_TEST

START_TEST(the_algorithm_decides_before_the_key_id)
{
	static const struct {
		const char *algorithm;
		const char *kid;
		enum jwk_choice choice;
	} rows[] = {
	    {"RS256", "1", JWK_ONE},
	    {"PS512", "1", JWK_ONE},
	    {"ES256", "2", JWK_ONE},
	    {"ES384", "3", JWK_ONE},
	    {"ES512", "4", JWK_ONE},
	    {"EdDSA", "5", JWK_ONE},
	    /* a kid of another family or curve finds nothing */
	    {"ES256", "1", JWK_NONE},
	    {"RS256", "2", JWK_NONE},
	    {"ES384", "2", JWK_NONE},
	    {"ES256", "3", JWK_NONE},
	    {"EdDSA", "2", JWK_NONE},
	    {"HS256", "1", JWK_NONE},
	    {"HS256", NULL, JWK_NONE},
	    {"ES256", "", JWK_NONE},
	    {"ES256", "2 ", JWK_NONE},
	    {"ES256", "02", JWK_NONE},
	    /* without a kid there must be one only */
	    {"ES384", NULL, JWK_ONE},
	    {"EdDSA", NULL, JWK_ONE},
	    {"ES256", NULL, JWK_SEVERAL},
	    {"RS256", NULL, JWK_SEVERAL},
	};
	const char *problem;
	struct jwk_set *set = jwk_set_read(text_of(jwt_key_set_json(arena)), NULL, &problem);

	ck_assert_msg(set != NULL, "%s", problem);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(
		    choose(set, rows[i].algorithm, rows[i].kid) == rows[i].choice, "row %zu", i);
	jwk_set_free(set);
}
END_TEST

START_TEST(a_key_restricted_to_one_algorithm_serves_no_other)
{
	struct jwk_set *set = set_of(jwt_key_json(KEY_RSA, "\"alg\":\"RS256\",", arena));

	ck_assert(set != NULL);
	ck_assert_int_eq(choose(set, "RS256", NULL), JWK_ONE);
	ck_assert_int_eq(choose(set, "RS512", NULL), JWK_NONE);
	ck_assert_int_eq(choose(set, "PS256", NULL), JWK_NONE);
	/* the key has no kid, so a token that names one means another */
	ck_assert_int_eq(choose(set, "RS256", "1"), JWK_NONE);
	jwk_set_free(set);
}
END_TEST

START_TEST(two_keys_of_one_id_are_one_too_many)
{
	struct jwk_set *set =
	    set_of(arena_printf(arena, "%s,%s", jwt_key_json(KEY_P256, "\"kid\":\"k\",", arena),
	        jwt_key_json(KEY_OTHER_P256, "\"kid\":\"k\",", arena)));

	ck_assert(set != NULL);
	ck_assert_int_eq(choose(set, "ES256", "k"), JWK_SEVERAL);
	jwk_set_free(set);
}
END_TEST

START_TEST(a_secret_serves_hmac_only_and_must_be_long_enough)
{
	struct jwk_set *set = jwk_set_of_secret(TEXT("0123456789abcdef0123456789abcdef"));

	ck_assert(set != NULL);
	ck_assert_int_eq(choose(set, "HS256", NULL), JWK_ONE);
	ck_assert_int_eq(choose(set, "HS256", "any kid"), JWK_ONE);
	ck_assert_int_eq(choose(set, "HS384", NULL), JWK_NONE);
	ck_assert_int_eq(choose(set, "HS512", NULL), JWK_NONE);
	ck_assert_int_eq(choose(set, "RS256", NULL), JWK_NONE);
	ck_assert_int_eq(choose(set, "ES256", NULL), JWK_NONE);
	ck_assert_int_eq(choose(set, "EdDSA", NULL), JWK_NONE);
	jwk_set_free(set);
	ck_assert(!jwk_set_of_secret(TEXT("")));
	ck_assert(!jwk_set_of_secret((struct text){0}));
	jwk_set_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("jwk");
	TCase *tc = tcase_create("all");

	tcase_add_unchecked_fixture(tc, jwt_keys_make, jwt_keys_free);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, only_sound_public_keys_are_taken);
	tcase_add_test(tc, rsa_keys_have_a_sane_size_and_exponent);
	tcase_add_test(tc, a_document_that_is_no_key_set_is_refused);
	tcase_add_test(tc, what_is_passed_over_is_counted);
	tcase_add_test(tc, the_algorithm_decides_before_the_key_id);
	tcase_add_test(tc, a_key_restricted_to_one_algorithm_serves_no_other);
	tcase_add_test(tc, two_keys_of_one_id_are_one_too_many);
	tcase_add_test(tc, a_secret_serves_hmac_only_and_must_be_long_enough);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
