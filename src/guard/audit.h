/* What was decided, about whom, and why: one line a decision, for people and machines. */
#ifndef CASTGATE_GUARD_AUDIT_H
#define CASTGATE_GUARD_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/report.h"
#include "base/text.h"
#include "base/verdict.h"
#include "config/config.h"

struct audit;

/* Absent texts and NULLs are left out of the line. Nothing here may be a secret: a token is named
 * by its id only. */
struct audit_entry {
	int64_t time_microseconds;
	int64_t duration_microseconds;
	struct text request_id;
	struct text client_address;
	struct text method;
	struct text path;
	struct text origin;
	const char *endpoint;
	struct text channel;
	const char *credential;
	struct text token_id;
	struct text user_id;
	const char *rule;
	struct verdict verdict;
	const char *deny; /* the label of the deny section that explains it */
	int status;
	bool tell_cure; /* add the outcome table's cure */
};

/* Open where decisions go: "stderr", "syslog", or a path (appended to, created 0640). Complaints
 * about a file that cannot be opened are reported as warnings and lines go to stderr instead. NULL
 * when out of memory. */
struct audit *audit_open(const char *destination, struct origin origin, struct report *report);
void audit_close(struct audit *audit);

/* Take over from another log what it could not write and not yet tell. */
void audit_succeed(struct audit *audit, const struct audit *before);

/* Open a log file again by its path, after rotation renamed it; the old one stays in use when that
 * fails. Nothing happens for other destinations. */
void audit_reopen(struct audit *audit);

/* Write one JSON line (Elastic Common Schema names) with one write. False when it could not be
 * written or does not fit 8 KiB of arena; a decision never depends on it. Lines lost to a full disk
 * are counted, and the count and the reason precede the first line for which there is room again. */
bool audit_write(struct audit *audit, const struct audit_entry *entry, struct arena *arena);

/* Write one line about the service itself: level "info", "warning" or "error", and a message. */
bool audit_note(struct audit *audit, int64_t time_microseconds, const char *level,
    const char *message, struct arena *arena);

#endif
