/* What does castgate explain try out, and how does it tell the outcome? */
#ifndef CASTGATE_CLI_EXPLAIN_H
#define CASTGATE_CLI_EXPLAIN_H

#include "base/trace.h"
#include "endpoint/call.h"

#define EXPLAIN_MAX_VALUES 32

/* From where a credential is read; never from the command line, where others could see it. */
enum explain_stdin {
	EXPLAIN_STDIN_NONE,
	EXPLAIN_STDIN_BEARER, /* a token, for Authorization */
	EXPLAIN_STDIN_COOKIE, /* a Cookie header's value */
	EXPLAIN_STDIN_QUERY,  /* a query string */
	EXPLAIN_STDIN_REQUEST /* a whole HTTP request */
};

/* As given on the command line; NULL where not given. */
struct explain_options {
	const char *config_path;
	const char *channel;
	const char *endpoint;
	const char *socket_id;
	const char *ip;
	const char *user;                              /* is taken for proven */
	const char *owner_type;                        /* of that user */
	struct named_value values[EXPLAIN_MAX_VALUES]; /* of that user */
	size_t value_count;
	enum explain_stdin from;
	bool sign;
	bool json;
};

/* Build the request from the options and standard input. False with a sentence in *problem. Belongs to
 * the arena; `max_body` as a transport has it. */
bool explain_request(const struct explain_options *options, const struct service *service,
    size_t max_body, struct arena *arena, struct exchange *exchange, const char **problem);

/* What there is to tell. */
struct explanation {
	const struct explain_options *options;
	const struct call *call;
	const struct trace *trace;
	int status;
	int64_t microseconds;
	struct db_count asked;
};

/* Tell it to standard output, to a person or to a program. Neither shows a token, a cookie, or without
 * `sign` what was signed. */
void explain_print(const struct explanation *explanation);
bool explain_print_json(const struct explanation *explanation, struct arena *arena);

/* The credential of the call's endpoint that a step of kind TRACE_CREDENTIAL is about, and its place. */
const struct credential *explain_credential(
    const struct call *call, struct text name, size_t *index);

/* What it came to: something was refused; everything was allowed that was asked, each channel of a batch included;
 * or neither is known, after an outage or where steps are missing that may have been refusals. */
enum explain_end { EXPLAIN_REFUSED, EXPLAIN_ALLOWED, EXPLAIN_UNKNOWN };
enum explain_end explain_end(const struct explanation *explanation);

/* What the operator does about it, in plain words; the statement that refused, to be run by hand; NULL
 * where there is none. */
const char *explain_cure(const struct explanation *explanation);
const char *explain_statement(const struct explanation *explanation);

#endif
