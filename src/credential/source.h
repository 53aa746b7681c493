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

/* How a token travelled. A browser sends cookies by itself, also where another site made the
 * request; whatever else holds a token was written there on purpose. Zeroed memory is the cautious
 * answer. */
enum carrier { CARRIER_COOKIE, CARRIER_DELIBERATE };

/* `text` is absent when nothing was found. */
struct source_token {
	struct text text;
	enum carrier carrier;
};

/* Find the token. SOURCE_CONFLICT when two places hold different tokens: nobody can say which one was
 * meant, so none is. A copy outside the cookies makes it deliberate: who wrote it there knows it. */
enum source_result { SOURCE_CONFLICT, SOURCE_ABSENT, SOURCE_FOUND };
enum source_result source_find(
    const struct config_list *from, const struct request *request, struct source_token *found);

#endif
