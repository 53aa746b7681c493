/* crypto/jwt and crypto/jwa: published tokens, and the ways a token may be wrong. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "base/buffer.h"
#include "codec/base64.h"
#include "crypto/jwt.h"
#include "unit/jwt_keys.h"

#define NOW 1700000000
#define CLAIMS "{\"sub\":\"7\",\"exp\":1700000600}"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

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

/* A token with this header and payload, signed by `name` over exactly these bytes. */
static struct text token_of(
    const char *name, enum jwt_key key, struct text header, struct text payload)
{
	struct text input;
	struct text signature;

	input = text_of(arena_printf(arena, "%s.%s", base64url_encode(header, arena).data,
	    base64url_encode(payload, arena).data));
	signature = jwa_sign(algorithm(name), jwt_key(key), input, arena);
	ck_assert_msg(text_present(signature), "cannot sign with %s", name);
	return text_of(
	    arena_printf(arena, "%s.%s", input.data, base64url_encode(signature, arena).data));
}

/* Read and verify with one key. */
static struct verdict verify(struct text token, EVP_PKEY *key, struct json_object *claims)
{
	struct jwt jwt;
	const char *problem;

	*claims = (struct json_object){0};
	if (!jwt_read(token, arena, &jwt, &problem))
		return (struct verdict){OUTCOME_CREDENTIAL_MALFORMED, problem};
	return jwt_verify(&jwt, key, arena, claims);
}

/* The payload of RFC 7515, appendices A.1 to A.3. */
#define JOE                                                                                        \
	".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp" \
	"0cnVlfQ."
#define HS256_KEY                                                                                  \
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define HS256_TOKEN                                                                                \
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" JOE "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_"           \
	"wW1gFWFOEjXk"
#define RS256_N                                                                                    \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt" \
	"0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX" \
	"ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5" \
	"IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define RS256_TOKEN                                                                                \
	"eyJhbGciOiJSUzI1NiJ9" JOE                                                                 \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF"         \
	"5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK"         \
	"5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt"         \
	"FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"         \
	"p0igcN_IoypGlUPQGe77Rw"
#define ES256_KEY                                                                                  \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
#define ES256_TOKEN                                                                                \
	"eyJhbGciOiJFUzI1NiJ9" JOE                                                                 \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

/* RFC 7515, appendices A.1 to A.4, and RFC 8037, appendix A.4. The payload of the last two is no
 * JSON: they are signed, but they are no JWTs. */
START_TEST(published_tokens_verify)
{
	static const struct {
		const char *key;
		const char *token;
		enum outcome outcome;
	} rows[] = {
	    {"{\"kty\":\"RSA\",\"n\":\"" RS256_N "\",\"e\":\"AQAB\"}", RS256_TOKEN,
	        OUTCOME_ALLOWED},
	    {ES256_KEY, ES256_TOKEN, OUTCOME_ALLOWED},
	    {"{\"kty\":\"EC\",\"crv\":\"P-521\","
	     "\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_"
	     "NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\","
	     "\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9u"
	     "bmf63e3kyMj2\"}",
	        "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
	        "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-"
	        "KGDKB34XO0aw_"
	        "7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukO"
	        "Xo"
	        "lLzeO_Jn",
	        OUTCOME_CREDENTIAL_MALFORMED},
	    {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
	     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
	        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
	        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
	        "MuM0K"
	        "Ag",
	        OUTCOME_CREDENTIAL_MALFORMED},
	};
	struct json_object claims;
	struct jwk_set *set;
	struct text secret;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *json = arena_printf(arena, "{\"keys\":[%s]}", rows[i].key);
		struct evp_pkey_st *key;
		const char *problem;
		struct jwt jwt;

		set = jwk_set_read(text_of(json), NULL, &problem);
		ck_assert_msg(set != NULL, "row %zu: %s", i, problem);
		ck_assert(jwt_read(text_of(rows[i].token), arena, &jwt, &problem));
		ck_assert(jwk_set_choose(set, jwt.algorithm, jwt.kid, &key) == JWK_ONE);
		ck_assert_msg(
		    jwt_verify(&jwt, key, arena, &claims).outcome == rows[i].outcome, "row %zu", i);
		if (rows[i].outcome == OUTCOME_ALLOWED)
			assert_text(json_object_string(&claims, "iss"), "joe");
		jwk_set_free(set);
	}
	ck_assert(base64url_decode(TEXT(HS256_KEY), arena, &secret));
	set = jwk_set_of_secret(secret);
	{
		struct evp_pkey_st *key;

		ck_assert(
		    jwk_set_choose(set, algorithm("HS256"), (struct text){0}, &key) == JWK_ONE);
		ck_assert(verdict_allows(verify(TEXT(HS256_TOKEN), key, &claims)));
	}
	assert_text(json_object_string(&claims, "iss"), "joe");
	ck_assert_int_eq(json_object_member(&claims, TEXT("exp"))->integer, 1300819380);
	jwk_set_free(set);
}
END_TEST

