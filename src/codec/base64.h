/* How do bytes become base64 or hex text, and back? */
#ifndef CASTGATE_CODEC_BASE64_H
#define CASTGATE_CODEC_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* Standard base64 with padding (RFC 4648, section 4). Absent when the arena is full. */
struct text base64_encode(struct text bytes, struct arena *arena);

/* Strict: standard alphabet, full padding, zero trailing bits, no white space. False, with *bytes
 * absent, for anything else and when the arena is full. */
bool base64_decode(struct text input, struct arena *arena, struct text *bytes);

/* Base64url without padding, as in JWTs (RFC 7515, section 2). Absent when the arena is full. */
struct text base64url_encode(struct text bytes, struct arena *arena);

/* Strict, as base64_decode: the URL alphabet, no padding, zero trailing bits, no white space. */
bool base64url_decode(struct text input, struct arena *arena, struct text *bytes);

/* Write 2*count lower-case hex digits and a NUL to `out`. */
void hex_encode(const unsigned char *bytes, size_t count, char *out);

/* Read exactly 2*count hex digits of either case. False, with `out` zeroed, for anything else. */
bool hex_decode(struct text input, unsigned char *out, size_t count);

#endif
