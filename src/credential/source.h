/* Where in a request may a token stand, and does it stand there once? */
#ifndef CASTGATE_CREDENTIAL_SOURCE_H
#define CASTGATE_CREDENTIAL_SOURCE_H

#include "base/report.h"
#include "config/config.h"
#include "http/request.h"

/* The places of a credential's `from`, in order: "bearer", "header:X", "query:NAME", "form:NAME".
 * An empty list means "bearer". */

/* Report places this version cannot read. False when there was one. */
bool source_check(const struct config_credential *config, struct report *report);

/* Find the token. `found` is absent when no place holds one. SOURCE_CONFLICT when two places hold
 * different tokens: nobody can say which one was meant, so none is. */
enum source_result { SOURCE_CONFLICT, SOURCE_ABSENT, SOURCE_FOUND };
enum source_result source_find(
    const struct config_list *from, const struct request *request, struct text *found);

#endif
