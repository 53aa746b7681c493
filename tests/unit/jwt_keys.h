/* Where do the tests of tokens get keys? One of each type, made anew for each program. */
#ifndef CASTGATE_TESTS_UNIT_JWT_KEYS_H
#define CASTGATE_TESTS_UNIT_JWT_KEYS_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypto/jwk.h"

enum jwt_key {
	KEY_SECRET,
	KEY_RSA,
	KEY_P256,
	KEY_P384,
	KEY_P521,
	KEY_ED25519,
	KEY_OTHER_P256,
	KEY_OTHER_RSA,
	KEY_COUNT
};

#define JWT_SECRET "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Make the keys, and free them. */
void jwt_keys_make(void);
void jwt_keys_free(void);

/* A key with its private half. */
EVP_PKEY *jwt_key(enum jwt_key key);

/* The public half as a JWK; `more` is further members, each followed by a comma, or "". */
const char *jwt_key_json(enum jwt_key key, const char *more, struct arena *arena);

/* A JWK Set of the public keys, each with its number as kid. */
const char *jwt_key_set_json(struct arena *arena);

#endif