static const struct {
	const char *name;
	enum jwt_key key;
} algorithms[] = {
    {"HS256", KEY_SECRET},
    {"HS384", KEY_SECRET},
    {"HS512", KEY_SECRET},
    {"RS256", KEY_RSA},
    {"RS384", KEY_RSA},
    {"RS512", KEY_RSA},
    {"PS256", KEY_RSA},
    {"PS384", KEY_RSA},
    {"PS512", KEY_RSA},
    {"ES256", KEY_P256},
    {"ES384", KEY_P384},
    {"ES512", KEY_P521},
    {"EdDSA", KEY_ED25519},
};

START_TEST(every_algorithm_signs_and_verifies_and_no_other_does)
{
	static const struct text message = {"one message", 11};

	for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
		EVP_PKEY *key = jwt_key(algorithms[i].key);
		struct text signature =
		    jwa_sign(algorithm(algorithms[i].name), key, message, arena);

		ck_assert_msg(text_present(signature), "%s", algorithms[i].name);
		for (size_t k = 0; k < COUNT_OF(algorithms); k++)
			if (algorithms[k].key == algorithms[i].key)
				ck_assert_msg(jwa_verify(algorithm(algorithms[k].name), key,
				                  message, signature) == (i == k),
				    "%s for %s", algorithms[i].name, algorithms[k].name);
	}
}
END_TEST

/* One flipped bit anywhere, one byte less or more: no signature survives it. */
START_TEST(a_changed_signature_is_no_signature)
{
	for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
		const struct jwa *row = algorithm(algorithms[i].name);
		EVP_PKEY *key = jwt_key(algorithms[i].key);
		struct text good = jwa_sign(row, key, TEXT("m"), arena);
		char *changed = arena_alloc(arena, good.length + 1);

		memcpy(changed, good.data, good.length);
		for (size_t at = 0; at < good.length; at++) {
			changed[at] ^= 1;
			ck_assert_msg(
			    !jwa_verify(row, key, TEXT("m"), (struct text){changed, good.length}),
			    "%s, byte %zu", row->name, at);
			changed[at] ^= 1;
		}
		ck_assert(jwa_verify(row, key, TEXT("m"), (struct text){changed, good.length}));
		ck_assert(
		    !jwa_verify(row, key, TEXT("m"), (struct text){changed, good.length - 1}));
		ck_assert(
		    !jwa_verify(row, key, TEXT("m"), (struct text){changed, good.length + 1}));
		ck_assert(!jwa_verify(row, key, TEXT("m"), (struct text){changed, 0}));
		ck_assert(!jwa_verify(row, key, TEXT("m"), (struct text){0}));
		ck_assert(!jwa_verify(row, key, TEXT("n"), good));
		ck_assert(!jwa_verify(row, key, TEXT(""), good));
		ck_assert(!jwa_verify(row, NULL, TEXT("m"), good));
	}
}
END_TEST

/* Numbers an ECDSA signature must not have, and the form other protocols give it. */
START_TEST(ecdsa_numbers_out_of_range_are_refused)
{
	/* the order of P-256 */
	static const char order[] =
	    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
	static const char one[32] = {[31] = 1};
	static const char zero[32];
	static const char *const numbers[] = {order, one, zero};
	EVP_PKEY *key = jwt_key(KEY_P256);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[128];
	size_t length = sizeof(der);
	char flat[64];

	for (size_t r = 0; r < 3; r++)
		for (size_t s = 0; s < 3; s++) {
			memcpy(flat, numbers[r], 32);
			memcpy(flat + 32, numbers[s], 32);
			ck_assert(!jwa_verify(
			    algorithm("ES256"), key, TEXT("m"), (struct text){flat, 64}));
		}
	ck_assert(EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1);
	ck_assert(EVP_DigestSign(context, der, &length, (const unsigned char *)"m", 1) == 1);
	ck_assert(
	    !jwa_verify(algorithm("ES256"), key, TEXT("m"), (struct text){(char *)der, length}));
	EVP_MD_CTX_free(context);
}
END_TEST

