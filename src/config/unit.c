/* Numbers with units, as the configuration writes them. */
#include "platform.h"
#include "config/unit.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/text.h"

#define SECOND 1000u

struct suffix {
	enum unit unit;
	const char *text;
	uint64_t factor;
};

static const struct suffix suffixes[] = {
    {UNIT_NONE, "", 1},
    {UNIT_MILLISECONDS, "ms", 1},
    {UNIT_MILLISECONDS, "s", SECOND},
    {UNIT_MILLISECONDS, "m", 60 * SECOND},
    {UNIT_MILLISECONDS, "h", 60 * 60 * SECOND},
    {UNIT_MILLISECONDS, "d", 24 * 60 * 60 * SECOND},
    {UNIT_BYTES, "", 1},
    {UNIT_BYTES, "k", 1024},
    {UNIT_BYTES, "m", 1024 * 1024},
};

bool unit_parse(enum unit unit, const char *text, uint64_t *amount)
{
	struct text number = text_of(text);
	struct text unit_text;
	size_t digits = 0;

	while (digits < number.length && ascii_is_digit(number.data[digits]))
		digits++;
	unit_text = text_skip(number, digits);
	number.length = digits;
	if (!text_to_u64(number, TEXT_DIGITS_CANONICAL, amount))
		return false;
	if (unit == UNIT_MILLISECONDS && *amount == 0 && unit_text.length == 0)
		return true;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const struct suffix *suffix = &suffixes[i];

		if (suffix->unit != unit || !text_is(unit_text, suffix->text))
			continue;
		if (*amount > UINT64_MAX / suffix->factor)
			return false;
		*amount *= suffix->factor;
		return true;
	}
	return false;
}

void unit_format(enum unit unit, uint64_t amount, char out[UNIT_TEXT_BYTES])
{
	const struct suffix *best = NULL;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (suffixes[i].unit == unit && amount % suffixes[i].factor == 0 &&
		    (!best || amount >= suffixes[i].factor))
			best = &suffixes[i];
	(void)snprintf(out, UNIT_TEXT_BYTES, "%" PRIu64 "%s", amount / best->factor, best->text);
}

const char *unit_describe(enum unit unit)
{
	switch (unit) {
	case UNIT_MILLISECONDS:
		return "a duration (such as 1500ms)";
	case UNIT_BYTES:
		return "a size (such as 32k)";
	case UNIT_NONE:
	default:
		return "a number";
	}
}
