/* Which signature algorithms may a token name, and what does each ask of its key? */
#ifndef CASTGATE_CRYPTO_JWA_H
#define CASTGATE_CRYPTO_JWA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* What kind of key an algorithm takes. No key is of two families, so none can be mistaken. */
enum jwa_family { JWA_HMAC, JWA_RSA, JWA_RSA_PSS, JWA_ECDSA, JWA_EDDSA };

/* One algorithm of RFC 7518, section 3.1, or RFC 8037. */
struct jwa {
	const char *name; /* as a token's "alg" writes it */
	enum jwa_family family;
	const char *digest;      /* NULL for EdDSA, which brings its own */
	const char *curve;       /* a JWK's "crv"; NULL where there is no curve */
	const char *group;       /* OpenSSL's name of that curve */
	size_t coordinate_bytes; /* ECDSA: of r, s, x and y each */
	size_t least_key_bytes;  /* HMAC: the secret (RFC 7518, section 3.2) */
};

/* The algorithm of a name, compared byte for byte; NULL for any other, "none" among them. */
const struct jwa *jwa_named(struct text name);

/* A key that is prepared for verifying and, with its private half, for signing. */
struct evp_pkey_st;

/* Does `signature` over `message` come from this key? The caller has made sure that the key is one
 * of the algorithm's family, curve and size. False for anything else, and when OpenSSL fails. */
bool jwa_verify(const struct jwa *algorithm, struct evp_pkey_st *key, struct text message,
    struct text signature);

/* Sign `message` with a key of the algorithm's family that has its private half. Absent when it has
 * not, when OpenSSL fails or the arena is full. */
struct text jwa_sign(
    const struct jwa *algorithm, struct evp_pkey_st *key, struct text message, struct arena *arena);

#endif