/* RFC 8725: what a header may not say. Each token below is signed with the right key, so that
 * nothing but its header can be the reason. */
START_TEST(headers_are_read_strictly)
{
	static const struct {
		struct text header;
		const char *problem; /* NULL: accepted */
	} rows[] = {
	    {TEXT("{\"alg\":\"HS256\"}"), NULL},
	    {TEXT("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), NULL},
	    {TEXT("{\"typ\":\"jwt\",\"alg\":\"HS256\"}"), NULL},
	    {TEXT("{\"typ\":\"at+jwt\",\"alg\":\"HS256\"}"), NULL},
	    {TEXT("{\"typ\":\"application/at+JWT\",\"alg\":\"HS256\",\"kid\":\"k\"}"), NULL},
	    {TEXT(" {\"alg\" :\r\n\"HS256\", \"x5t\":\"a\", \"ver\":[1,{}]}\n"), NULL},
	    {TEXT("{\"alg\":\"\\u0048S256\"}"), NULL},
	    /* the algorithm */
	    {TEXT("{}"), "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"none\"}"), "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"None\"}"), "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"hs256\"}"),
	        "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"HS256 \"}"),
	        "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"\"}"), "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":null}"), "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":256}"), "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":[\"HS256\"]}"),
	        "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"Alg\":\"HS256\"}"),
	        "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"ES256K\"}"),
	        "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"A256KW\"}"),
	        "The token names no algorithm that castgate knows (alg)."},
	    {TEXT("{\"alg\":\"HS1\"}"), "The token names no algorithm that castgate knows (alg)."},
	    /* extensions */
	    {TEXT("{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}"),
	        "The token asks for an extension (crit)."},
	    {TEXT("{\"alg\":\"HS256\",\"crit\":[]}"), "The token asks for an extension (crit)."},
	    {TEXT("{\"alg\":\"HS256\",\"crit\":null}"), "The token asks for an extension (crit)."},
	    {TEXT("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":true}"),
	        "The token asks for an extension (crit)."},
	    {TEXT("{\"alg\":\"HS256\",\"b64\":false}"),
	        "The token asks for an unencoded payload (b64)."},
	    {TEXT("{\"alg\":\"HS256\",\"b64\":true}"),
	        "The token asks for an unencoded payload (b64)."},
	    /* keys of its own */
	    {TEXT("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}"),
	        "The token brings its own key (jwk)."},
	    {TEXT("{\"alg\":\"HS256\",\"jku\":\"https://example.org/k\"}"),
	        "The token points to its own key (jku)."},
	    {TEXT("{\"alg\":\"HS256\",\"x5c\":[\"AA==\"]}"),
	        "The token brings its own certificate (x5c)."},
	    {TEXT("{\"alg\":\"HS256\",\"x5u\":\"https://example.org/c\"}"),
	        "The token points to its own certificate (x5u)."},
	    {TEXT("{\"alg\":\"HS256\",\"jw\\u006b\":null}"), "The token brings its own key (jwk)."},
	    /* other content */
	    {TEXT("{\"alg\":\"HS256\",\"zip\":\"DEF\"}"), "The token is compressed (zip)."},
	    {TEXT("{\"alg\":\"HS256\",\"enc\":\"A128GCM\"}"), "The token is encrypted (enc)."},
	    {TEXT("{\"alg\":\"HS256\",\"cty\":\"JWT\"}"), "The token holds another token (cty)."},
	    {TEXT("{\"alg\":\"HS256\",\"typ\":\"dpop+jwt\"}"),
	        "The token was made for something else (typ)."},
	    {TEXT("{\"alg\":\"HS256\",\"typ\":\"logout+jwt\"}"),
	        "The token was made for something else (typ)."},
	    {TEXT("{\"alg\":\"HS256\",\"typ\":\"secevent+jwt\"}"),
	        "The token was made for something else (typ)."},
	    {TEXT("{\"alg\":\"HS256\",\"typ\":\"JOSE\"}"),
	        "The token was made for something else (typ)."},
	    {TEXT("{\"alg\":\"HS256\",\"typ\":\"\"}"),
	        "The token was made for something else (typ)."},
	    {TEXT("{\"alg\":\"HS256\",\"typ\":1}"), "The token was made for something else (typ)."},
	    /* the key id */
	    {TEXT("{\"alg\":\"HS256\",\"kid\":1}"), "The token's key id is no short string (kid)."},
	    {TEXT("{\"alg\":\"HS256\",\"kid\":null}"),
	        "The token's key id is no short string (kid)."},
	    {TEXT("{\"alg\":\"HS256\",\"kid\":{}}"),
	        "The token's key id is no short string (kid)."},
	    /* the JSON */
	    {TEXT("{\"alg\":\"none\",\"alg\":\"HS256\"}"), "A JSON member's name is repeated."},
	    {TEXT("{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}"),
	        "A JSON member's name is repeated."},
	    {TEXT("{\"alg\":\"HS256\"} {}"), "The JSON is followed by something else."},
	    {TEXT("{\"alg\":\"HS256\"}\0"), "The JSON holds a NUL byte."},
	    {TEXT("{\"alg\":\"HS256\\u0000\"}"), "A JSON string holds U+0000."},
	    {TEXT("{\"alg\":\"HS256\",\"x\":\"\xff\"}"), "The JSON is not UTF-8."},
	    {TEXT("{\"alg\":\"HS256\",}"), "The text is not JSON."},
	    {TEXT("{\"alg\":\"HS256\""), "The JSON ends too early."},
	    {TEXT("[\"HS256\"]"), "The JSON is not an object."},
	    {TEXT("\"HS256\""), "The JSON is not an object."},
	    {TEXT("null"), "The JSON is not an object."},
	    {TEXT("{\"alg\":\"HS256\",\"x\":1e999}"), "A JSON number is too large."},
	};
	struct json_object claims;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text token = token_of("HS256", KEY_SECRET, rows[i].header, TEXT(CLAIMS));
		struct verdict verdict = verify(token, jwt_key(KEY_SECRET), &claims);

		if (rows[i].problem) {
			ck_assert_msg(
			    verdict.outcome == OUTCOME_CREDENTIAL_MALFORMED, "row %zu", i);
			ck_assert_msg(strcmp(verdict.detail, rows[i].problem) == 0, "row %zu: %s",
			    i, verdict.detail);
		} else {
			ck_assert_msg(verdict_allows(verdict), "row %zu: %s", i,
			    verdict.detail ? verdict.detail : "refused");
		}
	}
}
END_TEST

