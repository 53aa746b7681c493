/* How is a decision tried out for a user who is taken at their word? */
#ifndef CASTGATE_CLI_ASSUMED_H
#define CASTGATE_CLI_ASSUMED_H

#include "endpoint/service.h"

struct assumed_user {
	struct identity given; /* see assumed_identity */
	const char *type;      /* an owner section's; NULL: not known, which does where there is one */
	bool looked_up;        /* is more than what was given read from the database? */
};

/* From now on every endpoint with credentials takes *user for proven, without looking at the request. A user who
 * is looked up has, besides what was given, what credentials would prove of the user, and is refused as those would be
 * where no credential of the endpoint can be that user's. *user is read anew for each request, so it may be
 * changed between two; it and the arena must outlive the service's last request. Only the operator's tool can
 * do this: the responder has no way to take anybody's word. False when the arena is full. */
bool assumed_install(
    struct service *service, const struct assumed_user *user, struct arena *arena);

/* A value as written on a command line or in a file: an integer where it is a canonical one, NULL where it is
 * empty, else text. */
struct value assumed_value(struct text text);

/* "NAME=VALUE" to a value's name and value. False without a name. */
bool assumed_pair(struct text pair, struct named_value *out);

/* A user of this id with these values, who came with a credential that no other site can send along. */
struct identity assumed_identity(struct value id, struct named_value *values, size_t value_count);

#endif
