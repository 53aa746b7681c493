/* Keys by OpenSSL's generators, written as JWKs by hand. */
#include "platform.h"
#include "unit/jwt_keys.h"

#include <check.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"

static EVP_PKEY *keys[KEY_COUNT];

void jwt_keys_make(void)
{
	keys[KEY_SECRET] = EVP_PKEY_new_raw_private_key_ex(
	    NULL, "HMAC", NULL, (const unsigned char *)JWT_SECRET, strlen(JWT_SECRET));
	keys[KEY_RSA] = EVP_RSA_gen(2048);
	keys[KEY_P256] = EVP_EC_gen("P-256");
	keys[KEY_P384] = EVP_EC_gen("P-384");
	keys[KEY_P521] = EVP_EC_gen("P-521");
	keys[KEY_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	keys[KEY_OTHER_P256] = EVP_EC_gen("P-256");
	keys[KEY_OTHER_RSA] = EVP_RSA_gen(2048);
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (!keys[i])
			abort();
}

void jwt_keys_free(void)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		EVP_PKEY_free(keys[i]);
}

EVP_PKEY *jwt_key(enum jwt_key key)
{
	return keys[key];
}

static const char *number(enum jwt_key key, const char *name, int length, struct arena *arena)
{
	unsigned char bytes[1024];
	BIGNUM *value = NULL;

	ck_assert(EVP_PKEY_get_bn_param(keys[key], name, &value) == 1);
	length = length ? BN_bn2binpad(value, bytes, length) : BN_bn2bin(value, bytes);
	ck_assert_int_gt(length, 0);
	BN_free(value);
	return base64url_encode((struct text){(char *)bytes, (size_t)length}, arena).data;
}

static const char *curve_json(
    enum jwt_key key, const char *curve, int length, const char *more, struct arena *arena)
{
	return arena_printf(arena, "{%s\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}",
	    more, curve, number(key, OSSL_PKEY_PARAM_EC_PUB_X, length, arena),
	    number(key, OSSL_PKEY_PARAM_EC_PUB_Y, length, arena));
}

const char *jwt_key_json(enum jwt_key key, const char *more, struct arena *arena)
{
	unsigned char raw[32];
	size_t length = sizeof(raw);

	switch (key) {
	case KEY_RSA:
	case KEY_OTHER_RSA:
		return arena_printf(arena, "{%s\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", more,
		    number(key, OSSL_PKEY_PARAM_RSA_N, 0, arena),
		    number(key, OSSL_PKEY_PARAM_RSA_E, 0, arena));
	case KEY_P256:
	case KEY_OTHER_P256:
		return curve_json(key, "P-256", 32, more, arena);
	case KEY_P384:
		return curve_json(key, "P-384", 48, more, arena);
	case KEY_P521:
		return curve_json(key, "P-521", 66, more, arena);
	case KEY_ED25519:
		ck_assert(EVP_PKEY_get_raw_public_key(keys[key], raw, &length) == 1);
		return arena_printf(arena, "{%s\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}",
		    more, base64url_encode((struct text){(char *)raw, length}, arena).data);
	case KEY_SECRET:
		return arena_printf(arena, "{%s\"kty\":\"oct\",\"k\":\"%s\"}", more,
		    base64url_encode(TEXT(JWT_SECRET), arena).data);
	case KEY_COUNT:
		break;
	}
	ck_abort_msg("there is no such key");
	return NULL;
}

const char *jwt_key_set_json(struct arena *arena)
{
	const char *set = "";

	for (int i = KEY_RSA; i < KEY_COUNT; i++)
		set = arena_printf(arena, "%s%s%s", set, *set ? "," : "",
		    jwt_key_json(
		        (enum jwt_key)i, arena_printf(arena, "\"kid\":\"%d\",", i), arena));
	return arena_printf(arena, "{\"keys\":[%s]}", set);
}
