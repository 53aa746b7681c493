/* The key, and SHA-1 over it and the protocol's own words. */
#include "platform.h"
#include "crypto/websocket_key.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "codec/base64.h"
#include "crypto/digest.h"

#define KEY_BYTES 16
#define PROTOCOL_WORDS "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

struct text websocket_key(struct arena *arena)
{
	unsigned char bytes[KEY_BYTES];

	if (!random_bytes(bytes, sizeof(bytes)))
		return (struct text){0};
	return base64_encode((struct text){(const char *)bytes, sizeof(bytes)}, arena);
}

struct text websocket_accept(struct text key, struct arena *arena)
{
	const char *both = arena_printf(arena, "%.*s" PROTOCOL_WORDS, (int)key.length, key.data);
	unsigned char digest[SHA_DIGEST_LENGTH];
	struct text words = text_of(both);

	if (!both || EVP_Digest(words.data, words.length, digest, NULL, EVP_sha1(), NULL) != 1)
		return (struct text){0};
	return base64_encode((struct text){(const char *)digest, sizeof(digest)}, arena);
}
