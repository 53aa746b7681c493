/* How is one JSON text parsed strictly? For the codec room: the tree is jansson's. */
#ifndef CASTGATE_CODEC_JSON_PARSE_H
#define CASTGATE_CODEC_JSON_PARSE_H

#include "base/text.h"

#define JSON_LEVELS_MAX 32

struct json_t;

/* What may stand at the top. JSON_TOP_EXACT is an object whose integers are kept as integers; the
 * others keep them as reals. */
enum json_top { JSON_TOP_OBJECT, JSON_TOP_ANY, JSON_TOP_EXACT };

/* Parse one whole text (RFC 8259). The caller owns the tree and ends it with json_decref. NULL
 * with *problem set (a static sentence) when it is not well-formed UTF-8 JSON, repeats a member
 * name, holds U+0000, has trailing bytes or more than 32 levels, or when memory is out. An integer
 * beyond 64 bits is accepted, as a real, but not where integers are exact. jansson's memory is freed without being wiped: whatever
 * must not stay behind is in the caller's arena or in no JSON at all. */
struct json_t *json_parse(struct text input, enum json_top top, const char **problem);

#endif
