/* How are refusals worded and ordered for one kind of client? */
#ifndef CASTGATE_ENDPOINT_DIALECT_H
#define CASTGATE_ENDPOINT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/verdict.h"
#include "codec/json_write.h"

/* What must hold before a channel is looked at; the first that fails is the answer. */
enum dialect_step {
	STEP_END,
	STEP_PRESENTED, /* some credential came along; no query */
	STEP_SYNTAX,    /* socket_id and channel_name are well-formed; no query */
	STEP_PROVEN     /* the credential is valid */
};

/* In a body "%p" stands for the HTTP phrase, "%P" for that as a code ("NOT_FOUND"), "%n" for the status, "%m" for the message and "%c" for
 * the code, the last two as JSON strings. */
struct dialect_body {
	int status;
	const char *content_type;
	const char *body;
};

/* A dialect is data. Statuses without a row in `bodies` get `other`. */
struct dialect {
	const char *name;
	enum json_style json_style;
	enum dialect_step steps[4];
	bool missing_channel_is_refusal; /* 403 after the credential instead of 400 */
	bool has_rate_headers;           /* X-RateLimit-Limit and -Remaining as well */
	int credential_missing_status;   /* 401, unless the clients know another */
	int credential_refused_status;   /* likewise */
	const char *other_content_type;
	const char *other;
	struct dialect_body bodies[6];
	struct dialect_body developer;  /* instead of that status's body, for developers */
	const char *developer_fallback; /* its code where no deny section says one */
};

/* The dialect with this name; NULL when this version does not serve it. */
const struct dialect *dialect_named(const char *name);

/* The HTTP status of a verdict in this dialect. */
int dialect_status(const struct dialect *dialect, struct verdict verdict);

/* What a body says beyond its status. Only `message` may reach clients that are no developers. */
struct dialect_words {
	struct text message; /* of a refusal; absent: the HTTP phrase */
	struct text code;    /* absent: the client is no developer */
	struct text meaning; /* for developers: what `developer` says as its message */
	bool explained;      /* `code` is the label of a deny section */
};

/* The body for a status that is neither 200 nor 204. A developer gets the dialect's own body for
 * them, or a JSON body with one member "code" more. Absent when the arena is full. */
struct text dialect_body(const struct dialect *dialect, int status,
    const struct dialect_words *words, struct arena *arena, const char **content_type);

/* A JSON object of at least one member with the member "code" after it; the object itself where there
 * is no code. Absent when the arena is full. */
struct text dialect_add_code(struct text body, struct text code, struct arena *arena);

#endif
