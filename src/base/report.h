/* Where do complaints about a configuration gather, and how are they told? */
#ifndef CASTGATE_BASE_REPORT_H
#define CASTGATE_BASE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/origin.h"

enum report_level { REPORT_ERROR, REPORT_WARNING };

struct report;

/* An empty report; NULL when out of memory. The caller ends it with report_free. */
struct report *report_new(void);
void report_free(struct report *report);

/* Add one complaint, copied. An error makes report_failed true even when memory is out. */
void report_add(struct report *report, enum report_level level, struct origin origin,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Add that memory is out; always false. */
bool report_no_memory(struct report *report);

/* True when at least one error was added. */
bool report_failed(const struct report *report);

/* Write every complaint as "FILE:LINE: error: TEXT", one a line, in the order added. */
void report_print(const struct report *report, FILE *stream);

/* The number of complaints; the text of one ("FILE:LINE: error: TEXT"), owned by the report; its level. */
size_t report_count(const struct report *report);
const char *report_line(const struct report *report, size_t index);
enum report_level report_level(const struct report *report, size_t index);

#endif
