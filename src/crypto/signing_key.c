/* A private key read from PEM, and its public half as JSON. */
#include "platform.h"
#include "crypto/signing_key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/base64.h"
#include "crypto/digest.h"

#define COORDINATE_BYTES 32
#define COORDINATE_TEXT 44 /* base64url of it, and a NUL */
#define NAMES_BYTES 4096

struct signing_key {
	EVP_PKEY *pair;
	char x[COORDINATE_TEXT];
	char y[COORDINATE_TEXT];
	char kid[COORDINATE_TEXT];
};

/* A passphrase cannot be asked for. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *read_pem(struct text pem)
{
	BIO *bio =
	    pem.length && pem.length <= 65536 ? BIO_new_mem_buf(pem.data, (int)pem.length) : NULL;
	EVP_PKEY *pair = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return pair;
}

static bool is_on_p256(const EVP_PKEY *pair)
{
	char group[32];
	size_t length;

	return EVP_PKEY_is_a(pair, "EC") == 1 &&
	       EVP_PKEY_get_group_name(pair, group, sizeof(group), &length) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

static bool keep_text(struct text text, char out[COORDINATE_TEXT])
{
	if (text.length != COORDINATE_TEXT - 1)
		return false;
	memcpy(out, text.data, text.length);
	out[text.length] = '\0';
	return true;
}

static bool read_coordinate(const EVP_PKEY *pair, const char *name, struct arena *arena, char *out)
{
	unsigned char bytes[COORDINATE_BYTES];
	BIGNUM *number = NULL;
	bool ok = EVP_PKEY_get_bn_param(pair, name, &number) == 1 &&
	          BN_bn2binpad(number, bytes, sizeof(bytes)) == (int)sizeof(bytes);

	BN_free(number);
	return ok &&
	       keep_text(
	           base64url_encode((struct text){(const char *)bytes, sizeof(bytes)}, arena), out);
}

/* RFC 7638, section 3: the required members in the order of their names, without white space. */
static bool name_key(struct signing_key *key, struct arena *arena)
{
	unsigned char hash[SHA256_BYTES];
	struct text json = text_of(arena_printf(
	    arena, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", key->x, key->y));

	return text_present(json) && sha256(&json, 1, hash) &&
	       keep_text(base64url_encode((struct text){(const char *)hash, sizeof(hash)}, arena),
	           key->kid);
}

struct signing_key *signing_key_read(struct text pem, const char **problem)
{
	struct signing_key *key = calloc(1, sizeof(*key));
	struct arena *arena = arena_new(NAMES_BYTES);

	*problem = "memory is out";
	if (key)
		key->pair = read_pem(pem);
	if (key && !key->pair)
		*problem = "is no private key in PEM without a passphrase";
	else if (key && !is_on_p256(key->pair))
		*problem = "is no key on P-256, which ES256 needs";
	else if (key && arena &&
	         read_coordinate(key->pair, OSSL_PKEY_PARAM_EC_PUB_X, arena, key->x) &&
	         read_coordinate(key->pair, OSSL_PKEY_PARAM_EC_PUB_Y, arena, key->y) &&
	         name_key(key, arena))
		*problem = NULL;
	arena_free(arena);
	if (!*problem)
		return key;
	signing_key_free(key);
	return NULL;
}

void signing_key_free(struct signing_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pair);
	free(key);
}

const struct jwa *signing_key_algorithm(const struct signing_key *key)
{
	(void)key;
	return jwa_named(TEXT("ES256"));
}

struct evp_pkey_st *signing_key_pair(const struct signing_key *key)
{
	return key->pair;
}

struct text signing_key_kid(const struct signing_key *key)
{
	return text_of(key->kid);
}

struct text signing_key_public(const struct signing_key *key, struct arena *arena)
{
	return text_of(arena_printf(arena,
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"use\":\"sig\",\"kid\":\"%s\","
	    "\"x\":\"%s\",\"y\":\"%s\"}",
	    key->kid, key->x, key->y));
}
