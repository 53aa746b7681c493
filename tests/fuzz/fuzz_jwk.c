/* crypto/jwk: a set that is accepted has 1 to 64 keys, none of them for an HMAC; each can be asked, and
 * verifies nothing that was not signed. */
#include "platform.h"
#include "fuzz.h"

#include "base/arena.h"
#include "crypto/jwk.h"

static const char *const algorithms[] = {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512",
    "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};

static void check_key(const struct jwa *algorithm, struct evp_pkey_st *key)
{
	static const char zeros[1024];
	static const size_t lengths[] = {0, 1, 32, 64, 96, 132, 256, 512, 1024};

	FUZZ_REQUIRE(key && algorithm->family != JWA_HMAC);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		FUZZ_REQUIRE(
		    !jwa_verify(algorithm, key, TEXT("message"), (struct text){zeros, lengths[i]}));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text json = fuzz_text(data, size);
	size_t passed_over = 0;
	const char *problem;
	struct jwk_set *set = jwk_set_read(json, &passed_over, &problem);

	FUZZ_REQUIRE((set == NULL) == (problem != NULL));
	if (!set)
		return 0;
	FUZZ_REQUIRE(size <= JWK_SET_BYTES_MAX && jwk_set_count(set) > 0);
	FUZZ_REQUIRE(jwk_set_count(set) + passed_over <= JWK_SET_KEYS_MAX);
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		const struct jwa *algorithm = jwa_named(text_of(algorithms[i]));
		struct evp_pkey_st *key;

		if (jwk_set_choose(set, algorithm, (struct text){0}, &key) == JWK_ONE)
			check_key(algorithm, key);
		else
			FUZZ_REQUIRE(!key);
	}
	jwk_set_free(set);
	return 0;
}
