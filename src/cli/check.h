/* What do the parts of castgate check share? */
#ifndef CASTGATE_CLI_CHECK_H
#define CASTGATE_CLI_CHECK_H

#include "base/report.h"
#include "cli/teller.h"
#include "endpoint/service.h"

struct check {
	struct service *service;
	struct report *report; /* errors end in exit status 1, warnings do not */
	struct arena *arena;
	struct teller teller;
	bool offline;
	const char *app; /* the app whose keys the verifier is asked about; NULL: the only one */
	const char *ca_file; /* of --ca; NULL: the system's */
	unsigned seconds;    /* for each server asked */
};

/* Tell what was found: a line "LABEL   TEXT" to a person, an event LABEL to a program. Control characters
 * are shown as '?'. */
void check_say(const struct check *check, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
