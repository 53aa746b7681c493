/* How is JSON written so that the bytes are exactly those a given client expects? */
#ifndef CASTGATE_CODEC_JSON_WRITE_H
#define CASTGATE_CODEC_JSON_WRITE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/value.h"

/* JSON_PHP writes what PHP's json_encode() writes by default: '/' as "\/", every character beyond
 * ASCII as \uXXXX (lower-case hex, surrogate pairs). JSON_PLAIN escapes only what RFC 8259
 * demands; JSON_LOG as well what some take for the end of a line or obey on a terminal (DEL, U+0080
 * to U+009F, U+2028 to U+202E, U+2066 to U+2069). All write \b \f \n \r \t \" \\ and \u00XX for
 * other controls; 0x7f stays in the first two. */
enum json_style { JSON_PLAIN, JSON_PHP, JSON_LOG };

/* Each function below returns false when its input cannot be written, and true when it can, even if
 * the arena was full: that is seen in the buffer at the end, as always. */

/* Append a quoted string. False, with the buffer marked failed, when `text` is absent or not
 * UTF-8. */
bool json_add_string(struct buffer *buffer, struct text text, enum json_style style);

/* Has it nothing but printable ASCII, without quotes and backslashes? Then it is itself between quotes in every style,
 * but for the slashes of JSON_PHP. */
bool json_string_is_plain(struct text text);

/* Append a row's value: integers, decimals and doubles as numbers, text as a string. False for
 * VALUE_NONE and VALUE_BINARY (nothing is appended), as json_add_string, and, with the buffer
 * marked failed, for a number that JSON cannot write ("007", "inf"). */
bool json_add_value(struct buffer *buffer, struct value value, enum json_style style);

/* Append a JSON document given as text, scalars included, without white space, strings rewritten in
 * `style`, member order kept. Numbers are copied digit for digit, so 1.0 stays 1.0 and integers
 * beyond 64 bits stay whole; PHP, which parses them first, would write 1 and 1.8e+19. False, with
 * the buffer marked failed, when `json` is not one well-formed document, repeats a member name at
 * any depth, holds U+0000, or has more than 32 levels. */
bool json_add_document(struct buffer *buffer, struct text json, enum json_style style);

#endif
