/* Is one value well-formed? Each answer is NULL, or how the value must be ("must be ..."). */
#ifndef CASTGATE_CONFIG_SYNTAX_H
#define CASTGATE_CONFIG_SYNTAX_H

#include "base/text.h"

/* Both sides of "NAME = VALUE", trimmed; the value is absent when there is no '='. */
void syntax_split(const char *item, struct text *name, struct text *value);

/* A column: letters, digits, '_', '$' and '-', at most 64 bytes; so that quoting it is safe. */
const char *syntax_column(const char *value);

/* A table: a column's syntax, or two of them with a dot between. */
const char *syntax_table(const char *value);

/* A parameter or member name: a letter or '_', then letters, digits and '_'. */
const char *syntax_name(const char *value);

/* A parameter: a name, or "user.NAME". */
const char *syntax_parameter(const char *value);

/* "NAME" or "NAME = VALUE", VALUE a column or parameter. */
const char *syntax_member(const char *value);

/* "NAME" or "NAME = CLAIM". */
const char *syntax_claim(const char *value);

/* The name of a claim, or the way to it. */
const char *syntax_claim_name(const char *value);

/* "FIELD = COLUMN", FIELD one of better-auth's session. */
const char *syntax_session_field(const char *value);

/* "REASON = TEXT", REASON one of the outcome table or "other". */
const char *syntax_message(const char *value);

/* A deny label: capital letters, digits and '_'. */
const char *syntax_label(const char *value);

/* A title that is a name: printable ASCII without quotes and blanks at the ends. */
const char *syntax_title(const char *value);

/* "HOST", "HOST:PORT", "[IPV6]" or "[IPV6]:PORT". */
const char *syntax_host(const char *value);

/* An address or "ADDRESS/BITS". */
const char *syntax_network(const char *value);

/* A network that is not everybody, or "unix". */
const char *syntax_proxy(const char *value);

/* "SCHEME://HOST[:PORT]" exactly as a browser sends it. */
const char *syntax_origin(const char *value);

/* An endpoint's path: absolute, normal, without query; captures are looked at elsewhere. */
const char *syntax_endpoint(const char *value);

/* Where a credential comes from: "bearer", "cookie", "header:X", ... */
const char *syntax_source(const char *value);

/* An https:// address, or anything that is no address at all. */
const char *syntax_jwks(const char *value);

/* A cookie name's prefix. */
const char *syntax_cookie(const char *value);

/* Where lines go, which "required" does not say. */
const char *syntax_audit(const char *value);

/* A time zone this machine knows. May set TZ; see clock_zone_parse. */
const char *syntax_zone(const char *value);

/* A channel name, prefix included, whose captures stand in balanced braces. */
const char *syntax_template(const char *value);

/* Any text in which values stand in balanced braces. */
const char *syntax_sentence(const char *value);

#endif
