/* Which one channel does a template stand for in the request at hand? */
#ifndef CASTGATE_CHANNEL_TEMPLATE_H
#define CASTGATE_CHANNEL_TEMPLATE_H

#include "base/report.h"
#include "channel/scope.h"

/* A template is a whole channel name in which each {NAME} stands for a value of the scope. */

/* Report what makes a template useless: values that follow each other, for which every boundary
 * would be a guess, and names that are neither {user}, {user.NAME} nor captures of these patterns
 * (either may be NULL). A value right after the prefix is a warning. False when there was an error. */
bool template_check(const char *template, struct origin origin, const struct pattern *channel,
    const struct pattern *path, struct report *report);

/* A sentence is any text in which {NAME} stands for a value. Report names that have none, as
 * template_check does; `directive` is what the operator wrote it in. */
bool template_check_sentence(const char *sentence, const char *directive, struct origin origin,
    const struct pattern *channel, const struct pattern *path, struct report *report);

/* Fill it in for a person; what has no value stays as it is. NULL when the arena is full. */
const char *template_write_sentence(
    const char *sentence, const struct scope *scope, struct arena *arena);

/* Does the channel begin as the template does up to its first value of the identity? Captures of the
 * path are filled in. */
bool template_begins(const char *template, const struct captures *path, struct text channel);

/* Build the channel and compare it whole: ALLOWED, or TEMPLATE_MISMATCH. VALUE_MISSING when a value
 * has none: a template is never built in part. TEMPLATE_AMBIGUOUS when values run into the literal
 * text so that other values would build the same name: reading the name from the left, each value
 * must end where the literal after it first occurs, and the name must be of the kind (private,
 * private-encrypted, ...) that the template's own text says. Thus no two scopes that are allowed
 * share a name. RESOURCES_EXHAUSTED when the arena is full. */
struct verdict template_compare(
    const char *template, const struct scope *scope, struct text channel, struct arena *arena);

#endif
