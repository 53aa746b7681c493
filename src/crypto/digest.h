/* How are digests and signatures computed and compared? */
#ifndef CASTGATE_CRYPTO_DIGEST_H
#define CASTGATE_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define SHA256_BYTES 32
#define SHA256_HEX_BYTES 65 /* with the NUL */

/* SHA-256 over the concatenation of `count` parts. False when OpenSSL fails; `out` is then zero. */
bool sha256(const struct text *parts, size_t count, unsigned char out[SHA256_BYTES]);

/* A SHA-256 that is set up when it is first used, and only then. Of what it hashed it keeps the last result
 * at most. Ended with hasher_free, which allows NULL. hasher_new returns NULL when out of memory. */
struct hasher;
struct hasher *hasher_new(void);
void hasher_free(struct hasher *hasher);

/* sha256 by a hasher, which costs half of it or less from the second time on; with NULL the same as sha256. */
bool hasher_sha256(
    struct hasher *hasher, const struct text *parts, size_t count, unsigned char out[SHA256_BYTES]);

/* A prepared HMAC-SHA256 key, so that signing does not set up OpenSSL each time. */
struct hmac_key;

/* Prepare a key of any length, empty included. NULL when `secret` is absent or OpenSSL fails. The
 * caller ends it with hmac_key_free, which wipes it; NULL is allowed there. */
struct hmac_key *hmac_key_new(struct text secret);
void hmac_key_free(struct hmac_key *key);

/* HMAC-SHA256 over the concatenation of `count` parts. False when `key` is NULL or OpenSSL fails;
 * `out` is then zero. No fetch, no key schedule. */
bool hmac_sign(
    struct hmac_key *key, const struct text *parts, size_t count, unsigned char out[SHA256_BYTES]);

/* Compare secrets of equal, public length in constant time; false at once for other lengths. An
 * absent or empty secret equals nothing. */
bool secret_equal(struct text a, struct text b);

/* Fill with random bytes from the operating system. False when there are none; `out` is zero. */
bool random_bytes(unsigned char *out, size_t count);

/* Have OpenSSL find its SHA-256 and its HMAC, which takes 0.3 ms the first time and a microsecond then. For who has
 * to wait for something else in any case; that they lack is told where they are used. */
void digest_prepare(void);

#endif
