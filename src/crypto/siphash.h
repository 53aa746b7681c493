/* How is a key spread over a table so that nobody outside can aim at a place in it? */
#ifndef CASTGATE_CRYPTO_SIPHASH_H
#define CASTGATE_CRYPTO_SIPHASH_H

#include <stdint.h>

#include "base/text.h"

/* A key of 128 bits, as the two little-endian halves the algorithm reads it in. */
struct siphash_key {
	uint64_t low;
	uint64_t high;
};

/* SipHash-2-4 of a text (Aumasson and Bernstein, 2012). Cannot fail; an absent text counts as empty.
 * Keyed hashing for tables, not a signature. */
uint64_t siphash(const struct siphash_key *key, struct text text);

#endif
