/* With which private key are tokens signed that others verify, and what may they know of it? */
#ifndef CASTGATE_CRYPTO_SIGNING_KEY_H
#define CASTGATE_CRYPTO_SIGNING_KEY_H

#include "base/arena.h"
#include "base/text.h"
#include "crypto/jwa.h"

/* A private key on P-256, for ES256. */
struct signing_key;

/* Read it from PEM (PKCS #8 or SEC 1, without a passphrase). NULL with *problem set (a static
 * sentence) for anything else. Ended with signing_key_free, which wipes it; NULL is allowed there. */
struct signing_key *signing_key_read(struct text pem, const char **problem);
void signing_key_free(struct signing_key *key);

/* Its algorithm, the key as jwt_sign and jwt_verify take it (owned by `key`), and its name: the
 * thumbprint of RFC 7638, so that the same key always has the same one. */
const struct jwa *signing_key_algorithm(const struct signing_key *key);
struct evp_pkey_st *signing_key_pair(const struct signing_key *key);
struct text signing_key_kid(const struct signing_key *key);

/* The public half as a JWK (RFC 7517), with kid, alg and use. Absent when the arena is full. */
struct text signing_key_public(const struct signing_key *key, struct arena *arena);

#endif
