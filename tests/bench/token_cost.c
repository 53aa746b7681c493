/* What does a signed token cost? Prints CPU microseconds for reading, verifying and judging one. */
#include "platform.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/jwt.h"

#define ROUNDS 3000
#define NOW 1700000000
#define SECRET "0123456789abcdef0123456789abcdef"

/* The claims of an access token of Supabase. */
#define CLAIMS                                                                                     \
	"{\"iss\":\"https://project.supabase.co/auth/v1\","                                        \
	"\"sub\":\"b0a1f6c0-1111-4222-8333-444455556666\",\"aud\":\"authenticated\","              \
	"\"exp\":1700003600,\"iat\":1700000000,\"email\":\"user@example.org\",\"phone\":\"\","     \
	"\"app_metadata\":{\"provider\":\"email\",\"providers\":[\"email\"]},"                     \
	"\"user_metadata\":{},\"role\":\"authenticated\",\"aal\":\"aal1\","                        \
	"\"amr\":[{\"method\":\"password\",\"timestamp\":1700000000}],"                            \
	"\"session_id\":\"b0a1f6c0-1111-4222-8333-444455556667\",\"is_anonymous\":false}"

static const struct jwt_demands demands = {
    "https://project.supabase.co/auth/v1", "authenticated", "authenticated"};

static double microseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static bool verify(struct text token, EVP_PKEY *key, struct arena *arena)
{
	struct json_object claims;
	const char *problem;
	struct jwt jwt;

	return jwt_read(token, arena, &jwt, &problem) &&
	       verdict_allows(jwt_verify(&jwt, key, arena, &claims)) &&
	       verdict_allows(jwt_judge(&claims, &demands, NOW));
}

static bool measure(const char *name, EVP_PKEY *key, struct arena *kept, struct arena *arena)
{
	struct text token =
	    jwt_sign(jwa_named(text_of(name)), key, TEXT("key-1"), TEXT(CLAIMS), kept);
	double start = microseconds();
	bool good = key && text_present(token);

	for (int i = 0; good && i < ROUNDS; i++) {
		good = verify(token, key, arena);
		arena_wipe(arena);
	}
	if (good)
		printf("%-6s %6.1f us\n", name, (microseconds() - start) / ROUNDS);
	EVP_PKEY_free(key);
	return good;
}

int main(void)
{
	struct arena *kept = arena_new(1u << 20);
	struct arena *arena = arena_new(1u << 20);
	bool good = kept && arena;

	good = good && measure("HS256",
	                   EVP_PKEY_new_raw_private_key_ex(NULL, "HMAC", NULL,
	                       (const unsigned char *)SECRET, sizeof(SECRET) - 1),
	                   kept, arena);
	good = good && measure("ES256", EVP_EC_gen("P-256"), kept, arena);
	good = good && measure("RS256", EVP_RSA_gen(2048), kept, arena);
	good = good && measure("EdDSA", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), kept, arena);
	arena_free(kept);
	arena_free(arena);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
