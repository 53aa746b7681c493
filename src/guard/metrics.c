/* An open-addressed table of counters and a histogram, all of them single words. */
#include "platform.h"
#include "guard/metrics.h"

#include <stdlib.h>

#include "base/word_file.h"

#define LAYOUT UINT64_C(0x636173746d747231)
/* From the first words to the pairs: buckets, then the sum. */
#define SUM 15
#define FIRST_PAIR 16
#define PAIRS 4096
#define MOST_PROBES 64
/* After the pairs, so that files that were made before there were any can be used. */
#define FIRST_COUNTER (FIRST_PAIR + 2 * PAIRS)
#define MOST_COUNTERS 64
_Static_assert(METRICS_COUNTERS <= MOST_COUNTERS, "the file has room for every counter");

/* Upper bounds in microseconds, as Prometheus calls them "le". The last one has none. */
static const int64_t bounds[] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000};
#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))
_Static_assert(
    BOUNDS + 1 == METRICS_BUCKETS && METRICS_BUCKETS <= SUM, "the buckets end before the sum");

struct metrics {
	struct word_file *file;
};

struct metrics *metrics_open(const char *folder, struct origin origin, struct report *report)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));
	const char *problem = NULL;

	if (metrics)
		metrics->file = word_file_open(
		    folder, "metrics", LAYOUT, FIRST_COUNTER + MOST_COUNTERS, &problem);
	if (!metrics || !metrics->file) {
		report_add(report, REPORT_ERROR, origin, "out of memory");
		metrics_close(metrics);
		return NULL;
	}
	if (problem)
		report_add(report, REPORT_WARNING, origin,
		    "state_dir %s: the file \"metrics\" %s: each process counts its own requests",
		    folder, problem);
	return metrics;
}

void metrics_close(struct metrics *metrics)
{
	if (!metrics)
		return;
	word_file_close(metrics->file);
	free(metrics);
}

void metrics_add(struct metrics *metrics, enum metrics_counter counter, uint64_t count)
{
	atomic_fetch_add_explicit(word_file_word(metrics->file, FIRST_COUNTER + (size_t)counter),
	    count, memory_order_relaxed);
}

uint64_t metrics_counted(const struct metrics *metrics, enum metrics_counter counter)
{
	return atomic_load(word_file_word(metrics->file, FIRST_COUNTER + (size_t)counter));
}

/* FNV-1a; a NUL ends each part, so that no two kinds run together. */
static uint64_t add_part(uint64_t hash, const char *part)
{
	const char *p = part ? part : "";

	do
		hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	while (*p++);
	return hash;
}

static uint64_t hash_of(const struct metrics_kind *kind)
{
	uint64_t hash = add_part(UINT64_C(0xcbf29ce484222325), kind->endpoint);

	hash = add_part(add_part(hash, kind->rule), kind->reason);
	return hash ? hash : 1; /* zero is a free place */
}

static _Atomic uint64_t *pair_at(const struct metrics *metrics, uint64_t hash, unsigned probe)
{
	return word_file_word(metrics->file, FIRST_PAIR + 2 * ((hash + probe) % PAIRS));
}

void metrics_count(struct metrics *metrics, const struct metrics_kind *kind)
{
	uint64_t hash = hash_of(kind);

	for (unsigned probe = 0; probe < MOST_PROBES; probe++) {
		_Atomic uint64_t *pair = pair_at(metrics, hash, probe);
		uint64_t seen = atomic_load_explicit(pair, memory_order_relaxed);

		if (seen == 0 && atomic_compare_exchange_strong(pair, &seen, hash))
			seen = hash;
		if (seen != hash)
			continue;
		atomic_fetch_add_explicit(pair + 1, 1, memory_order_relaxed);
		return;
	}
	metrics_add(metrics, METRICS_UNCOUNTED, 1);
}

uint64_t metrics_read(const struct metrics *metrics, const struct metrics_kind *kind)
{
	uint64_t hash = hash_of(kind);

	for (unsigned probe = 0; probe < MOST_PROBES; probe++) {
		const _Atomic uint64_t *pair = pair_at(metrics, hash, probe);
		uint64_t seen = atomic_load(pair);

		if (seen == hash)
			return atomic_load(pair + 1);
		if (seen == 0)
			return 0;
	}
	return 0;
}

void metrics_time(struct metrics *metrics, int64_t microseconds)
{
	size_t bucket = 0;

	while (bucket < BOUNDS && microseconds > bounds[bucket])
		bucket++;
	atomic_fetch_add_explicit(word_file_word(metrics->file, bucket), 1, memory_order_relaxed);
	atomic_fetch_add_explicit(word_file_word(metrics->file, SUM),
	    microseconds > 0 ? (uint64_t)microseconds : 0, memory_order_relaxed);
}

struct metrics_times metrics_times(const struct metrics *metrics)
{
	struct metrics_times times;

	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		times.counts[i] = atomic_load(word_file_word(metrics->file, i));
	times.sum_microseconds = atomic_load(word_file_word(metrics->file, SUM));
	return times;
}

int64_t metrics_bound(size_t bucket)
{
	return bucket < BOUNDS ? bounds[bucket] : 0;
}

bool metrics_are_common(const struct metrics *metrics)
{
	return word_file_is_common(metrics->file);
}
