/* A list of complaints, each with the file and line it is about. */
#include "platform.h"
#include "base/report.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"

struct complaint {
	char *line;
	enum report_level level;
};

struct report {
	struct complaint *complaints;
	size_t count;
	bool failed;
};

struct report *report_new(void)
{
	return calloc(1, sizeof(struct report));
}

void report_free(struct report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->count; i++)
		free(report->complaints[i].line);
	free(report->complaints);
	free(report);
}

static void add_line(struct report *report, enum report_level level, char *line)
{
	struct complaint *complaints =
	    realloc(report->complaints, (report->count + 1) * sizeof(*complaints));

	if (!complaints) {
		free(line);
		return;
	}
	report->complaints = complaints;
	complaints[report->count++] = (struct complaint){line, level};
}

void report_add(
    struct report *report, enum report_level level, struct origin origin, const char *format, ...)
{
	const char *word = level == REPORT_ERROR ? "error" : "warning";
	char *text = NULL;
	char *line = NULL;
	va_list args;

	if (level == REPORT_ERROR)
		report->failed = true;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return;
	text_defuse(text);
	if (origin.file &&
	    asprintf(&line, "%s:%u: %s: %s", origin.file, origin.line, word, text) < 0)
		line = NULL;
	else if (!origin.file && asprintf(&line, "%s: %s", word, text) < 0)
		line = NULL;
	free(text);
	if (line)
		add_line(report, level, line);
}

bool report_no_memory(struct report *report)
{
	report_add(report, REPORT_ERROR, (struct origin){0}, "out of memory");
	return false;
}

bool report_failed(const struct report *report)
{
	return report->failed;
}

void report_print(const struct report *report, FILE *stream)
{
	for (size_t i = 0; i < report->count; i++)
		fprintf(stream, "%s\n", report->complaints[i].line);
}

size_t report_count(const struct report *report)
{
	return report->count;
}

const char *report_line(const struct report *report, size_t index)
{
	return index < report->count ? report->complaints[index].line : NULL;
}

enum report_level report_level(const struct report *report, size_t index)
{
	return index < report->count ? report->complaints[index].level : REPORT_ERROR;
}
