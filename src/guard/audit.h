/* What was decided, about whom, and why: one line a decision, for people and machines. */
#ifndef CASTGATE_GUARD_AUDIT_H
#define CASTGATE_GUARD_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/report.h"
#include "guard/audit_line.h"
#include "guard/metrics.h"

struct audit;

/* Where lines go, as audit_sink_open has it, and how they look. `metrics`, which may be NULL and else must
 * outlive the log, counts what is lost. */
struct audit_settings {
	const char *destination;
	const char *syslog_path;
	enum config_audit_format format;
	struct metrics *metrics;
};

/* NULL when out of memory. Ended with audit_close, which allows NULL. */
struct audit *audit_open(
    const struct audit_settings *settings, struct origin origin, struct report *report);
void audit_close(struct audit *audit);

/* Take over from another log what it could not write and not yet tell. */
void audit_succeed(struct audit *audit, const struct audit *before);

/* Open a log file again by its path, after rotation renamed it; the old one stays in use when that
 * fails. */
void audit_reopen(struct audit *audit);

/* Write one line about a decision with one call. False when it could not be written or does not fit the
 * arena. Lines lost to a full disk or a silent logger are counted, and the count and the reason
 * precede the first line for which there is room again. */
bool audit_write(struct audit *audit, const struct audit_entry *entry, struct arena *arena);

/* Lines about decisions on one request, to be written together: those not written yet, and what they have in
 * common. */
struct audit_lines {
	struct buffer text;
	struct audit_alike alike;
};
struct audit_lines audit_lines_start(struct arena *arena);

/* Add a line about a decision; where several may be given away at once, they are with every 14 KiB. False when
 * lines were lost, as above. */
bool audit_gather(struct audit *audit, const struct audit_entry *entry, struct audit_lines *lines);

/* Give away what was gathered, with one call. False when lines were lost, as above: of what does not fit a disk the
 * first lines may be written. */
bool audit_give(struct audit *audit, int64_t time_microseconds, struct audit_lines *lines);

/* Write one line about the service itself: level "info", "warning" or "error", and a message. */
bool audit_note(struct audit *audit, int64_t time_microseconds, const char *level,
    const char *message, struct arena *arena);

/* Is there room, as far as is known? After a loss this writes the line that tells of it: true once that
 * succeeds. Costs nothing otherwise. */
bool audit_has_room(struct audit *audit, int64_t time_microseconds, struct arena *arena);

#endif
