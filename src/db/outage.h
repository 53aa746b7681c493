/* Has the database been away for so long that asking again is a waste of the client's time? */
#ifndef CASTGATE_DB_OUTAGE_H
#define CASTGATE_DB_OUTAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* One word, shared by all processes: when the outage began and when somebody last tried, both in
 * milliseconds of the machine's monotonic clock modulo 2^32. Zero: no outage known. A word left
 * over from before a reboot, or older than an hour without a try, counts as zero. */
/* What a request that needs the database does now. */
enum outage_advice {
	OUTAGE_ASK,      /* no outage known, or it is younger than the hold: ask, and wait for it */
	OUTAGE_PROBE,    /* it is older, but it is this request's turn to try once */
	OUTAGE_FAIL_FAST /* it is older, and somebody tried a moment ago */
};
enum outage_advice outage_advise(
    _Atomic uint64_t *word, int64_t now_milliseconds, int64_t hold_milliseconds);

/* Is an outage known that has lasted for the hold? As above, but takes nobody's turn to try. */
bool outage_lasts(
    const _Atomic uint64_t *word, int64_t now_milliseconds, int64_t hold_milliseconds);

/* The database did not answer a call that began at `began`. Keeps the beginning of an outage
 * already known. */
void outage_note_failure(
    _Atomic uint64_t *word, int64_t began_milliseconds, int64_t now_milliseconds);

/* The database answered. Costs one load where no outage was known. */
void outage_note_success(_Atomic uint64_t *word);

#endif