START_TEST(a_long_key_id_is_refused)
{
	struct json_object claims;

	for (int length = 256; length <= 257; length++) {
		const char *header =
		    arena_printf(arena, "{\"alg\":\"HS256\",\"kid\":\"%0*d\"}", length, 0);
		struct text token = token_of("HS256", KEY_SECRET, text_of(header), TEXT(CLAIMS));

		ck_assert(
		    verdict_allows(verify(token, jwt_key(KEY_SECRET), &claims)) == (length == 256));
	}
}
END_TEST

/* The signed payload is strict JSON too. */
START_TEST(payloads_are_read_strictly)
{
	static const struct text rows[] = {
	    {"", 0}, /* no payload at all: three parts are needed */
	    TEXT("[]"),
	    TEXT("7"),
	    TEXT("null"),
	    TEXT("\"{}\""),
	    TEXT("{\"sub\":\"7\",\"sub\":\"8\",\"exp\":1700000600}"),
	    TEXT("{\"sub\":\"7\",\"exp\":1,\"exp\":1700000600}"),
	    TEXT("{\"sub\":\"7\",\"exp\":1700000600} x"),
	    TEXT("{\"sub\":\"7\",\"exp\":1700000600}\0"),
	    TEXT("{\"sub\":\"7\\u0000\",\"exp\":1700000600}"),
	    TEXT("{\"sub\":\"\xc3\x28\",\"exp\":1700000600}"),
	    TEXT("{\"sub\":\"7\",\"exp\":99999999999999999999}"),
	    TEXT("{\"sub\":\"7\",\"exp\":Infinity}"),
	    TEXT("{\"sub\":\"7\",\"exp\":NaN}"),
	    TEXT("eyJzdWIiOiI3In0"),
	};
	struct json_object claims;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text token =
		    token_of("HS256", KEY_SECRET, TEXT("{\"alg\":\"HS256\"}"), rows[i]);
		struct verdict verdict = verify(token, jwt_key(KEY_SECRET), &claims);

		ck_assert_msg(verdict.outcome == OUTCOME_CREDENTIAL_MALFORMED, "row %zu", i);
		ck_assert_uint_eq(claims.count, 0);
	}
}
END_TEST

