/* How is text of unknown length built in an arena without losing an error? */
#ifndef CASTGATE_BASE_BUFFER_H
#define CASTGATE_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* A growing text. Once an append failed (arena full) every later one does nothing and `failed`
 * stays set, so one look at the end is enough. The bytes belong to the arena. */
struct buffer {
	struct arena *arena;
	char *data;
	size_t length;
	size_t capacity;
	bool failed;
};

struct buffer buffer_start(struct arena *arena);

/* Make room for so many bytes at once, for a text whose length is known roughly. It is only a wish: where there is
 * not so much room, nothing happens. */
void buffer_expect(struct buffer *buffer, size_t bytes);

/* Append where there may be no room yet. */
void buffer_grow(struct buffer *buffer, struct text text);

/* Most pieces are short and fit, so this much is inline. */
static inline void buffer_add(struct buffer *buffer, struct text text)
{
	if (buffer->failed || buffer->capacity - buffer->length <= text.length || !text.length) {
		buffer_grow(buffer, text);
		return;
	}
	memcpy(buffer->data + buffer->length, text.data, text.length);
	buffer->length += text.length;
}

static inline void buffer_add_string(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, text_of(string));
}

static inline void buffer_add_byte(struct buffer *buffer, char byte)
{
	buffer_add(buffer, (struct text){&byte, 1});
}

/* In decimal digits; a good deal cheaper than buffer_printf, for what is written for every request. */
void buffer_add_number(struct buffer *buffer, uint64_t number);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Finish: the text built, NUL-terminated beyond its length; absent when any append failed. */
struct text buffer_text(struct buffer *buffer);

#endif
