/* crypto/jwt: what is read is three parts that give the token again; signed, a header and a payload are
 * accepted only for the algorithm that signed them, and the claims that are allowed hold what is
 * demanded; with one bit of the signature changed nothing is. */
#include "platform.h"
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/base64.h"
#include "crypto/jwk.h"
#include "crypto/jwt.h"

#define ARENA_BYTES (16u << 20)
#define NOW INT64_C(1700000000)
#define SECRET "0123456789abcdef0123456789abcdef"

static struct evp_pkey_st *secret_of(const struct jwk_set *set)
{
	struct evp_pkey_st *key;

	FUZZ_REQUIRE(
	    jwk_set_choose(set, jwa_named(TEXT("HS256")), (struct text){0}, &key) == JWK_ONE);
	return key;
}

/* The input as a whole token. */
static void check_token(struct text token, struct evp_pkey_st *key, struct arena *arena)
{
	struct buffer again = buffer_start(arena);
	struct json_object claims;
	const char *problem;
	struct jwt jwt;

	if (!jwt_read(token, arena, &jwt, &problem)) {
		FUZZ_REQUIRE(problem && !jwt.algorithm);
		FUZZ_REQUIRE(!verdict_allows(jwt_verify(&jwt, key, arena, &claims)));
		return;
	}
	FUZZ_REQUIRE(!problem && jwt.algorithm && token.length <= JWT_BYTES_MAX);
	buffer_add(&again, jwt.signing_input);
	buffer_add_byte(&again, '.');
	buffer_add(&again, base64url_encode(jwt.signature, arena));
	FUZZ_REQUIRE(text_equal(buffer_text(&again), token));
	(void)jwt_verify(&jwt, key, arena, &claims);
}

/* Sign header and payload as they are. */
static struct text sign(struct text header, struct text payload, struct evp_pkey_st *key,
    struct arena *arena, bool spoil)
{
	struct buffer token = buffer_start(arena);
	struct text signature;
	struct text input;

	buffer_add(&token, base64url_encode(header, arena));
	buffer_add_byte(&token, '.');
	buffer_add(&token, base64url_encode(payload, arena));
	input = buffer_text(&token);
	signature = jwa_sign(jwa_named(TEXT("HS256")), key, input, arena);
	FUZZ_REQUIRE(signature.length == 32);
	if (spoil) {
		char *bytes = arena_copy(arena, signature.data, signature.length);

		bytes[payload.length % 32] ^= 1;
		signature.data = bytes;
	}
	buffer_add_byte(&token, '.');
	buffer_add(&token, base64url_encode(signature, arena));
	return buffer_text(&token);
}

static void check_claims(const struct json_object *claims)
{
	static const struct jwt_demands demands = {"issuer", "audience", "role"};
	const struct json_member *audience = json_object_member(claims, TEXT("aud"));
	const struct json_member *end = json_object_member(claims, TEXT("exp"));
	bool found = false;

	if (!verdict_allows(jwt_judge(claims, &demands, NOW)))
		return;
	FUZZ_REQUIRE(text_is(json_object_string(claims, "iss"), "issuer"));
	FUZZ_REQUIRE(text_is(json_object_string(claims, "role"), "role"));
	FUZZ_REQUIRE(json_object_string(claims, "sub").length > 0);
	FUZZ_REQUIRE(end && (end->kind == JSON_MEMBER_INTEGER || end->kind == JSON_MEMBER_REAL));
	FUZZ_REQUIRE((end->kind == JSON_MEMBER_INTEGER ? (double)end->integer : end->real) >
	             (double)(NOW - JWT_LEEWAY_SECONDS));
	FUZZ_REQUIRE(audience != NULL);
	for (size_t i = 0; i < audience->inside.count; i++)
		found = found || text_is(audience->inside.members[i].string, "audience");
	FUZZ_REQUIRE(found || text_is(audience->string, "audience"));
}

/* The input as a header, a line feed, and a payload. */
static void check_signed(
    struct text header, struct text payload, struct evp_pkey_st *key, struct arena *arena)
{
	struct json_object claims;
	const char *problem;
	struct jwt jwt;

	if (!jwt_read(sign(header, payload, key, arena, false), arena, &jwt, &problem))
		return;
	if (!verdict_allows(jwt_verify(&jwt, key, arena, &claims)))
		return;
	FUZZ_REQUIRE(strcmp(jwt.algorithm->name, "HS256") == 0);
	FUZZ_REQUIRE(text_find(payload, '\0') == payload.length && text_is_utf8(payload));
	check_claims(&claims);
	FUZZ_REQUIRE(jwt_read(sign(header, payload, key, arena, true), arena, &jwt, &problem));
	FUZZ_REQUIRE(jwt_verify(&jwt, key, arena, &claims).outcome == OUTCOME_SIGNATURE_INVALID);
	FUZZ_REQUIRE(claims.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct jwk_set *set = jwk_set_of_secret(TEXT(SECRET));
	struct text rest = fuzz_text(data, size);
	struct text header;

	check_token(rest, secret_of(set), arena);
	header = fuzz_line(&rest);
	if (header.length + rest.length < JWT_BYTES_MAX)
		check_signed(header, rest, secret_of(set), arena);
	jwk_set_free(set);
	arena_free(arena);
	return 0;
}
