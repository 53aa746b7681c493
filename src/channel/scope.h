/* Which value does a parameter name stand for in the request at hand? */
#ifndef CASTGATE_CHANNEL_SCOPE_H
#define CASTGATE_CHANNEL_SCOPE_H

#include "base/arena.h"
#include "base/trace.h"
#include "channel/pattern.h"
#include "credential/credential.h"

/* Everything a rule may refer to: "user" and "user.NAME" from the identity, captures of the channel
 * and of the endpoint's path by their names, "now" as naive text in the database's time zone. */
struct scope {
	const struct identity *identity;
	const struct captures *channel;
	const struct captures *path;
	struct text now;
	const struct companion_ask *brought; /* with the credential's lookup; NULL: nothing */
	const struct question_answer
	    *answer;         /* to the rule, asked for several at once; NULL: none */
	struct trace *trace; /* NULL: nobody asks how it was decided */
};

/* The value for a name, VALUE_NONE when there is none: the caller refuses. */
struct value scope_value(const struct scope *scope, struct text name);

/* ALLOWED when every value that the identity and a capture have under one name is the same; else
 * VALUE_DISAGREES with the name. An identity that has no value where the path has one disagrees. */
struct verdict scope_agrees(const struct scope *scope, struct arena *arena);

#endif
