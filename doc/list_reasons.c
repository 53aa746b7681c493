/* Prints the outcome table as an mdoc list, for the manual: the code is the only source. */
#include "platform.h"

#include <stdio.h>

#include "base/verdict.h"

int main(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = OUTCOME_UNDECIDED + 1; i < OUTCOME_COUNT; i++) {
		const struct outcome_row *row = outcome_row((enum outcome)i);

		printf(".It Li %s Pq %d\n%s\n%s\n", row->reason, row->status, row->meaning, row->cure);
	}
	puts(".El");
	return 0;
}
