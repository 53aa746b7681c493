/* How often may somebody ask, counted by all processes together? */
#ifndef CASTGATE_GUARD_THROTTLE_H
#define CASTGATE_GUARD_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/origin.h"
#include "base/report.h"
#include "base/text.h"
#include "crypto/siphash.h"

/* STATE_DIR/throttle: a random key, and a quarter of a million words, each of them one moment of the
 * monotonic clock: when all that was counted there will be paid off (GCRA's theoretical arrival
 * time). A keyed hash of who asks picks the word. What follows from that:
 *
 * - Counting is one compare-and-exchange of one word. A process killed anywhere leaves a whole
 *   word, and no two processes can both take the last one that was left.
 * - The file names nobody: it holds times and a key, no address and no token.
 * - Two who fall on one word share its limit: the table can only refuse too early, never too late,
 *   and has no overflow to exploit. Nobody can aim at another's word, since the key is random and
 *   the answer does not show the place. To refuse a part p of all others, p of the words must be in
 *   penalty at once; a word needs a whole limit's failures within a minute to get there. For 1 % of
 *   the words and the built-in limits that is 11,000 refused requests a second, kept up from 650
 *   addresses with 2,500 tokens.
 * - The clock never steps, and starts anew with the machine: a word more than two hours ahead is
 *   from before a restart and counts as empty. One that is by chance nearer is paid off in time. */
struct throttle;

/* Open the table, creating what lacks. Where it cannot be shared, a warning is reported and this
 * process counts alone; so it does with `folder` NULL, which the caller tells. NULL, with an error reported, when out of memory or without random bytes.
 * Ended with throttle_close, which allows NULL. */
struct throttle *throttle_open(const char *folder, struct origin origin, struct report *report);
void throttle_close(struct throttle *throttle);

/* One limit for one kind of key. Zeroed: no limit. */
struct throttle_meter {
	struct siphash_key key;
	unsigned quota;                /* what may come at once */
	int64_t interval_microseconds; /* in which one of it comes back */
	int64_t span_microseconds;     /* in which all of it does */
};

/* A meter of `per_minute`, of which `burst` (at most ten times that) may come at once. `about` tells
 * apart what is counted at one endpoint ("failures by address"), so that meters never mix. With
 * per_minute 0 there is no limit. */
struct throttle_meter throttle_meter(const struct throttle *throttle, const char *endpoint,
    const char *about, unsigned per_minute, unsigned burst);

/* In how many seconds a used-up quota is whole again, rounded up. */
unsigned throttle_window_seconds(const struct throttle_meter *meter);

/* What is held against a key. */
struct throttle_state {
	bool refused;
	unsigned remaining;    /* may come now */
	unsigned wait_seconds; /* until one more may come; 0 when it may now */
	unsigned full_seconds; /* until nothing is held against it any more */
};

/* Look without counting. `now` is the monotonic clock's, in microseconds. Costs one hash and one
 * read; never fails. */
struct throttle_state throttle_look(const struct throttle *throttle,
    const struct throttle_meter *meter, struct text who, int64_t now);

/* Count one, unless that would exceed the limit: then nothing is counted and the state refuses. */
struct throttle_state throttle_take(
    struct throttle *throttle, const struct throttle_meter *meter, struct text who, int64_t now);

/* Count what has happened, beyond the limit if need be: it is a debt that must be paid off before
 * anything is allowed again. No debt is longer than an hour. */
void throttle_charge(struct throttle *throttle, const struct throttle_meter *meter, struct text who,
    unsigned count, int64_t now);

#endif