/* Write the parts in place of the letters H, P and S. */
static struct text fill(const char *form, char *const parts[3])
{
	static const char letters[] = "HPS";
	struct buffer token = buffer_start(arena);

	for (; *form; form++)
		if (strchr(letters, *form))
			buffer_add_string(&token, parts[strchr(letters, *form) - letters]);
		else
			buffer_add_byte(&token, *form);
	return buffer_text(&token);
}

/* The compact form: header, payload and signature of a good token. */
START_TEST(the_compact_form_is_read_strictly)
{
	static const char *const rows[] = {
	    "",
	    ".",
	    "..",
	    "...",
	    "H",
	    "H.P",
	    "H.P.",
	    ".P.S",
	    "H..S",
	    "H.P.S.",
	    "H.P.S.S",
	    "H.P.S.S.S",
	    ".H.P.S",
	    " H.P.S",
	    "H.P.S ",
	    "H.P.S\n",
	    "H .P.S",
	    "H.P. S",
	    "H\n.P.S",
	    "H=.P.S",
	    "H==.P.S",
	    "H.P=.S",
	    "H.P.S=",
	    "H,P,S",
	    "H.P.SA",
	    "H.P.AS",
	    "HA.P.S",
	    "H.PA.S",
	    "AH.P.S",
	    "H.H.S",
	    "P.H.S",
	    "Bearer H.P.S",
	    "\"H.P.S\"",
	    "H%2EP.S",
	    "{\"protected\":\"H\",\"payload\":\"P\",\"signature\":\"S\"}",
	};
	struct text good = token_of("HS256", KEY_SECRET, TEXT("{\"alg\":\"HS256\"}"), TEXT(CLAIMS));
	char *parts[3] = {arena_copy(arena, good.data, good.length)};
	struct json_object claims;

	for (size_t i = 1; i < 3; i++) {
		parts[i] = strchr(parts[i - 1], '.');
		*parts[i]++ = '\0';
	}
	ck_assert(verdict_allows(verify(good, jwt_key(KEY_SECRET), &claims)));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text token = fill(rows[i], parts);

		ck_assert_msg(!verdict_allows(verify(token, jwt_key(KEY_SECRET), &claims)),
		    "row %zu: %s", i, rows[i]);
	}
	ck_assert(!verdict_allows(verify((struct text){0}, jwt_key(KEY_SECRET), &claims)));
}
END_TEST

/* The last digit of a part may carry bits that mean nothing; a second spelling is none of ours. */
START_TEST(a_signature_has_one_spelling)
{
	struct text good = token_of("HS256", KEY_SECRET, TEXT("{\"alg\":\"HS256\"}"), TEXT(CLAIMS));
	char *other = arena_copy(arena, good.data, good.length);
	struct json_object claims;
	int spellings = 0;

	for (int digit = 'A'; digit <= 'z'; digit++) {
		other[good.length - 1] = (char)digit;
		spellings += verdict_allows(verify(text_of(other), jwt_key(KEY_SECRET), &claims));
	}
	ck_assert_int_le(spellings, 1); /* none when the last digit is a number or '-' */
}
END_TEST

START_TEST(a_token_has_at_most_8_kib)
{
	static const struct {
		int payload;
		size_t
		    token; /* the header takes 20 digits, the signature 43, and there are two dots */
		bool read;
	} rows[] = {{6095, 8192, true}, {6096, 8193, false}, {6097, 8195, false}};
	struct json_object claims;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *payload =
		    arena_printf(arena, "{\"x\":\"%0*d\"}", rows[i].payload - 8, 0);
		struct text token =
		    token_of("HS256", KEY_SECRET, TEXT("{\"alg\":\"HS256\"}"), text_of(payload));
		struct verdict verdict = verify(token, jwt_key(KEY_SECRET), &claims);

		ck_assert_uint_eq(token.length, rows[i].token);
		ck_assert_msg(verdict_allows(verdict) == rows[i].read, "row %zu: %s", i,
		    verdict.detail ? verdict.detail : "");
	}
}
END_TEST

/* RFC 8725, section 2.1: the public key, in every form in which somebody may know it, is no HMAC
 * key; and no key of one type verifies for an algorithm of another. */
