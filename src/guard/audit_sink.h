/* Where does a line of the log go, and did it get there? */
#ifndef CASTGATE_GUARD_AUDIT_SINK_H
#define CASTGATE_GUARD_AUDIT_SINK_H

#include <stdbool.h>

#include "base/origin.h"
#include "base/report.h"
#include "base/text.h"

struct audit_sink;

/* Open "stderr", "syslog", or a file by its path (appended to, created 0640). A file that cannot be
 * opened is a warning, and lines go to stderr instead. "syslog" is the socket at `syslog_path`, to which
 * each line is one datagram "<PRIORITY>castgate[PID]: LINE", without a time of day: whoever receives it
 * puts his own there, and the line has one in UTC. (Not syslog(3): it does not tell whether a line
 * was taken, and waits for a stopped logger for ever.) NULL when out of memory. Ended with
 * audit_sink_close, which allows NULL. */
struct audit_sink *audit_sink_open(
    const char *destination, const char *syslog_path, struct origin origin, struct report *report);
void audit_sink_close(struct audit_sink *sink);

/* Open a log file again by its path, after rotation renamed it; the old one stays in use when that
 * fails. A syslog socket is connected anew. False when nothing was opened, as for stderr. */
bool audit_sink_reopen(struct audit_sink *sink);

/* May several lines be given away at once? Into a file: what others write there comes before or after. In a pipe it
 * could come between, and a logger takes one by one. */
bool audit_sink_takes_several(const struct audit_sink *sink);

/* Give away a line, or several, with one call; each ends with a line feed. 0, or the errno with which it was lost;
 * *written is how many bytes were not: in a file it may be a part. A logger that does not take a datagram is waited
 * for, for a tenth of a second, once; after that not at all until it takes one. */
int audit_sink_write(struct audit_sink *sink, struct text lines, bool is_error, size_t *written);

#endif
