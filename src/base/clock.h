/* What time is it, and how does that compare with a time an application wrote as text? */
#ifndef CASTGATE_BASE_CLOCK_H
#define CASTGATE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* "YYYY-MM-DD HH:MM:SS" with its NUL. */
#define CLOCK_NAIVE_BYTES 20

/* Two functions a test can replace. `context` is passed back to them. */
struct clock {
	int64_t (*now_microseconds)(void *context);       /* since 1970-01-01T00:00:00Z */
	int64_t (*monotonic_microseconds)(void *context); /* since some fixed moment */
	void *context;
};

/* What this clock says now, in microseconds: since 1970, and since some fixed moment. */
static inline int64_t clock_now(const struct clock *clock)
{
	return clock->now_microseconds(clock->context);
}

static inline int64_t clock_monotonic(const struct clock *clock)
{
	return clock->monotonic_microseconds(clock->context);
}

/* The machine's own clocks. */
struct clock clock_system(void);

/* The zone in which an application writes times without a zone: UTC, a fixed offset, or a name
 * from the machine's zone database. */
struct clock_zone {
	bool named; /* the process's TZ was set to the zone's name by clock_zone_parse */
	int offset_seconds;
};

/* Read "UTC", "+05:00", "-08:00" or a name such as "Europe/Berlin". A name sets the process's TZ,
 * so a process knows one named zone at a time. False when the zone is unknown. */
bool clock_zone_parse(const char *name, struct clock_zone *zone);

/* Read "YYYY-MM-DD HH:MM:SS[.ffffff]" (also with "T") as written in `zone`; microseconds since
 * 1970. A time that occurs twice (clocks set back) is read as the earlier one, and one that never
 * occurred (clocks set forward) as a moment before the gap, so that an expiry never comes late.
 * False when it is not such a text, zero ("0000-00-00 ..."), or a day its month does not have. */
bool clock_parse_naive(struct text text, const struct clock_zone *zone, int64_t *microseconds);

/* The same, and with a zone of its own at the end, which then counts instead of `zone`: "Z", "+HH:MM"
 * or "-HH:MM" (ISO 8601, as JavaScript's toISOString and many others write it). */
bool clock_parse_moment(struct text text, const struct clock_zone *zone, int64_t *microseconds);

/* Write a moment as "YYYY-MM-DD HH:MM:SS" in `zone`. False outside the years 1 to 9999. */
bool clock_format_naive(
    int64_t microseconds, const struct clock_zone *zone, char out[CLOCK_NAIVE_BYTES]);

/* The same to the microsecond, "YYYY-MM-DD HH:MM:SS.ffffff": what is compared with a column that keeps
 * fractions must not be early by one. */
#define CLOCK_EXACT_BYTES 27
bool clock_format_exact(
    int64_t microseconds, const struct clock_zone *zone, char out[CLOCK_EXACT_BYTES]);

/* A broken-down time, as people count: the first month is 1. */
struct clock_parts {
	unsigned year;
	unsigned month;
	unsigned day;
	unsigned hour;
	unsigned minute;
	unsigned second;
	unsigned microsecond;
};

/* Write one in the same form, whatever it holds: of too large a number the last digits. */
void clock_write(const struct clock_parts *parts, char out[CLOCK_EXACT_BYTES]);

/* Write how long a span is for a person, in its largest unit: "3 s", "2 min", "5 h", "12 days". Its sign
 * does not matter. */
#define CLOCK_SPAN_BYTES 32
void clock_format_span(int64_t microseconds, char out[CLOCK_SPAN_BYTES]);

/* Write a moment as "YYYY-MM-DDTHH:MM:SS.mmmZ" (25 bytes with the NUL). */
#define CLOCK_RFC3339_BYTES 25
bool clock_format_rfc3339(int64_t microseconds, char out[CLOCK_RFC3339_BYTES]);

#endif
