/* SipHash-2-4: two rounds a word, four at the end. */
#include "platform.h"
#include "crypto/siphash.h"

#define WORD_BYTES 8
#define FINAL_ROUNDS 4

struct state {
	uint64_t v[4];
};

static uint64_t rotated(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static void run_round(struct state *state)
{
	uint64_t *v = state->v;

	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotated(v[1], 13) ^ v[0];
	v[3] = rotated(v[3], 16) ^ v[2];
	v[0] = rotated(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotated(v[1], 17) ^ v[2];
	v[3] = rotated(v[3], 21) ^ v[0];
	v[2] = rotated(v[2], 32);
}

static void take_word(struct state *state, uint64_t word)
{
	state->v[3] ^= word;
	run_round(state);
	run_round(state);
	state->v[0] ^= word;
}

/* Up to eight bytes, the first one lowest. */
static uint64_t read_word(const char *bytes, size_t count)
{
	uint64_t word = 0;

	for (size_t i = 0; i < count; i++)
		word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
	return word;
}

uint64_t siphash(const struct siphash_key *key, struct text text)
{
	struct state state = {
	    {key->low ^ UINT64_C(0x736f6d6570736575), key->high ^ UINT64_C(0x646f72616e646f6d),
	        key->low ^ UINT64_C(0x6c7967656e657261), key->high ^ UINT64_C(0x7465646279746573)}};
	uint64_t length = (uint64_t)text.length << 56;
	size_t at = 0;

	for (; text.length - at >= WORD_BYTES; at += WORD_BYTES)
		take_word(&state, read_word(text.data + at, WORD_BYTES));
	take_word(&state, length | read_word(text.data + at, text.length - at));
	state.v[2] ^= 0xff;
	for (int i = 0; i < FINAL_ROUNDS; i++)
		run_round(&state);
	return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}
