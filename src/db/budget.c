/* A generic cell rate limiter in one word. */
#include "platform.h"
#include "db/budget.h"

#define SECOND 1000000u

bool budget_spend(_Atomic uint64_t *word, int64_t now_microseconds, unsigned per_second)
{
	uint64_t now = (uint64_t)now_microseconds;
	uint64_t cost = per_second ? SECOND / per_second : SECOND;
	uint64_t seen = atomic_load(word);
	uint64_t whole;

	if (per_second == 0)
		return false;
	do {
		/* never further ahead than its depth, so that is from before a reboot */
		whole = seen < now || seen > now + 2 * SECOND ? now : seen;
		if (whole + cost > now + SECOND)
			return false;
	} while (!atomic_compare_exchange_weak(word, &seen, whole + cost));
	return true;
}
