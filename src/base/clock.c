/* Clocks that a test can replace, and naive local times read as the application meant them. */
#include "platform.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"

#define MICROSECONDS 1000000
#define DAY_SECONDS 86400

static int64_t read_clock(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * MICROSECONDS + now.tv_nsec / 1000;
}

static int64_t system_now(void *context)
{
	(void)context;
	return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic(void *context)
{
	(void)context;
	return read_clock(CLOCK_MONOTONIC);
}

struct clock clock_system(void)
{
	return (struct clock){system_now, system_monotonic, NULL};
}

/* "+HH:MM" to seconds east of UTC. */
static bool parse_offset(const char *name, int *seconds)
{
	uint64_t hours;
	uint64_t minutes;

	if (strlen(name) != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':')
		return false;
	if (!text_to_u64((struct text){name + 1, 2}, TEXT_DIGITS_ANY, &hours) ||
	    !text_to_u64((struct text){name + 4, 2}, TEXT_DIGITS_ANY, &minutes))
		return false;
	if (hours > 14 || minutes > 59)
		return false;
	*seconds = (int)(hours * 3600 + minutes * 60) * (name[0] == '-' ? -1 : 1);
	return true;
}

/* A zone's name is a relative path below the zone database; glibc silently reads an unknown one
 * as UTC, so the file must be seen to exist. */
static bool zone_exists(const char *name)
{
	char path[256];
	int length;

	if (name[0] == '/' || name[0] == '\0' || strstr(name, ".."))
		return false;
	length = snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	return length > 0 && (size_t)length < sizeof(path) && access(path, R_OK) == 0;
}

bool clock_zone_parse(const char *name, struct clock_zone *zone)
{
	*zone = (struct clock_zone){0};
	if (strcmp(name, "UTC") == 0 || strcmp(name, "Z") == 0 || strcmp(name, "GMT") == 0)
		return true;
	if (parse_offset(name, &zone->offset_seconds))
		return true;
	if (!zone_exists(name) || setenv("TZ", name, 1) != 0)
		return false;
	tzset();
	zone->named = true;
	return true;
}

static bool digits(const char *p, size_t count, int *value)
{
	uint64_t number;

	if (!text_to_u64((struct text){p, count}, TEXT_DIGITS_ANY, &number))
		return false;
	*value = (int)number;
	return true;
}

/* The fixed part "YYYY-MM-DD HH:MM:SS" into a broken-down time. */
static bool parse_fields(const char *p, struct tm *tm)
{
	bool shaped = p[4] == '-' && p[7] == '-' && (p[10] == ' ' || p[10] == 'T') &&
	              p[13] == ':' && p[16] == ':';

	return shaped && digits(p, 4, &tm->tm_year) && digits(p + 5, 2, &tm->tm_mon) &&
	       digits(p + 8, 2, &tm->tm_mday) && digits(p + 11, 2, &tm->tm_hour) &&
	       digits(p + 14, 2, &tm->tm_min) && digits(p + 17, 2, &tm->tm_sec);
}

static bool parse_fraction(struct text text, int64_t *microseconds)
{
	int64_t scale = MICROSECONDS / 10;

	*microseconds = 0;
	if (text.length == 0)
		return true;
	if (text.data[0] != '.' || text.length < 2 || text.length > 7)
		return false;
	for (size_t i = 1; i < text.length; i++, scale /= 10) {
		if (!ascii_is_digit(text.data[i]))
			return false;
		*microseconds += (text.data[i] - '0') * scale;
	}
	return true;
}

static bool same_time(const struct tm *a, const struct tm *b)
{
	return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon && a->tm_mday == b->tm_mday &&
	       a->tm_hour == b->tm_hour && a->tm_min == b->tm_min && a->tm_sec == b->tm_sec;
}

/* The earliest moment that a local time names; `naive` is the same time read as UTC. It lies by one
 * of the offsets of a day before and a day after. mktime is no help: where clocks were set back
 * without summer time it may take either moment, and one second of 1969 is its error. */
static bool local_to_seconds(const struct tm *local, int64_t naive, int64_t *seconds)
{
	int64_t earliest = INT64_MAX;
	bool found = false;

	for (int side = -1; side <= 1; side += 2) {
		time_t around = (time_t)naive + (time_t)side * DAY_SECONDS;
		time_t moment;
		struct tm there;
		bool named;

		if (!localtime_r(&around, &there))
			return false;
		moment = (time_t)naive - there.tm_gmtoff;
		if (moment < earliest)
			earliest = moment;
		named = localtime_r(&moment, &there) && same_time(&there, local);
		if (named && (!found || moment < *seconds))
			*seconds = moment;
		found |= named;
	}
	if (!found) /* a time that clocks skipped: never late */
		*seconds = earliest;
	return true;
}

bool clock_parse_naive(struct text text, const struct clock_zone *zone, int64_t *microseconds)
{
	struct tm tm = {0};
	struct tm normal;
	int64_t fraction;
	int64_t seconds;

	if (!text.data || text.length < 19 || !parse_fields(text.data, &tm) ||
	    !parse_fraction(text_skip(text, 19), &fraction))
		return false;
	if (tm.tm_year < 1 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	normal = tm;
	seconds = timegm(&normal);
	if (normal.tm_mday != tm.tm_mday) /* a day its month does not have */
		return false;
	if (!zone->named)
		seconds -= zone->offset_seconds;
	else if (!local_to_seconds(&tm, seconds, &seconds))
		return false;
	*microseconds = seconds * MICROSECONDS + fraction;
	return true;
}

/* Cut "Z" or an offset off the end of a time. False when it has none. */
static bool take_zone(struct text *text, struct clock_zone *zone)
{
	char offset[7] = {0};

	*zone = (struct clock_zone){0};
	if (text->length == 0)
		return false;
	if (text->data[text->length - 1] == 'Z') {
		text->length--;
		return true;
	}
	if (text->length < 6)
		return false;
	memcpy(offset, text->data + text->length - 6, 6);
	if (!parse_offset(offset, &zone->offset_seconds))
		return false;
	text->length -= 6;
	return true;
}

bool clock_parse_moment(struct text text, const struct clock_zone *zone, int64_t *microseconds)
{
	struct clock_zone own;

	return clock_parse_naive(text, take_zone(&text, &own) ? &own : zone, microseconds);
}

static int64_t floor_seconds(int64_t microseconds)
{
	int64_t seconds = microseconds / MICROSECONDS;

	return microseconds % MICROSECONDS < 0 ? seconds - 1 : seconds;
}

/* Write exactly `count` decimal digits, and return what follows them. */
static char *put_digits(char *out, unsigned number, size_t count)
{
	for (size_t i = count; i-- > 0; number /= 10)
		out[i] = (char)('0' + number % 10);
	return out + count;
}

static char *put_part(char *out, unsigned number, char separator)
{
	out = put_digits(out, number, 2);
	*out = separator;
	return out + 1;
}

void clock_write(const struct clock_parts *parts, char out[CLOCK_EXACT_BYTES])
{
	out = put_digits(out, parts->year, 4);
	*out = '-';
	out = put_part(out + 1, parts->month, '-');
	out = put_part(out, parts->day, ' ');
	out = put_part(out, parts->hour, ':');
	out = put_part(out, parts->minute, ':');
	out = put_part(out, parts->second, '.');
	*put_digits(out, parts->microsecond, 6) = '\0';
}

/* The broken-down time of a moment. */
static bool parts_of(int64_t microseconds, const struct clock_zone *zone, struct clock_parts *parts)
{
	int64_t whole = floor_seconds(microseconds);
	time_t seconds = (time_t)whole;
	struct tm tm;

	if (zone->named) {
		if (!localtime_r(&seconds, &tm))
			return false;
	} else {
		seconds += zone->offset_seconds;
		if (!gmtime_r(&seconds, &tm))
			return false;
	}
	if (tm.tm_year < 1 - 1900 || tm.tm_year > 9999 - 1900)
		return false;
	*parts = (struct clock_parts){(unsigned)tm.tm_year + 1900, (unsigned)tm.tm_mon + 1,
	    (unsigned)tm.tm_mday, (unsigned)tm.tm_hour, (unsigned)tm.tm_min, (unsigned)tm.tm_sec,
	    (unsigned)(microseconds - whole * MICROSECONDS)};
	return true;
}

bool clock_format_exact(
    int64_t microseconds, const struct clock_zone *zone, char out[CLOCK_EXACT_BYTES])
{
	struct clock_parts parts;

	if (!parts_of(microseconds, zone, &parts))
		return false;
	clock_write(&parts, out);
	return true;
}

bool clock_format_naive(
    int64_t microseconds, const struct clock_zone *zone, char out[CLOCK_NAIVE_BYTES])
{
	char exact[CLOCK_EXACT_BYTES];

	if (!clock_format_exact(microseconds, zone, exact))
		return false;
	memcpy(out, exact, CLOCK_NAIVE_BYTES - 1);
	out[CLOCK_NAIVE_BYTES - 1] = '\0';
	return true;
}

bool clock_format_rfc3339(int64_t microseconds, char out[CLOCK_RFC3339_BYTES])
{
	static const struct clock_zone utc = {0};
	char exact[CLOCK_EXACT_BYTES];

	if (!clock_format_exact(microseconds, &utc, exact))
		return false;
	memcpy(out, exact, CLOCK_RFC3339_BYTES - 2);
	out[10] = 'T';
	out[CLOCK_RFC3339_BYTES - 2] = 'Z';
	out[CLOCK_RFC3339_BYTES - 1] = '\0';
	return true;
}

void clock_format_span(int64_t microseconds, char out[CLOCK_SPAN_BYTES])
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t seconds = microseconds / MICROSECONDS;
	size_t i = 0;

	if (seconds < 0)
		seconds = -seconds;
	/* two of a unit at least: "26 h" tells more than "1 days" */
	while (units[i].seconds > 1 && seconds < 2 * units[i].seconds)
		i++;
	snprintf(out, CLOCK_SPAN_BYTES, "%lld %s", (long long)(seconds / units[i].seconds),
	    units[i].unit);
}
