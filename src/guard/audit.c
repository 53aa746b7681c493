/* Lines written whole or counted as lost; what was lost is told before anything else. */
#include "platform.h"
#include "guard/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guard/audit_sink.h"

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

/* All of it, or the reason kept; the caller counts the loss. */
static bool write_whole(struct audit *audit, struct text text, bool is_error)
{
	int error = audit_sink_write(audit->sink, text, is_error, &audit->torn);

	if (error && audit->lost == 0)
		audit->lost_error = error;
	return error == 0;
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
	if (!note.message || !text_present(text) || !write_whole(audit, text, true))
		return false;
	audit->lost = 0;
	audit->torn = false;
	return true;
}

bool audit_has_room(struct audit *audit, int64_t time_microseconds, struct arena *arena)
{
	return !audit->lost || write_loss(audit, time_microseconds, arena);
}

/* What became of the line that was built in `line`. */
static bool write_line(
    struct audit *audit, int64_t time_microseconds, struct buffer *line, bool is_error)
{
	struct text text = buffer_text(line);

	if (!text_present(text) && audit->lost == 0)
		audit->lost_error = ENOMEM;
	if (text_present(text) && audit_has_room(audit, time_microseconds, line->arena) &&
	    write_whole(audit, text, is_error))
		return true;
	audit->lost++;
	if (audit->metrics)
		metrics_add(audit->metrics, METRICS_AUDIT_LOST, 1);
	return false;
}

bool audit_write(struct audit *audit, const struct audit_entry *entry, struct arena *arena)
{
	struct buffer line = buffer_start(arena);

	audit_line_decision(&line, audit->format, entry);
	return write_line(audit, entry->time_microseconds, &line, entry->status == 503);
}

bool audit_note(struct audit *audit, int64_t time_microseconds, const char *level,
    const char *message, struct arena *arena)
{
	struct buffer line = buffer_start(arena);
	struct audit_note note = {time_microseconds, level, message};

	audit_line_note(&line, audit->format, &note);
	return write_line(audit, time_microseconds, &line, strcmp(level, "error") == 0);
}
