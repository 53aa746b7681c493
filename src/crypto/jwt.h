/* Is this JSON Web Token signed by a key we trust, and what does it claim? */
#ifndef CASTGATE_CRYPTO_JWT_H
#define CASTGATE_CRYPTO_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/verdict.h"
#include "codec/json_object.h"
#include "crypto/jwa.h"

#define JWT_BYTES_MAX 8192u
/* How far the clocks of issuer and castgate may be apart; added to "exp" and granted to "nbf" and
 * "iat". */
#define JWT_LEEWAY_SECONDS 30

/* A token whose form is in order. Nothing in it is trusted before jwt_verify. */
struct jwt {
	const struct jwa *algorithm; /* never NULL once read */
	struct text kid;             /* absent: none */
	struct text signing_input;   /* header and payload as they were sent; borrowed */
	struct text payload;         /* still base64url; borrowed */
	struct text signature;       /* decoded */
};

/* Read a token in compact form (RFC 7515, section 7.1; RFC 8725) without judging its signature.
 * Everything belongs to the arena or is borrowed from `token`. False with *problem set (a static
 * sentence that quotes nothing) when it is longer than 8 KiB, is not three parts of canonical
 * base64url, has a header that is no strict JSON object, names no algorithm castgate knows, or when
 * the header
 * - has "crit": no extension is understood, so none may be critical; nor is "b64";
 * - brings or points to a key ("jwk", "jku", "x5c", "x5u"): only configured keys count;
 * - says that the content is compressed, encrypted or nested ("zip", "enc", "cty");
 * - has a "typ" other than "JWT" or "at+jwt": tokens made for something else stay there. */
bool jwt_read(struct text token, struct arena *arena, struct jwt *jwt, const char **problem);

/* Verify the signature with a key, then read the claims. The payload is not parsed before. ALLOWED
 * with *claims filled, SIGNATURE_INVALID, CREDENTIAL_MALFORMED when the payload is no strict JSON
 * object, or RESOURCES_EXHAUSTED. */
struct verdict jwt_verify(const struct jwt *jwt, struct evp_pkey_st *key, struct arena *arena,
    struct json_object *claims);

/* What the claims must say. NULL: not asked. */
struct jwt_demands {
	const char *issuer;   /* "iss" is it */
	const char *audience; /* "aud" is it, or a list that contains it */
	const char *role;     /* "role" is it */
};

/* Judge the claims of a verified token at a moment (seconds since 1970). "exp" and "sub" (a string
 * that is not empty) are required, "nbf" and "iat" are looked at when they are there. ALLOWED, or
 * TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, CLAIM_MISSING, CLAIM_MISMATCH with the claim's name as
 * detail. */
struct verdict jwt_judge(
    const struct json_object *claims, const struct jwt_demands *demands, int64_t now_seconds);

/* The member a path leads to: a name, or "/NAME/NAME..." through nested objects. NULL when it is
 * not there. */
const struct json_member *jwt_claim(const struct json_object *claims, struct text path);

/* Make a token: `payload` is the JSON of the claims, `kid` may be absent. The key is as for
 * jwa_sign. Absent when it cannot sign, `kid` is not UTF-8, or the arena is full. */
struct text jwt_sign(const struct jwa *algorithm, struct evp_pkey_st *key, struct text kid,
    struct text payload, struct arena *arena);

#endif