START_TEST(keys_are_not_mistaken_for_each_other)
{
	const char *problem;
	struct jwk_set *set = jwk_set_read(text_of(jwt_key_set_json(arena)), NULL, &problem);
	struct text public_key = text_of(jwt_key_json(KEY_RSA, "", arena));
	EVP_PKEY *forged = EVP_PKEY_new_raw_private_key_ex(
	    NULL, "HMAC", NULL, (const unsigned char *)public_key.data, public_key.length);
	struct text input = TEXT("header.payload");
	struct text hmac = jwa_sign(algorithm("HS256"), forged, input, arena);

	ck_assert(set && text_present(hmac));
	for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
		struct evp_pkey_st *key;

		ck_assert(
		    !jwa_verify(algorithm(algorithms[i].name), jwt_key(KEY_RSA), input, hmac));
		/* an HMAC finds no key in a key set, whatever kid it names */
		if (algorithms[i].key == KEY_SECRET)
			for (int kid = 0; kid < KEY_COUNT; kid++)
				ck_assert(
				    jwk_set_choose(set, algorithm(algorithms[i].name),
				        text_of(arena_printf(arena, "%d", kid)), &key) == JWK_NONE);
	}
	EVP_PKEY_free(forged);
	jwk_set_free(set);
}
END_TEST

START_TEST(another_key_of_the_same_type_does_not_verify)
{
	static const struct {
		const char *name;
		enum jwt_key signer;
		enum jwt_key verifier;
	} rows[] = {
	    {"ES256", KEY_OTHER_P256, KEY_P256},
	    {"RS256", KEY_OTHER_RSA, KEY_RSA},
	    {"PS256", KEY_OTHER_RSA, KEY_RSA},
	};
	struct json_object claims;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text token = jwt_sign(algorithm(rows[i].name), jwt_key(rows[i].signer),
		    TEXT("k"), TEXT(CLAIMS), arena);

		ck_assert(verdict_allows(verify(token, jwt_key(rows[i].signer), &claims)));
		ck_assert_int_eq(verify(token, jwt_key(rows[i].verifier), &claims).outcome,
		    OUTCOME_SIGNATURE_INVALID);
		ck_assert_uint_eq(claims.count, 0);
	}
}
END_TEST

START_TEST(zeroed_memory_verifies_nothing)
{
	struct json_object claims;
	struct jwt jwt = {0};

	ck_assert(!verdict_allows(jwt_verify(&jwt, jwt_key(KEY_SECRET), arena, &claims)));
	ck_assert(
	    !verdict_allows(jwt_judge(&(struct json_object){0}, &(struct jwt_demands){0}, NOW)));
}
END_TEST

#define TIMES "\"exp\":1700000600"
#define WHO "\"sub\":\"7\""

