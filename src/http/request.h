/* What does the request say about itself, read from sources that every mount agrees on? */
#ifndef CASTGATE_HTTP_REQUEST_H
#define CASTGATE_HTTP_REQUEST_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/value.h"
#include "codec/fields.h"
#include "codec/trace_context.h"
#include "http/exchange.h"

/* Absent texts were not sent, or sent empty where noted. All borrowed from the exchange or the
 * arena. `fields` are the body's; `query_fields` the query string's. */
struct request {
	const struct exchange *exchange;
	struct text method;
	struct text path; /* of REQUEST_URI: percent-decoded once, one trailing slash removed */
	struct text query;
	struct text authorization; /* first non-empty of the three places Apache may leave it */
	struct text origin;
	struct trace_context caller; /* of traceparent; absent when it is not well-formed */
	struct fields fields;
	struct fields query_fields;
	const char *problem; /* NULL, or why body or query cannot be read */
	/* of the endpoint's path, once it is known; the endpoint sets them */
	const struct named_value *captures;
	size_t capture_count;
};

/* Read method, path and headers. False when REQUEST_METHOD or REQUEST_URI is missing or the path
 * cannot be decoded (NUL, or the arena is full). */
bool request_read(const struct exchange *exchange, struct arena *arena, struct request *request);

/* Read body and query into fields; what is wrong is left in request->problem. The form of the body
 * is decided by its content: '{' first means JSON, a multipart type whose body starts with its
 * boundary means multipart, everything else a form. */
void request_read_fields(struct request *request, struct arena *arena);

/* A request header by its meta-variable name without "HTTP_" ("SEC_FETCH_SITE"); absent when not
 * sent or empty. */
struct text request_header(const struct request *request, const char *name);

#endif
