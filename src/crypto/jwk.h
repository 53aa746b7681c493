/* Which keys may have signed a token? */
#ifndef CASTGATE_CRYPTO_JWK_H
#define CASTGATE_CRYPTO_JWK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "crypto/jwa.h"

#define JWK_SET_BYTES_MAX 65536u
#define JWK_SET_KEYS_MAX 64u
#define JWK_RSA_BITS_MIN 2048
#define JWK_RSA_BITS_MAX 8192

/* Keys prepared for OpenSSL once, not for each token. On the heap, since they outlive requests. */
struct jwk_set;

/* A set of one shared secret, its bytes taken as they are. NULL when it is empty or absent, or
 * memory is out. Ended with jwk_set_free, which wipes it. */
struct jwk_set *jwk_set_of_secret(struct text secret);

/* Read a JWK Set (RFC 7517) of public keys: RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521
 * with the point on the curve, and OKP on Ed25519 (RFC 8037). Passed over, as section 5 wants it,
 * are keys of other types, broken ones, those for another use, and those that show a private or a
 * shared key: a secret that was published is none, and a key set must never bring one. NULL with
 * *problem set (a static sentence) when the text is no JWK Set of at most 64 KiB and 64 keys, when
 * no key is left, or memory is out. `passed_over` may be NULL. */
struct jwk_set *jwk_set_read(struct text json, size_t *passed_over, const char **problem);
void jwk_set_free(struct jwk_set *set);

size_t jwk_set_count(const struct jwk_set *set);

/* The key that the algorithm and a token's "kid" (absent: none) single out. The algorithm decides
 * about type, curve and size before the kid is looked at; a shared secret has no kid. JWK_SEVERAL:
 * more than one key suits, and the token does not say which. The key belongs to the set; *key is
 * NULL unless JWK_ONE. */
enum jwk_choice { JWK_NONE, JWK_SEVERAL, JWK_ONE };
enum jwk_choice jwk_set_choose(const struct jwk_set *set, const struct jwa *algorithm,
    struct text kid, struct evp_pkey_st **key);

#endif