START_TEST(claims_are_judged)
{
	static const struct jwt_demands none = {0};
	static const struct jwt_demands all = {"https://issuer", "app", "member"};
	static const struct {
		const struct jwt_demands *demands;
		const char *claims;
		enum outcome outcome;
		const char *detail;
	} rows[] = {
	    {&none, "{" WHO "," TIMES "}", OUTCOME_ALLOWED, NULL},
	    /* exp: over from that second on, thirty seconds of leeway */
	    {&none, "{" WHO "}", OUTCOME_CLAIM_MISSING, "exp"},
	    {&none, "{" WHO ",\"exp\":1699999970}", OUTCOME_TOKEN_EXPIRED, NULL},
	    {&none, "{" WHO ",\"exp\":1699999971}", OUTCOME_ALLOWED, NULL},
	    {&none, "{" WHO ",\"exp\":1699999970.5}", OUTCOME_ALLOWED, NULL},
	    {&none, "{" WHO ",\"exp\":1.7e9}", OUTCOME_ALLOWED, NULL},
	    {&none, "{" WHO ",\"exp\":0}", OUTCOME_TOKEN_EXPIRED, NULL},
	    {&none, "{" WHO ",\"exp\":-1}", OUTCOME_TOKEN_EXPIRED, NULL},
	    {&none, "{" WHO ",\"exp\":-9223372036854775808}", OUTCOME_TOKEN_EXPIRED, NULL},
	    {&none, "{" WHO ",\"exp\":9223372036854775807}", OUTCOME_ALLOWED, NULL},
	    {&none, "{" WHO ",\"exp\":\"1700000600\"}", OUTCOME_CLAIM_MISMATCH, "exp"},
	    {&none, "{" WHO ",\"exp\":null}", OUTCOME_CLAIM_MISMATCH, "exp"},
	    {&none, "{" WHO ",\"exp\":true}", OUTCOME_CLAIM_MISMATCH, "exp"},
	    {&none, "{" WHO ",\"exp\":[1700000600]}", OUTCOME_CLAIM_MISMATCH, "exp"},
	    {&none, "{" WHO ",\"EXP\":1700000600}", OUTCOME_CLAIM_MISSING, "exp"},
	    /* nbf and iat */
	    {&none, "{" WHO "," TIMES ",\"nbf\":1700000030}", OUTCOME_ALLOWED, NULL},
	    {&none, "{" WHO "," TIMES ",\"nbf\":1700000031}", OUTCOME_TOKEN_NOT_YET_VALID, "nbf"},
	    {&none, "{" WHO "," TIMES ",\"nbf\":1700000030.1}", OUTCOME_TOKEN_NOT_YET_VALID, "nbf"},
	    {&none, "{" WHO "," TIMES ",\"nbf\":\"0\"}", OUTCOME_CLAIM_MISMATCH, "nbf"},
	    {&none, "{" WHO "," TIMES ",\"nbf\":null}", OUTCOME_CLAIM_MISMATCH, "nbf"},
	    {&none, "{" WHO "," TIMES ",\"iat\":1700000030}", OUTCOME_ALLOWED, NULL},
	    {&none, "{" WHO "," TIMES ",\"iat\":1700000031}", OUTCOME_TOKEN_NOT_YET_VALID, "iat"},
	    {&none, "{" WHO "," TIMES ",\"iat\":{}}", OUTCOME_CLAIM_MISMATCH, "iat"},
	    /* sub */
	    {&none, "{" TIMES "}", OUTCOME_CLAIM_MISSING, "sub"},
	    {&none, "{" TIMES ",\"sub\":\"\"}", OUTCOME_CLAIM_MISMATCH, "sub"},
	    {&none, "{" TIMES ",\"sub\":7}", OUTCOME_CLAIM_MISMATCH, "sub"},
	    {&none, "{" TIMES ",\"sub\":null}", OUTCOME_CLAIM_MISMATCH, "sub"},
	    {&none, "{" TIMES ",\"sub\":[\"7\"]}", OUTCOME_CLAIM_MISMATCH, "sub"},
	    /* iss, aud, role */
	    {&all,
	        "{" WHO "," TIMES
	        ",\"iss\":\"https://issuer\",\"aud\":\"app\",\"role\":\"member\"}",
	        OUTCOME_ALLOWED, NULL},
	    {&all,
	        "{" WHO "," TIMES
	        ",\"iss\":\"https://issuer\",\"aud\":[\"x\",\"app\"],\"role\":\"member\"}",
	        OUTCOME_ALLOWED, NULL},
	    {&all, "{" WHO "," TIMES ",\"aud\":\"app\",\"role\":\"member\"}", OUTCOME_CLAIM_MISSING,
	        "iss"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer/\",\"aud\":\"app\"}",
	        OUTCOME_CLAIM_MISMATCH, "iss"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"HTTPS://issuer\",\"aud\":\"app\"}",
	        OUTCOME_CLAIM_MISMATCH, "iss"},
	    {&all, "{" WHO "," TIMES ",\"iss\":[\"https://issuer\"],\"aud\":\"app\"}",
	        OUTCOME_CLAIM_MISMATCH, "iss"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\"}", OUTCOME_CLAIM_MISSING, "aud"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":\"ap\"}",
	        OUTCOME_CLAIM_MISMATCH, "aud"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":\"apps\"}",
	        OUTCOME_CLAIM_MISMATCH, "aud"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":[]}",
	        OUTCOME_CLAIM_MISMATCH, "aud"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":[\"app\",7]}",
	        OUTCOME_CLAIM_MISMATCH, "aud"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":[[\"app\"]]}",
	        OUTCOME_CLAIM_MISMATCH, "aud"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":{\"app\":\"app\"}}",
	        OUTCOME_CLAIM_MISMATCH, "aud"},
	    {&all, "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":\"app\"}",
	        OUTCOME_CLAIM_MISSING, "role"},
	    {&all,
	        "{" WHO "," TIMES ",\"iss\":\"https://issuer\",\"aud\":\"app\",\"role\":\"anon\"}",
	        OUTCOME_CLAIM_MISMATCH, "role"},
	    {&all,
	        "{" WHO "," TIMES
	        ",\"iss\":\"https://issuer\",\"aud\":\"app\",\"role\":[\"member\"]}",
	        OUTCOME_CLAIM_MISMATCH, "role"},
	};
	struct json_object claims;
	const char *problem;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct verdict verdict;

		ck_assert(
		    json_object_read(text_of(rows[i].claims), 8192, arena, &claims, &problem));
		verdict = jwt_judge(&claims, rows[i].demands, NOW);
		ck_assert_msg(verdict.outcome == rows[i].outcome, "row %zu: %s", i,
		    outcome_row(verdict.outcome)->reason);
		ck_assert_msg(rows[i].detail
		                  ? verdict.detail && strcmp(verdict.detail, rows[i].detail) == 0
		                  : !verdict.detail,
		    "row %zu", i);
	}
}
END_TEST

