/* What kind of ASCII character is a byte, whatever the locale says? */
#ifndef CASTGATE_BASE_ASCII_H
#define CASTGATE_BASE_ASCII_H

#include <stdbool.h>
#include <string.h>

/* False for every byte beyond ASCII, and for NUL. */
static inline bool ascii_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static inline bool ascii_is_lower(char byte)
{
	return byte >= 'a' && byte <= 'z';
}

static inline bool ascii_is_letter(char byte)
{
	return ascii_is_lower(byte) || (byte >= 'A' && byte <= 'Z');
}

/* A hexadecimal digit as castgate writes them. */
static inline bool ascii_is_lower_hex(char byte)
{
	return ascii_is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

/* A letter, a digit, or one of `marks`. */
static inline bool ascii_is_word(char byte, const char *marks)
{
	return ascii_is_letter(byte) || ascii_is_digit(byte) || (byte && strchr(marks, byte));
}

#endif
