/* A breaker in one word: hold while an outage is young, then one probe every half second. */
#include "platform.h"
#include "db/outage.h"

#define PROBE_MILLISECONDS 500
#define STALE_MILLISECONDS 3600000u

static uint32_t began(uint64_t word)
{
	return (uint32_t)(word >> 32);
}

static uint32_t tried(uint64_t word)
{
	return (uint32_t)word;
}

/* Never zero, so that a known outage differs from none. */
static uint64_t pack(uint32_t start, uint32_t last)
{
	return (uint64_t)(start ? start : 1) << 32 | last;
}

/* Times run modulo 2^32; what lies "in the future" or long ago was written before a reboot. */
static bool is_stale(uint64_t word, uint32_t now)
{
	return now - tried(word) > STALE_MILLISECONDS || now - began(word) > INT32_MAX;
}

/* Who waited for the whole hold is the proof that it is over, give or take a timer's error. */
static bool is_held(uint64_t word, uint32_t now, int64_t hold)
{
	return word == 0 || is_stale(word, now) || now - began(word) < (uint64_t)(hold - hold / 10);
}

bool outage_lasts(const _Atomic uint64_t *word, int64_t now_milliseconds, int64_t hold_milliseconds)
{
	return !is_held(atomic_load(word), (uint32_t)now_milliseconds, hold_milliseconds);
}

enum outage_advice outage_advise(
    _Atomic uint64_t *word, int64_t now_milliseconds, int64_t hold_milliseconds)
{
	uint32_t now = (uint32_t)now_milliseconds;
	uint64_t seen = atomic_load(word);

	if (is_held(seen, now, hold_milliseconds))
		return OUTAGE_ASK;
	if (now - tried(seen) < PROBE_MILLISECONDS)
		return OUTAGE_FAIL_FAST;
	/* of all who see that a try is due, one wins the word */
	return atomic_compare_exchange_strong(word, &seen, pack(began(seen), now))
	           ? OUTAGE_PROBE
	           : OUTAGE_FAIL_FAST;
}

void outage_note_failure(
    _Atomic uint64_t *word, int64_t began_milliseconds, int64_t now_milliseconds)
{
	uint32_t start = (uint32_t)began_milliseconds;
	uint32_t now = (uint32_t)now_milliseconds;
	uint64_t seen = atomic_load(word);
	uint64_t next;

	do
		next = pack(seen == 0 || is_stale(seen, now) ? start : began(seen), now);
	while (!atomic_compare_exchange_weak(word, &seen, next));
}

void outage_note_success(_Atomic uint64_t *word)
{
	if (atomic_load_explicit(word, memory_order_relaxed) != 0)
		atomic_store(word, 0);
}
