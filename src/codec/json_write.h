/* How is JSON written so that the bytes are exactly those a given client expects? */
#ifndef CASTGATE_CODEC_JSON_WRITE_H
#define CASTGATE_CODEC_JSON_WRITE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/value.h"

/* JSON_PHP writes what PHP's json_encode() writes by default: '/' as "\/", every character beyond
 * ASCII as \uXXXX (lower-case hex, surrogate pairs). JSON_PLAIN escapes only what RFC 8259
 * demands. Both write \b \f \n \r \t \" \\ and \u00XX for other controls; 0x7f stays. */
enum json_style { JSON_PLAIN, JSON_PHP };

/* Append a quoted string. False, with the buffer marked failed, when `text` is not UTF-8. */
bool json_add_string(struct buffer *buffer, struct text text, enum json_style style);

/* Append a row's value: integers, decimals and doubles as numbers, text as a string. False for
 * VALUE_NONE and VALUE_BINARY (nothing is appended), and as json_add_string. */
bool json_add_value(struct buffer *buffer, struct value value, enum json_style style);

/* Append a JSON document given as text, without white space, strings rewritten in `style`, numbers
 * kept, member order kept. False, with the buffer marked failed, when `json` is not one
 * well-formed document (repeated names refused). */
bool json_add_document(struct buffer *buffer, struct text json, enum json_style style);

#endif