START_TEST(claims_are_found_by_name_or_path)
{
	static const struct {
		const char *path;
		const char *value; /* NULL: not found */
	} rows[] = {
	    {"plain", "a"},
	    {"https://example.org/claims/org", "b"},
	    {"app.role", "c"},
	    {"/plain", "a"},
	    {"/app/role", "d"},
	    {"/app/deep/er", "e"},
	    {"app/role", NULL},
	    {"/app/role/more", NULL},
	    {"/app/absent", NULL},
	    {"/list/0", NULL},
	    {"/app//role", NULL},
	    {"/app/role/", NULL},
	    {"/", NULL},
	    {"", NULL},
	};
	struct json_object claims;
	const char *problem;

	ck_assert(json_object_read(
	    TEXT("{\"plain\":\"a\",\"https://example.org/claims/org\":\"b\",\"app.role\":\"c\","
	         "\"app\":{\"role\":\"d\",\"deep\":{\"er\":\"e\"}},\"list\":[\"f\"]}"),
	    8192, arena, &claims, &problem));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct json_member *member = jwt_claim(&claims, text_of(rows[i].path));

		ck_assert_msg((member != NULL) == (rows[i].value != NULL), "row %zu", i);
		if (member)
			assert_text(member->string, rows[i].value);
	}
}
END_TEST

START_TEST(signed_tokens_have_kid_and_type)
{
	struct text token =
	    jwt_sign(algorithm("HS256"), jwt_key(KEY_SECRET), TEXT("a\"b"), TEXT(CLAIMS), arena);
	struct arena *small = arena_new(300);
	struct json_object claims;
	const char *problem;
	struct jwt jwt;

	ck_assert(jwt_read(token, arena, &jwt, &problem));
	assert_text(jwt.kid, "a\"b");
	ck_assert(verdict_allows(jwt_verify(&jwt, jwt_key(KEY_SECRET), arena, &claims)));
	ck_assert(!text_present(
	    jwt_sign(algorithm("HS256"), jwt_key(KEY_SECRET), TEXT("\xff"), TEXT(CLAIMS), arena)));
	ck_assert(!text_present(
	    jwt_sign(algorithm("HS256"), jwt_key(KEY_SECRET), TEXT("k"), TEXT(CLAIMS), small)));
	ck_assert(
	    !text_present(jwt_sign(algorithm("HS256"), NULL, TEXT("k"), TEXT(CLAIMS), arena)));
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("jwt");
	TCase *tc = tcase_create("all");

	tcase_add_unchecked_fixture(tc, jwt_keys_make, jwt_keys_free);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, published_tokens_verify);
	tcase_add_test(tc, every_algorithm_signs_and_verifies_and_no_other_does);
	tcase_add_test(tc, a_changed_signature_is_no_signature);
	tcase_add_test(tc, ecdsa_numbers_out_of_range_are_refused);
	tcase_add_test(tc, headers_are_read_strictly);
	tcase_add_test(tc, a_long_key_id_is_refused);
	tcase_add_test(tc, payloads_are_read_strictly);
	tcase_add_test(tc, the_compact_form_is_read_strictly);
	tcase_add_test(tc, a_signature_has_one_spelling);
	tcase_add_test(tc, a_token_has_at_most_8_kib);
	tcase_add_test(tc, keys_are_not_mistaken_for_each_other);
	tcase_add_test(tc, another_key_of_the_same_type_does_not_verify);
	tcase_add_test(tc, zeroed_memory_verifies_nothing);
	tcase_add_test(tc, claims_are_judged);
	tcase_add_test(tc, claims_are_found_by_name_or_path);
	tcase_add_test(tc, signed_tokens_have_kid_and_type);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
