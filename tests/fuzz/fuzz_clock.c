/* base/clock: the input is one byte for the zone, eight for a moment, and a text to read. What is
 * read is written the same, what is written reads back, and of two moments the earlier is meant. */
#include "platform.h"
#include "fuzz.h"

#include <string.h>

#include "base/clock.h"

#define SECOND 1000000

static int64_t floor_second(int64_t microseconds)
{
	int64_t rest = microseconds % SECOND;

	return microseconds - rest - (rest < 0 ? SECOND : 0);
}

/* A zone that skips a time has no way to write it back. */
static void check_text(struct text text, const struct clock_zone *zone)
{
	char written[CLOCK_NAIVE_BYTES];
	int64_t moment;

	if (!clock_parse_naive(text, zone, &moment)) {
		if (clock_parse_moment(text, zone, &moment))
			FUZZ_REQUIRE(text.data[text.length - 1] == 'Z' ||
			             text.data[text.length - 3] == ':');
		return;
	}
	FUZZ_REQUIRE(text.length >= 19 && text.length <= 26);
	if (!clock_format_naive(moment, zone, written))
		return; /* the zone's offset leads out of the years 1 to 9999 */
	if (zone->named)
		return;
	written[10] = text.data[10];
	FUZZ_REQUIRE(memcmp(written, text.data, 19) == 0);
}

static void check_moment(int64_t moment, const struct clock_zone *zone)
{
	char written[CLOCK_NAIVE_BYTES];
	char again[CLOCK_NAIVE_BYTES];
	char rfc3339[CLOCK_RFC3339_BYTES];
	int64_t back;

	if (clock_format_rfc3339(moment, rfc3339)) {
		FUZZ_REQUIRE(strlen(rfc3339) == sizeof(rfc3339) - 1);
		FUZZ_REQUIRE(clock_parse_moment(text_of(rfc3339), zone, &back));
		FUZZ_REQUIRE(floor_second(back) == floor_second(moment));
	}
	if (!clock_format_naive(moment, zone, written))
		return;
	FUZZ_REQUIRE(clock_parse_naive(text_of(written), zone, &back));
	FUZZ_REQUIRE(zone->named ? back <= moment : back == floor_second(moment));
	FUZZ_REQUIRE(clock_format_naive(back, zone, again));
	FUZZ_REQUIRE(strcmp(written, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const zones[] = {"UTC", "+05:30", "-11:00", "+14:00", "Europe/Berlin",
	    "Europe/Moscow", "America/New_York", "Africa/Casablanca", "Pacific/Apia",
	    "Australia/Lord_Howe"};
	struct clock_zone zone;
	int64_t moment;

	if (size < 1 + sizeof(moment))
		return 0;
	/* a machine without zone files knows the fixed ones */
	if (!clock_zone_parse(zones[data[0] % (sizeof(zones) / sizeof(zones[0]))], &zone))
		return 0;
	memcpy(&moment, data + 1, sizeof(moment));
	check_moment(moment, &zone);
	/* most of 64 bits lie beyond the year 9999 */
	check_moment(moment / 64, &zone);
	check_text(fuzz_text(data + 9, size - 9), &zone);
	return 0;
}
