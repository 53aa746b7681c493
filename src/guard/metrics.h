/* How many decisions of which kind were made, by all processes together, and how long did they take? */
#ifndef CASTGATE_GUARD_METRICS_H
#define CASTGATE_GUARD_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/origin.h"
#include "base/report.h"

/* STATE_DIR/metrics: a table of pairs of words, the hash of what is counted and its count, and a
 * histogram. A process killed anywhere leaves whole words, so nothing is lost or counted twice. Hashed
 * names and not places are kept, so another version or configuration reads its own counts. What does not
 * find a place in a full table is counted as METRICS_UNCOUNTED. */
struct metrics;

/* Open the table, creating what lacks. Where it cannot be shared, a warning is reported and this
 * process counts alone; so it does with `folder` NULL. NULL when out of memory. Ended with metrics_close, which allows NULL. */
struct metrics *metrics_open(const char *folder, struct origin origin, struct report *report);
void metrics_close(struct metrics *metrics);

/* What is counted besides decisions. The order is that of the file: new ones come last. */
enum metrics_counter {
	METRICS_AUDIT_LOST,       /* lines of the log that could not be written */
	METRICS_UNCOUNTED,        /* decisions for which the table has no place */
	METRICS_THROTTLE_CHARGED, /* failures charged to an address and its credential */
	METRICS_COUNTERS
};

/* Add to one, and read it: one atomic operation. */
void metrics_add(struct metrics *metrics, enum metrics_counter counter, uint64_t count);
uint64_t metrics_counted(const struct metrics *metrics, enum metrics_counter counter);

/* What one decision was: all three from configuration and tables, never a client's words. `rule` and
 * `endpoint` may be NULL. */
struct metrics_kind {
	const char *endpoint;
	const char *rule;
	const char *reason;
};

/* Count one decision; how many there were. Each costs one hash of some dozen bytes. */
void metrics_count(struct metrics *metrics, const struct metrics_kind *kind);
uint64_t metrics_read(const struct metrics *metrics, const struct metrics_kind *kind);

/* Count one request that took so long: two atomic additions. */
void metrics_time(struct metrics *metrics, int64_t microseconds);

/* The times of all requests: how many took up to so long (each counts in one bucket only; the last has no
 * bound), and their sum. */
#define METRICS_BUCKETS 15
struct metrics_times {
	uint64_t counts[METRICS_BUCKETS];
	uint64_t sum_microseconds;
};
struct metrics_times metrics_times(const struct metrics *metrics);

/* The upper bound of a bucket in microseconds; 0 for the last one. */
int64_t metrics_bound(size_t bucket);

/* True when the counts are those of all processes. */
bool metrics_are_common(const struct metrics *metrics);

#endif
