/* codec/base64: decoding undoes encoding, and only what encoding writes is decoded. */
#include "platform.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"

#define ARENA_BYTES (1u << 20)

static void check_hex(struct text bytes)
{
	char *hex = malloc(bytes.length * 2 + 1);
	unsigned char *back = malloc(bytes.length + 1);

	FUZZ_REQUIRE(hex && back);
	hex_encode((const unsigned char *)bytes.data, bytes.length, hex);
	FUZZ_REQUIRE(strlen(hex) == bytes.length * 2);
	FUZZ_REQUIRE(hex_decode(text_of(hex), back, bytes.length));
	FUZZ_REQUIRE(memcmp(back, bytes.data, bytes.length) == 0);
	if (hex_decode(bytes, back, bytes.length / 2)) {
		hex_encode(back, bytes.length / 2, hex);
		FUZZ_REQUIRE(text_is_nocase(bytes, hex));
	}
	free(hex);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text input = fuzz_text(data, size);
	struct text encoded = base64_encode(input, arena);
	struct text decoded;

	FUZZ_REQUIRE(text_present(encoded));
	FUZZ_REQUIRE(base64_decode(encoded, arena, &decoded));
	FUZZ_REQUIRE(text_equal(decoded, input));
	if (base64_decode(input, arena, &decoded))
		FUZZ_REQUIRE(text_equal(base64_encode(decoded, arena), input));
	else
		FUZZ_REQUIRE(!text_present(decoded));
	check_hex(input);
	arena_free(arena);
	return 0;
}
