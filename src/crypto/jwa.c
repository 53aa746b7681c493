/* The one table of algorithms, and a verification by OpenSSL's EVP for each family. */
#include "platform.h"
#include "crypto/jwa.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#define ES512_COORDINATE_BYTES 66
/* r and s with the DER around them */
#define ECDSA_DER_BYTES (2 * (ES512_COORDINATE_BYTES + 4) + 8)

#define HMAC(bits) .family = JWA_HMAC, .digest = "SHA" #bits, .least_key_bytes = (bits) / 8
#define ECDSA(bits, bytes) .family = JWA_ECDSA, .digest = "SHA" #bits, .coordinate_bytes = (bytes)

static const struct jwa rows[] = {
    {.name = "HS256", HMAC(256)},
    {.name = "HS384", HMAC(384)},
    {.name = "HS512", HMAC(512)},
    {.name = "RS256", .family = JWA_RSA, .digest = "SHA256"},
    {.name = "RS384", .family = JWA_RSA, .digest = "SHA384"},
    {.name = "RS512", .family = JWA_RSA, .digest = "SHA512"},
    {.name = "PS256", .family = JWA_RSA_PSS, .digest = "SHA256"},
    {.name = "PS384", .family = JWA_RSA_PSS, .digest = "SHA384"},
    {.name = "PS512", .family = JWA_RSA_PSS, .digest = "SHA512"},
    {.name = "ES256", ECDSA(256, 32), .curve = "P-256", .group = "prime256v1"},
    {.name = "ES384", ECDSA(384, 48), .curve = "P-384", .group = "secp384r1"},
    {.name = "ES512", ECDSA(512, 66), .curve = "P-521", .group = "secp521r1"},
    {.name = "EdDSA", .family = JWA_EDDSA, .curve = "Ed25519"},
};

const struct jwa *jwa_named(struct text name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (text_is(name, rows[i].name))
			return &rows[i];
	return NULL;
}

static const unsigned char *bytes_of(struct text text)
{
	return (const unsigned char *)text.data;
}

/* The salt is as long as the hash, neither more nor less (RFC 7518, section 3.5). */
static bool demand_pss(EVP_PKEY_CTX *context)
{
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* Sign as OpenSSL does: ECDSA comes out in DER. *length is the room in `out`, then what was used. */
static bool sign(const struct jwa *algorithm, EVP_PKEY *key, struct text message,
    unsigned char *out, size_t *length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings = NULL; /* the context's */
	bool good = context && EVP_DigestSignInit_ex(context, &settings, algorithm->digest, NULL,
	                           NULL, key, NULL) == 1;

	if (good && algorithm->family == JWA_RSA_PSS)
		good = demand_pss(settings);
	good = good && EVP_DigestSign(context, out, length, bytes_of(message), message.length) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

/* An HMAC is made again and compared; its length is not for the token to choose. */
static bool verify_hmac(
    const struct jwa *algorithm, EVP_PKEY *key, struct text message, struct text signature)
{
	unsigned char wanted[EVP_MAX_MD_SIZE];
	size_t length = sizeof(wanted);
	bool good = sign(algorithm, key, message, wanted, &length) &&
	            length == algorithm->least_key_bytes && signature.length == length &&
	            CRYPTO_memcmp(wanted, signature.data, length) == 0;

	OPENSSL_cleanse(wanted, sizeof(wanted));
	return good;
}

/* RFC 7518, section 3.4: r and s side by side, each as long as the curve; OpenSSL wants them in
 * DER. Their ranges are checked by the verification. Zero when it cannot be done. */
static size_t write_der(
    const struct jwa *algorithm, struct text signature, unsigned char der[ECDSA_DER_BYTES])
{
	int half = (int)algorithm->coordinate_bytes;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = NULL;
	BIGNUM *s = NULL;
	int length = 0;

	if (pair && signature.length == 2 * algorithm->coordinate_bytes) {
		r = BN_bin2bn(bytes_of(signature), half, NULL);
		s = BN_bin2bn(bytes_of(signature) + half, half, NULL);
	}
	if (r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		unsigned char *end = der;

		r = NULL; /* the pair owns both now */
		s = NULL;
		if (i2d_ECDSA_SIG(pair, NULL) <= ECDSA_DER_BYTES)
			length = i2d_ECDSA_SIG(pair, &end);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return length > 0 ? (size_t)length : 0;
}

static bool verify_public(
    const struct jwa *algorithm, EVP_PKEY *key, struct text message, struct text signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings = NULL; /* the context's */
	bool good = context && EVP_DigestVerifyInit_ex(context, &settings, algorithm->digest, NULL,
	                           NULL, key, NULL) == 1;

	if (good && algorithm->family == JWA_RSA_PSS)
		good = demand_pss(settings);
	good = good && EVP_DigestVerify(context, bytes_of(signature), signature.length,
	                   bytes_of(message), message.length) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

bool jwa_verify(const struct jwa *algorithm, struct evp_pkey_st *key, struct text message,
    struct text signature)
{
	unsigned char der[ECDSA_DER_BYTES];
	bool good = false;

	if (!key || !message.data || !signature.data)
		return false;
	switch (algorithm->family) {
	case JWA_HMAC:
		good = verify_hmac(algorithm, key, message, signature);
		break;
	case JWA_ECDSA:
		signature.length = write_der(algorithm, signature, der);
		signature.data = (const char *)der;
		good = signature.length > 0 && verify_public(algorithm, key, message, signature);
		break;
	case JWA_RSA:
	case JWA_RSA_PSS:
	case JWA_EDDSA:
		good = verify_public(algorithm, key, message, signature);
		break;
	}
	ERR_clear_error(); /* a refusal leaves its reasons behind, request after request */
	return good;
}

/* The two numbers of an ECDSA signature at the curve's length, side by side. */
static struct text flatten_der(
    const struct jwa *algorithm, const unsigned char *der, size_t length, struct arena *arena)
{
	int half = (int)algorithm->coordinate_bytes;
	unsigned char *flat = arena_alloc(arena, 2 * algorithm->coordinate_bytes);
	ECDSA_SIG *pair = flat ? d2i_ECDSA_SIG(NULL, &der, (long)length) : NULL;
	bool good = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), flat, half) == half &&
	            BN_bn2binpad(ECDSA_SIG_get0_s(pair), flat + half, half) == half;

	ECDSA_SIG_free(pair);
	return good ? (struct text){(const char *)flat, 2 * algorithm->coordinate_bytes}
	            : (struct text){0};
}

struct text jwa_sign(
    const struct jwa *algorithm, struct evp_pkey_st *key, struct text message, struct arena *arena)
{
	size_t length = key ? (size_t)EVP_PKEY_get_size(key) : 0;
	unsigned char *out;

	if (algorithm->family == JWA_HMAC)
		length = EVP_MAX_MD_SIZE;
	out = length ? arena_alloc(arena, length) : NULL;
	if (!out || !message.data || !sign(algorithm, key, message, out, &length)) {
		ERR_clear_error();
		return (struct text){0};
	}
	if (algorithm->family == JWA_ECDSA)
		return flatten_der(algorithm, out, length, arena);
	return (struct text){(const char *)out, length};
}
