/* Text that grows by doubling inside an arena and remembers its first failure. */
#include "platform.h"
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY 256

struct buffer buffer_start(struct arena *arena)
{
	return (struct buffer){.arena = arena};
}

static bool make_room(struct buffer *buffer, size_t extra)
{
	size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
	char *data;

	if (buffer->failed)
		return false;
	if (buffer->capacity - buffer->length > extra)
		return true;
	while (capacity - buffer->length <= extra)
		capacity *= 2;
	data = arena_alloc(buffer->arena, capacity);
	if (!data) {
		buffer->failed = true;
		return false;
	}
	if (buffer->length)
		memcpy(data, buffer->data, buffer->length);
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

void buffer_grow(struct buffer *buffer, struct text text)
{
	if (!make_room(buffer, text.length) || !text.length)
		return;
	memcpy(buffer->data + buffer->length, text.data, text.length);
	buffer->length += text.length;
}

void buffer_expect(struct buffer *buffer, size_t bytes)
{
	bool failed = buffer->failed;

	(void)make_room(buffer, bytes);
	buffer->failed = failed;
}

void buffer_add_number(struct buffer *buffer, uint64_t number)
{
	char digits[TEXT_U64_BYTES];

	buffer_add(buffer, text_from_u64(number, digits));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list again;
	va_list args;
	size_t room;
	int length;

	if (!make_room(buffer, 0))
		return;
	/* most pieces fit where they are; only others are formatted twice */
	room = buffer->capacity - buffer->length;
	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(buffer->data + buffer->length, room, format, args);
	if (length >= 0 && (size_t)length >= room && make_room(buffer, (size_t)length))
		(void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
	if (length < 0)
		buffer->failed = true;
	else if (!buffer->failed)
		buffer->length += (size_t)length;
	va_end(again);
	va_end(args);
}

struct text buffer_text(struct buffer *buffer)
{
	if (!make_room(buffer, 0))
		return (struct text){0};
	buffer->data[buffer->length] = '\0';
	return (struct text){buffer->data, buffer->length};
}
