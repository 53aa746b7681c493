/* Public keys out of JSON, each checked when it is read; what is unusable is passed over. */
#include "platform.h"
#include "crypto/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "codec/base64.h"
#include "codec/json_object.h"

#define KID_BYTES_MAX 256u
#define KIDS_BYTES (JWK_SET_KEYS_MAX * (KID_BYTES_MAX + 32))
/* an element takes two bytes of JSON and a whole json_member of memory */
#define PARSE_BYTES (8u << 20)
#define EXPONENT_BYTES_MAX 8
#define POINT_BYTES_MAX (1 + 2 * 66)

struct jwk {
	EVP_PKEY *key;
	enum jwa_family family; /* JWA_RSA stands for JWA_RSA_PSS too */
	const char *curve;      /* of the algorithm table; NULL without */
	const struct jwa *only; /* what the key's "alg" restricts it to; NULL: nothing */
	size_t secret_bytes;    /* of a shared secret */
	struct text kid;        /* absent: none */
};

struct jwk_set {
	struct arena *names;
	size_t count;
	struct jwk keys[JWK_SET_KEYS_MAX];
};

static EVP_PKEY *key_from_parameters(const char *type, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *parameters = builder ? OSSL_PARAM_BLD_to_param(builder) : NULL;
	EVP_PKEY *key = NULL;

	if (!context || !parameters || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	OSSL_PARAM_free(parameters);
	EVP_PKEY_CTX_free(context);
	return key;
}

static const unsigned char *bytes_of(struct text text)
{
	return (const unsigned char *)text.data;
}

/* The bytes of a base64url member; absent when there are none. */
static struct text member_bytes(
    const struct json_object *jwk, const char *name, struct arena *arena)
{
	struct text bytes;

	if (!base64url_decode(json_object_string(jwk, name), arena, &bytes) || bytes.length == 0)
		return (struct text){0};
	return bytes;
}

/* RFC 7518, section 6.3.1. A small or even exponent, or one as long as the modulus, is a trap. */
static EVP_PKEY *read_rsa(const struct json_object *jwk, struct arena *arena)
{
	struct text modulus = member_bytes(jwk, "n", arena);
	struct text exponent = member_bytes(jwk, "e", arena);
	OSSL_PARAM_BLD *builder = NULL;
	EVP_PKEY *key = NULL;
	BIGNUM *n = NULL;
	BIGNUM *e = NULL;

	if (modulus.length == 0 || modulus.length > JWK_RSA_BITS_MAX / 8 + 1 ||
	    exponent.length == 0 || exponent.length > EXPONENT_BYTES_MAX)
		return NULL;
	n = BN_bin2bn(bytes_of(modulus), (int)modulus.length, NULL);
	e = BN_bin2bn(bytes_of(exponent), (int)exponent.length, NULL);
	if (n && e && BN_num_bits(n) >= JWK_RSA_BITS_MIN && BN_num_bits(n) <= JWK_RSA_BITS_MAX &&
	    BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e))
		builder = OSSL_PARAM_BLD_new();
	if (builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		key = key_from_parameters("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(n);
	BN_free(e);
	return key;
}

/* The algorithm whose curve a JWK names; NULL for curves castgate does not know. */
static const struct jwa *curve_named(struct text curve, enum jwa_family family)
{
	static const char *const names[] = {"ES256", "ES384", "ES512", "EdDSA"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct jwa *row = jwa_named(text_of(names[i]));

		if (row->family == family && text_is(curve, row->curve))
			return row;
	}
	return NULL;
}

/* RFC 7518, section 6.2.1: coordinates at their full length, and a point that is on the curve. */
static EVP_PKEY *read_ec(const struct json_object *jwk, const struct jwa *row, struct arena *arena)
{
	struct text x = member_bytes(jwk, "x", arena);
	struct text y = member_bytes(jwk, "y", arena);
	unsigned char point[POINT_BYTES_MAX];
	OSSL_PARAM_BLD *builder;
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *check;

	if (x.length != row->coordinate_bytes || y.length != row->coordinate_bytes)
		return NULL;
	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(point + 1, x.data, x.length);
	memcpy(point + 1 + x.length, y.data, y.length);
	builder = OSSL_PARAM_BLD_new();
	if (builder &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, row->group, 0) ==
	        1 &&
	    OSSL_PARAM_BLD_push_octet_string(
	        builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + x.length + y.length) == 1)
		key = key_from_parameters("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	check = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	if (!check || EVP_PKEY_public_check(check) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_CTX_free(check);
	return key;
}

static EVP_PKEY *read_okp(const struct json_object *jwk, struct arena *arena)
{
	struct text x = member_bytes(jwk, "x", arena);

	/* another length than Ed25519's is refused */
	return EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, bytes_of(x), x.length);
}

static bool has_private_half(const struct json_object *jwk)
{
	static const char *const names[] = {"d", "k", "p", "q", "dp", "dq", "qi", "oth"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_object_member(jwk, text_of(names[i])))
			return true;
	return false;
}

/* "use" and "key_ops", where they are given, are for verifying signatures. */
static bool is_for_verifying(const struct json_object *jwk)
{
	const struct json_member *use = json_object_member(jwk, TEXT("use"));
	const struct json_member *operations = json_object_member(jwk, TEXT("key_ops"));

	if (use && !text_is(use->string, "sig"))
		return false;
	for (size_t i = 0; operations && i < operations->inside.count; i++)
		if (text_is(operations->inside.members[i].string, "verify"))
			return true;
	return !operations;
}

static bool read_material(const struct json_object *jwk, struct arena *arena, struct jwk *key)
{
	struct text type = json_object_string(jwk, "kty");
	struct text curve = json_object_string(jwk, "crv");
	const struct jwa *row;

	if (text_is(type, "RSA")) {
		key->family = JWA_RSA;
		key->key = read_rsa(jwk, arena);
		return key->key != NULL;
	}
	key->family = text_is(type, "OKP") ? JWA_EDDSA : JWA_ECDSA;
	row = curve_named(curve, key->family);
	if (!row || (key->family == JWA_ECDSA && !text_is(type, "EC")))
		return false;
	key->curve = row->curve;
	key->key = key->family == JWA_EDDSA ? read_okp(jwk, arena) : read_ec(jwk, row, arena);
	return key->key != NULL;
}

static bool suits(const struct jwk *key, const struct jwa *algorithm)
{
	enum jwa_family family = algorithm->family == JWA_RSA_PSS ? JWA_RSA : algorithm->family;

	if (key->family != family || (key->only && key->only != algorithm))
		return false;
	if (family == JWA_HMAC)
		return key->secret_bytes >= algorithm->least_key_bytes;
	return family == JWA_RSA || strcmp(key->curve, algorithm->curve) == 0;
}

/* Read one key. False when it cannot be used, and then nothing is kept. */
static bool read_key(
    const struct json_member *member, struct arena *arena, struct arena *names, struct jwk *key)
{
	const struct json_object *jwk = &member->inside;
	const struct json_member *alg = json_object_member(jwk, TEXT("alg"));
	const struct json_member *kid = json_object_member(jwk, TEXT("kid"));

	*key = (struct jwk){0};
	if (member->kind != JSON_MEMBER_OBJECT || has_private_half(jwk) || !is_for_verifying(jwk))
		return false;
	if (kid) {
		if (kid->kind != JSON_MEMBER_STRING || kid->string.length > KID_BYTES_MAX)
			return false;
		key->kid.data = arena_copy(names, kid->string.data, kid->string.length);
		key->kid.length = kid->string.length;
		if (!key->kid.data)
			return false;
	}
	if (alg) {
		key->only = jwa_named(alg->string);
		if (!key->only)
			return false;
	}
	if (!read_material(jwk, arena, key))
		return false;
	if (!key->only || suits(key, key->only))
		return true;
	EVP_PKEY_free(key->key);
	return false;
}

static struct jwk_set *set_new(void)
{
	struct jwk_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->names = arena_new(KIDS_BYTES);
	if (!set->names) {
		free(set);
		return NULL;
	}
	return set;
}

/* Read every key of the document into the set; NULL, or the sentence that says why not. */
static const char *read_keys(
    struct jwk_set *set, struct text json, struct arena *arena, size_t *passed_over)
{
	const struct json_member *keys;
	struct json_object document;
	const char *problem;

	if (!json_object_read(json, JWK_SET_BYTES_MAX, arena, &document, &problem))
		return problem;
	keys = json_object_member(&document, TEXT("keys"));
	if (!keys || keys->kind != JSON_MEMBER_LIST)
		return "The key set has no list \"keys\".";
	if (keys->inside.count > JWK_SET_KEYS_MAX)
		return "The key set has more than 64 keys.";
	for (size_t i = 0; i < keys->inside.count; i++)
		if (read_key(&keys->inside.members[i], arena, set->names, &set->keys[set->count]))
			set->count++;
	*passed_over = keys->inside.count - set->count;
	return set->count ? NULL : "The key set has no public key that castgate can use.";
}

struct jwk_set *jwk_set_read(struct text json, size_t *passed_over, const char **problem)
{
	struct arena *arena = arena_new(PARSE_BYTES);
	struct jwk_set *set = set_new();
	size_t ignored;

	*problem = "Memory ran out while reading the key set.";
	if (set && arena)
		*problem = read_keys(set, json, arena, passed_over ? passed_over : &ignored);
	arena_free(arena);
	ERR_clear_error(); /* what was passed over left its reasons behind */
	if (!*problem)
		return set;
	jwk_set_free(set);
	return NULL;
}

struct jwk_set *jwk_set_of_secret(struct text secret)
{
	struct jwk_set *set = secret.length > 0 ? set_new() : NULL;

	if (!set)
		return NULL;
	set->keys[0].family = JWA_HMAC;
	set->keys[0].secret_bytes = secret.length;
	set->keys[0].key =
	    EVP_PKEY_new_raw_private_key_ex(NULL, "HMAC", NULL, bytes_of(secret), secret.length);
	set->count = 1;
	if (set->keys[0].key)
		return set;
	jwk_set_free(set);
	return NULL;
}

void jwk_set_free(struct jwk_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		EVP_PKEY_free(set->keys[i].key);
	arena_free(set->names);
	free(set);
}

size_t jwk_set_count(const struct jwk_set *set)
{
	return set->count;
}

enum jwk_choice jwk_set_choose(const struct jwk_set *set, const struct jwa *algorithm,
    struct text kid, struct evp_pkey_st **key)
{
	enum jwk_choice choice = JWK_NONE;

	*key = NULL;
	for (size_t i = 0; i < set->count; i++) {
		const struct jwk *candidate = &set->keys[i];

		if (!suits(candidate, algorithm))
			continue;
		if (text_present(kid) && candidate->family != JWA_HMAC &&
		    !text_equal(candidate->kid, kid))
			continue;
		if (choice == JWK_ONE) {
			*key = NULL;
			return JWK_SEVERAL;
		}
		choice = JWK_ONE;
		*key = candidate->key;
	}
	return choice;
}
