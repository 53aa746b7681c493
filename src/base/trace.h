/* What did the code that decides see on its way? Kept for castgate explain alone. */
#ifndef CASTGATE_BASE_TRACE_H
#define CASTGATE_BASE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/value.h"
#include "base/verdict.h"

/* The responder decides with a NULL trace: then nothing is kept, and nothing else is different. No
 * step holds a token, a hash of one, or a signature. */
enum trace_kind {
	TRACE_ROUTE,      /* subject: the endpoint's path, absent where none is configured */
	TRACE_SCREEN,     /* method and body */
	TRACE_LIMITS,     /* throttle */
	TRACE_PRESENTED,  /* did a credential come along? */
	TRACE_SYNTAX,     /* socket_id and channel_name */
	TRACE_CREDENTIAL, /* subject: one credential of the chain, by its name; token_id, expires */
	TRACE_PROVEN,     /* what the chain came to, and whether that is meant for this request */
	TRACE_CHANNEL,    /* subject: the channel that all further steps are about */
	TRACE_MISS,       /* subject: the label of a rule that does not match; see reached */
	TRACE_RULE,       /* subject: the label of a rule that matched; values: captures */
	TRACE_LATER, /* subject: the label of a rule that matches too, after the one that decided */
	TRACE_TEMPLATE,  /* subject: the channel built for this user; see reached */
	TRACE_STATEMENT, /* subject: the rule's label; sql, values: parameters */
	TRACE_CONDITION, /* subject: a deny section's label; sql, values, row; ALLOWED: it holds */
	TRACE_TICKET,    /* subject: channel_data, absent where there is none */
	TRACE_ENTRY,     /* subject: a channel of a batch; what became of it */
	TRACE_KINDS
};

/* Members that a kind does not name are zero. Texts are borrowed from the request, but for `row`,
 * whose names are copies. */
struct trace_step {
	enum trace_kind kind;
	struct text subject;
	const char
	    *title; /* what the operator called it: a rule's pattern, a deny section's message */
	struct verdict verdict;
	struct text token_id; /* of a genuine token, expired or not */
	const char *about;    /* what else is known of it; whoever tells the trace finds out */
	int64_t expires_microseconds; /* when a token ends; 0: never, or not known */
	size_t reached;               /* so many bytes of the channel's name fit */
	const char *sql;              /* with its values, as it can be run by hand */
	const struct named_value *values;
	size_t value_count;
	const struct named_value *row;
	size_t row_count;
	struct trace_step *next;
};

struct trace {
	struct arena *arena; /* of its own, so that no decision lacks memory for it */
	struct trace_step *first;
	struct trace_step *last;
	struct trace_step lost; /* what did not fit; not in the list */
	bool truncated;
};

/* Append a step. Never NULL: without memory for it, one that is in no list. */
struct trace_step *trace_add(struct trace *trace, enum trace_kind kind);

/* Append a step that is a subject and a verdict. Nothing happens without a trace. */
void trace_note(
    struct trace *trace, enum trace_kind kind, struct text subject, struct verdict verdict);

/* A copy of an array of values, their names as well; NULL without memory for it. */
struct named_value *trace_copy(struct trace *trace, const struct named_value *values, size_t count);

#endif
