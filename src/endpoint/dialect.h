/* How are refusals worded and ordered for one kind of client? */
#ifndef CASTGATE_ENDPOINT_DIALECT_H
#define CASTGATE_ENDPOINT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "codec/json_write.h"

/* What must hold before a channel is looked at; the first that fails is the answer. */
enum dialect_step {
	STEP_END,
	STEP_PRESENTED, /* some credential came along; no query */
	STEP_SYNTAX,    /* socket_id and channel_name are well-formed; no query */
	STEP_PROVEN     /* the credential is valid */
};

struct dialect_body {
	int status;
	const char *content_type;
	const char *body;
};

/* A dialect is data. Statuses without a row get `other` with the HTTP phrase in place of "%s". */
struct dialect {
	const char *name;
	enum json_style json_style;
	enum dialect_step steps[4];
	bool missing_channel_is_refusal; /* 403 after the credential instead of 400 */
	bool has_rate_headers;           /* X-RateLimit-Limit and -Remaining as well */
	const char *other_content_type;
	const char *other;
	struct dialect_body bodies[6];
};

/* The dialect with this name; NULL when this version does not serve it. */
const struct dialect *dialect_named(const char *name);

/* The body for a status that is not 200. Absent when the arena is full. */
struct text dialect_body(
    const struct dialect *dialect, int status, struct arena *arena, const char **content_type);

#endif
