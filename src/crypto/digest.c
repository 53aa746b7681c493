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

/* OpenSSL 3.0.3. Before, to begin anew with a NULL key does nothing at all, and the next signature is
 * silently wrong (openssl issue 17811). */
#define BEGINS_ANEW 0x30000030UL

struct hasher {
	EVP_MD *method; /* NULL until first used */
	EVP_MD_CTX *context;
};

struct hmac_key {
	EVP_MAC_CTX *prepared;
	bool begins_anew; /* for each signature; else it is copied, and nothing is hashed by it */
};

static bool hasher_ready(struct hasher *hasher)
{
	if (!hasher->method)
		hasher->method = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!hasher->context)
		hasher->context = EVP_MD_CTX_new();
	return hasher->method && hasher->context;
}

static bool hash(
    struct hasher *hasher, const struct text *parts, size_t count, unsigned char out[SHA256_BYTES])
{
	EVP_MD_CTX *context;
	bool good = hasher_ready(hasher);
	unsigned length = 0;

	context = hasher->context;
	good = good && EVP_DigestInit_ex2(context, hasher->method, NULL) == 1;
	for (size_t i = 0; good && i < count; i++)
		if (parts[i].length > 0)
			good = EVP_DigestUpdate(context, parts[i].data, parts[i].length) == 1;
	good = good && EVP_DigestFinal_ex(context, out, &length) == 1 && length == SHA256_BYTES;
	if (!good)
		explicit_bzero(out, SHA256_BYTES);
	return good;
}

static void empty(struct hasher *hasher)
{
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->method);
	*hasher = (struct hasher){0};
}

bool sha256(const struct text *parts, size_t count, unsigned char out[SHA256_BYTES])
{
	struct hasher hasher = {0};
	bool good = hash(&hasher, parts, count, out);

	empty(&hasher);
	return good;
}

struct hasher *hasher_new(void)
{
	return calloc(1, sizeof(struct hasher));
}

void hasher_free(struct hasher *hasher)
{
	if (!hasher)
		return;
	empty(hasher);
	free(hasher);
}

bool hasher_sha256(
    struct hasher *hasher, const struct text *parts, size_t count, unsigned char out[SHA256_BYTES])
{
	return hasher ? hash(hasher, parts, count, out) : sha256(parts, count, out);
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
	key->begins_anew = OpenSSL_version_num() >= BEGINS_ANEW;
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

static EVP_MAC_CTX *begin_signature(struct hmac_key *key)
{
	if (!key->begins_anew)
		return EVP_MAC_CTX_dup(key->prepared);
	return EVP_MAC_init(key->prepared, NULL, 0, NULL) == 1 ? key->prepared : NULL;
}

bool hmac_sign(
    struct hmac_key *key, const struct text *parts, size_t count, unsigned char out[SHA256_BYTES])
{
	EVP_MAC_CTX *context = key ? begin_signature(key) : NULL;
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
	if (context && context != key->prepared)
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
