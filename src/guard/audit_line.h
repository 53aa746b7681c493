/* How is one decision, or one note about the service itself, written as a line? */
#ifndef CASTGATE_GUARD_AUDIT_LINE_H
#define CASTGATE_GUARD_AUDIT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/verdict.h"
#include "config/config.h"

/* Absent texts, NULLs and zero connections are left out of the line. Nothing here may be a secret: a
 * token is named by its id only. */
struct audit_entry {
	int64_t time_microseconds;
	int64_t duration_microseconds;
	struct text request_id;
	struct text client_address;
	struct text method;
	struct text path;
	struct text origin;
	struct text trace_id; /* as the caller says: traceparent */
	struct text parent_id;
	const char *action;
	const char *endpoint;
	struct text channel;
	const char *credential;
	struct text token_id;
	struct text user_id;
	const char *rule;
	struct verdict verdict;
	const char *mount;        /* how the request arrived, where that may be the cause */
	const char *deny;         /* the label of the deny section that explains it */
	unsigned long connection; /* as the database numbers them: who was asked last */
	int status;
	bool tell_cure; /* add the outcome table's cure */
};

/* A note: level "info", "warning" or "error", and a message. */
struct audit_note {
	int64_t time_microseconds;
	const char *level;
	const char *message;
};

/* Append a line with its line feed. Each is one line whatever the texts hold: controls, and what some
 * readers take for the end of a line, are escaped as in JSON, and what is not UTF-8 is shown in
 * hexadecimal. Up to the client's address every byte is castgate's own.
 *
 *   ecs       JSON with the names of the Elastic Common Schema 9.4.0 (github.com/elastic/ecs,
 *             generated/csv/fields.csv) and "castgate." for what it has no name for
 *   keyvalue  the same names and values as NAME=VALUE with blanks between them; a value that is more
 *             than letters, digits and -_.:/@,{}+ is a JSON string
 *   ocsf      JSON of the Open Cybersecurity Schema Framework 1.8.0 (github.com/ocsf/ocsf-schema):
 *             class API Activity (6003) with activity 99 "Authorize" and the profiles
 *             security_control and trace; a note is a Base Event (0). "Authorize Session" (3003) is
 *             about privileges given at a logon, which nobody is given here. */
void audit_line_decision(
    struct buffer *line, enum config_audit_format format, const struct audit_entry *entry);

/* What lines about one request say alike, as the first of them was written; zeroed: there was none yet. It stays in
 * that line's arena. */
struct audit_alike {
	struct text start;   /* up to the level */
	struct text request; /* from its id to the endpoint */
	struct text who;     /* from the credential to the user */
};

/* The same line, for an entry that differs from the one before it in nothing but what was decided: duration,
 * channel, rule, verdict, mount, deny, connection, status, tell_cure. `alike` NULL: as above. */
void audit_line_another(struct buffer *line, enum config_audit_format format,
    const struct audit_entry *entry, struct audit_alike *alike);

void audit_line_note(
    struct buffer *line, enum config_audit_format format, const struct audit_note *note);

#endif
