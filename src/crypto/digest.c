/* SHA-256 and HMAC by OpenSSL 3, comparison in constant time, randomness from the kernel. */
#include "platform.h"
#include "crypto/digest.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

struct hmac_key {
	EVP_MAC_CTX *prepared; /* keyed, nothing hashed yet; copied for each signature */
};

bool sha256(const struct text *parts, size_t count, unsigned char out[SHA256_BYTES])
{
	EVP_MD *method = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = method && context && EVP_DigestInit_ex2(context, method, NULL) == 1;
	unsigned length = 0;

	for (size_t i = 0; good && i < count; i++)
		if (parts[i].length > 0)
			good = EVP_DigestUpdate(context, parts[i].data, parts[i].length) == 1;
	good = good && EVP_DigestFinal_ex(context, out, &length) == 1 && length == SHA256_BYTES;
	if (!good)
		explicit_bzero(out, SHA256_BYTES);
	EVP_MD_CTX_free(context);
	EVP_MD_free(method);
	return good;
}

static EVP_MAC_CTX *prepare(struct text secret)
{
	char digest_name[] = "SHA256";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
	    OSSL_PARAM_construct_end(),
	};
	EVP_MAC *method = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = method ? EVP_MAC_CTX_new(method) : NULL;

	EVP_MAC_free(method); /* the context keeps a reference */
	if (context &&
	    EVP_MAC_init(context, (const unsigned char *)secret.data, secret.length, params) == 1)
		return context;
	EVP_MAC_CTX_free(context);
	return NULL;
}

struct hmac_key *hmac_key_new(struct text secret)
{
	struct hmac_key *key = secret.data ? calloc(1, sizeof(*key)) : NULL;

	if (!key)
		return NULL;
	key->prepared = prepare(secret);
	if (!key->prepared) {
		free(key);
		return NULL;
	}
	return key;
}

void hmac_key_free(struct hmac_key *key)
{
	if (!key)
		return;
	EVP_MAC_CTX_free(key->prepared); /* OpenSSL overwrites key and digest states here */
	free(key);
}

/* The prepared context is copied. Beginning anew with a NULL key would also do, but does nothing
 * at all up to OpenSSL 3.0.2: the next signature is silently wrong (openssl issue 17811). */
bool hmac_sign(
    struct hmac_key *key, const struct text *parts, size_t count, unsigned char out[SHA256_BYTES])
{
	EVP_MAC_CTX *context = key ? EVP_MAC_CTX_dup(key->prepared) : NULL;
	bool good = context != NULL;
	size_t length = 0;

	for (size_t i = 0; good && i < count; i++)
		if (parts[i].length > 0)
			good = EVP_MAC_update(context, (const unsigned char *)parts[i].data,
			           parts[i].length) == 1;
	good = good && EVP_MAC_final(context, out, &length, SHA256_BYTES) == 1 &&
	       length == SHA256_BYTES;
	if (!good)
		explicit_bzero(out, SHA256_BYTES);
	EVP_MAC_CTX_free(context);
	return good;
}

bool secret_equal(struct text a, struct text b)
{
	return a.data && b.data && a.length > 0 && a.length == b.length &&
	       CRYPTO_memcmp(a.data, b.data, a.length) == 0;
}

bool random_bytes(unsigned char *out, size_t count)
{
	size_t done = 0;

	while (done < count) {
		ssize_t got = getrandom(out + done, count - done, 0);

		if (got > 0)
			done += (size_t)got;
		else if (got == 0 || errno != EINTR) {
			explicit_bzero(out, count);
			return false;
		}
	}
	return true;
}

void digest_prepare(void)
{
	EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
	EVP_MAC_free(EVP_MAC_fetch(NULL, "HMAC", NULL));
}
