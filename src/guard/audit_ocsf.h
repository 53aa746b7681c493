/* How is a line of the log written in the Open Cybersecurity Schema Framework? See audit_line.h. */
#ifndef CASTGATE_GUARD_AUDIT_OCSF_H
#define CASTGATE_GUARD_AUDIT_OCSF_H

#include "guard/audit_line.h"

void audit_ocsf_decision(struct buffer *line, const struct audit_entry *entry);
void audit_ocsf_note(struct buffer *line, const struct audit_note *note);

#endif
