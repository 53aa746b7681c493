/* Lines written whole or counted as lost; what was lost is told before anything else. */
#include "platform.h"
#include "guard/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guard/audit_sink.h"

/* With its end a power of two, as buffers grow; hardly any line is longer than what is left. */
#define GATHERED_BYTES 16383
#define ENOUGH_BYTES 14336

struct audit {
	struct audit_sink *sink;
	enum config_audit_format format;
	struct metrics *metrics;
	unsigned long lost; /* lines since the last one that was written whole */
	int lost_error;     /* errno of the first of them */
	bool torn;          /* the last line ends in its middle */
};

struct audit *audit_open(
    const struct audit_settings *settings, struct origin origin, struct report *report)
{
	struct audit *audit = calloc(1, sizeof(*audit));

	if (!audit)
		return NULL;
	audit->format = settings->format;
	audit->metrics = settings->metrics;
	audit->sink = audit_sink_open(settings->destination, settings->syslog_path, origin, report);
	if (audit->sink)
		return audit;
	free(audit);
	return NULL;
}

void audit_close(struct audit *audit)
{
	if (!audit)
		return;
	audit_sink_close(audit->sink);
	free(audit);
}

void audit_reopen(struct audit *audit)
{
	(void)audit_sink_reopen(audit->sink);
}

void audit_succeed(struct audit *audit, const struct audit *before)
{
	audit->lost = before->lost;
	audit->lost_error = before->lost_error;
	audit->torn = before->torn;
}

/* All of it, or what goes and the reason kept. What was not written, for the caller to count. */
static struct text write_most(struct audit *audit, struct text text, bool is_error)
{
	size_t written;
	int error = audit_sink_write(audit->sink, text, is_error, &written);

	if (error && audit->lost == 0)
		audit->lost_error = error;
	if (error && written)
		audit->torn = text.data[written - 1] != '\n';
	return text_skip(text, written);
}

/* Say what was lost, on a line of its own even after a torn one. */
static bool write_loss(struct audit *audit, int64_t time_microseconds, struct arena *arena)
{
	struct buffer line = buffer_start(arena);
	struct audit_note note = {.time_microseconds = time_microseconds,
	    .level = "error",
	    .message = arena_printf(arena, "%lu lines of this log were lost: %s", audit->lost,
	        strerror(audit->lost_error))};
	struct text text;

	if (audit->torn)
		buffer_add_byte(&line, '\n');
	audit_line_note(&line, audit->format, &note);
	text = buffer_text(&line);
	if (!note.message || !text_present(text) || write_most(audit, text, true).length)
		return false;
	audit->lost = 0;
	audit->torn = false;
	return true;
}

bool audit_has_room(struct audit *audit, int64_t time_microseconds, struct arena *arena)
{
	return !audit->lost || write_loss(audit, time_microseconds, arena);
}

static bool count_lost(struct audit *audit, unsigned lines)
{
	audit->lost += lines;
	if (audit->metrics)
		metrics_add(audit->metrics, METRICS_AUDIT_LOST, lines);
	return false;
}

static bool lose_for_memory(struct audit *audit)
{
	if (audit->lost == 0)
		audit->lost_error = ENOMEM;
	return count_lost(audit, 1);
}

/* What became of the lines that were built in `lines`. */
static bool write_lines(
    struct audit *audit, int64_t time_microseconds, struct buffer *lines, bool is_error)
{
	struct text rest = buffer_text(lines);
	unsigned lost = 0;

	if (!text_present(rest))
		return lose_for_memory(audit);
	if (audit_has_room(audit, time_microseconds, lines->arena))
		rest = write_most(audit, rest, is_error);
	for (size_t i = 0; i < rest.length; i++)
		lost += rest.data[i] == '\n';
	return !lost || count_lost(audit, lost);
}

bool audit_write(struct audit *audit, const struct audit_entry *entry, struct arena *arena)
{
	struct buffer line = buffer_start(arena);

	audit_line_decision(&line, audit->format, entry);
	return write_lines(audit, entry->time_microseconds, &line, entry->status == 503);
}

struct audit_lines audit_lines_start(struct arena *arena)
{
	return (struct audit_lines){.text = buffer_start(arena)};
}

static bool give(
    struct audit *audit, int64_t time_microseconds, struct audit_lines *lines, bool is_error)
{
	bool whole =
	    !lines->text.length || write_lines(audit, time_microseconds, &lines->text, is_error);

	lines->text.length = 0;
	return whole;
}

bool audit_gather(struct audit *audit, const struct audit_entry *entry, struct audit_lines *lines)
{
	bool several = audit_sink_takes_several(audit->sink);
	size_t before = lines->text.length;

	if (several && !lines->text.capacity)
		buffer_expect(&lines->text, GATHERED_BYTES);
	audit_line_another(&lines->text, audit->format, entry, &lines->alike);
	if (lines->text.failed) {
		lines->text.failed = false;
		lines->text.length = before;
		return lose_for_memory(audit);
	}
	if (several && lines->text.length < ENOUGH_BYTES)
		return true;
	return give(audit, entry->time_microseconds, lines, entry->status == 503);
}

bool audit_give(struct audit *audit, int64_t time_microseconds, struct audit_lines *lines)
{
	return give(audit, time_microseconds, lines, false);
}

bool audit_note(struct audit *audit, int64_t time_microseconds, const char *level,
    const char *message, struct arena *arena)
{
	struct buffer line = buffer_start(arena);
	struct audit_note note = {time_microseconds, level, message};

	audit_line_note(&line, audit->format, &note);
	return write_lines(audit, time_microseconds, &line, strcmp(level, "error") == 0);
}
