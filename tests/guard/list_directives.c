/* Prints the directive table for manual.py: section, name, what it is, default, closed set. */
#include "platform.h"

#include <stdio.h>

#include "config/directive.h"

static const char *kind_of(const struct directive *row)
{
	if (row->type == TYPE_SECTION)
		return "section";
	return row->type == TYPE_INCLUDE ? "statement" : "value";
}

int main(void)
{
	for (int section = 0; section < SECTION_COUNT; section++) {
		const struct directive *rows;
		size_t count = directive_rows((enum section)section, &rows);

		for (size_t i = 0; i < count; i++)
			printf("%s\t%s\t%s\t%s\t%s\n", section_row((enum section)section)->name,
			    rows[i].name, kind_of(&rows[i]),
			    rows[i].fallback ? rows[i].fallback : "",
			    rows[i].words ? rows[i].words : "");
	}
	return 0;
}
