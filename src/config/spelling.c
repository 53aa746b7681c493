/* Finds the nearest known word by edit distance. */
#include "platform.h"
#include "config/spelling.h"

#include <string.h>

#define LONGEST 64

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance by the usual two rows; longer words are not compared. */
static size_t distance_between(struct text a, struct text b)
{
	size_t above[LONGEST + 1];
	size_t row[LONGEST + 1];

	if (a.length > LONGEST || b.length > LONGEST)
		return LONGEST;
	for (size_t k = 0; k <= b.length; k++)
		above[k] = k;
	for (size_t i = 0; i < a.length; i++) {
		row[0] = i + 1;
		for (size_t k = 0; k < b.length; k++)
			row[k + 1] = least(
			    row[k] + 1, above[k + 1] + 1, above[k] + (a.data[i] != b.data[k]));
		memcpy(above, row, sizeof(above));
	}
	return above[b.length];
}

struct spelling spelling_of(const char *wrong)
{
	size_t distance = strlen(wrong) / 2 + 1;

	return (struct spelling){.wrong = wrong, .distance = distance < 3 ? distance : 3};
}

void spelling_try(struct spelling *spelling, struct text candidate)
{
	size_t distance = distance_between(text_of(spelling->wrong), candidate);

	if (distance >= spelling->distance)
		return;
	spelling->distance = distance;
	spelling->best = candidate;
}
