/* Where in a request may a token stand, and does it stand there once? */
#ifndef CASTGATE_CREDENTIAL_SOURCE_H
#define CASTGATE_CREDENTIAL_SOURCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/verdict.h"
#include "config/config.h"
#include "http/request.h"

/* How a token travelled. A browser sends cookies by itself, also where another site made the
 * request; whatever else holds a token was written there on purpose. Zeroed memory is the cautious
 * answer. */
enum carrier { CARRIER_COOKIE, CARRIER_DELIBERATE };

/* How a place of `from` carries: "cookie" and "cookie:NAME", or anything else. */
enum carrier source_carrier(const char *place);

/* The texts that stand at one place: "bearer", "header:X", "cookie:NAME", "query:NAME" or "form:NAME".
 * The request's fields must have been read. */
struct source_walk {
	const char *place;
	const struct request *request;
	size_t index;        /* of the field, or of the variable with cookies */
	struct text cookies; /* those not yet looked at */
};
struct source_walk source_walk_start(const char *place, const struct request *request);

/* The next text as it was sent, in the order of the request; empty ones are left out. False at the
 * end. `text` is absent for a field that is no single text (a JSON number, one element of a list), and
 * for fields that could not be read: something is there, but nobody can say what. */
bool source_walk_next(struct source_walk *walk, struct text *text);

/* `text` is absent when nothing was found. */
struct source_token {
	struct text text;
	enum carrier carrier;
};

/* Find the one token of the places in `from`, in order; an empty list means "bearer". Cookies are
 * percent-decoded once into the arena ('+' stays), since most libraries encode them; the rest is
 * taken as it is. SOURCE_CONFLICT when two copies differ, wherever they stand, or one is no text:
 * nobody can say which one was meant, so none is. A copy outside the cookies makes it deliberate: who
 * wrote it there knows it. */
enum source_result { SOURCE_CONFLICT, SOURCE_ABSENT, SOURCE_FOUND };
enum source_result source_find(const struct config_list *from, const struct request *request,
    struct arena *arena, struct source_token *found);

/* What a credential says of such a result: ALLOWED to go on, CREDENTIAL_MISSING, or
 * CREDENTIAL_MALFORMED. */
struct verdict source_verdict(enum source_result result);

/* True when source_find would not say SOURCE_ABSENT. */
bool source_presented(const struct config_list *from, const struct request *request);

#endif
