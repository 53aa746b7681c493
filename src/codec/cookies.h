/* Which cookies did the client send? */
#ifndef CASTGATE_CODEC_COOKIES_H
#define CASTGATE_CODEC_COOKIES_H

#include <stdbool.h>

#include "base/text.h"

/* A longer value is no cookie: browsers keep at most this much of name and value together. */
#define COOKIE_MAX_BYTES 4096

/* Cut cookies off the front of a Cookie header's value until one has exactly this name, and give its
 * value as it was sent: neither unquoted nor decoded, possibly empty. False at the end. Call it again
 * for further cookies of the name. Cookies are separated by ';', and by ',' before a blank: so two
 * Cookie lines look after some servers joined them, while a bare comma occurs in values. Blanks around
 * names and values do not count (RFC 6265, section 5.4, as servers read it). Pieces without '=' are
 * skipped. Allocates nothing; one pass over all calls. */
bool cookie_take(struct text *rest, const char *name, struct text *value);

#endif
