/* How does a reader add one field, within the limits that all readers share? */
#ifndef CASTGATE_CODEC_FIELDS_APPEND_H
#define CASTGATE_CODEC_FIELDS_APPEND_H

#include "codec/fields.h"

#define FIELDS_MAX 1000

/* Add a field. False, as fields_refuse, when there are too many or the arena is full. */
bool fields_append(
    struct fields *fields, struct field field, struct arena *arena, const char **problem);

/* A text field, or a list item when the name ends in [] or [DIGITS], which is then cut off. */
struct field fields_named(struct text name, struct text value);

/* Forget every field and say why: always false, so that half a request is never used. */
bool fields_refuse(struct fields *fields, const char *sentence, const char **problem);

/* The sentence for a full arena. */
bool fields_refuse_full(struct fields *fields, const char **problem);

#endif
