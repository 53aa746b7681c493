/* One growing chain of chunks: handed out front to back, wiped as a whole. */
#include "platform.h"
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 16384
#define ALIGNMENT _Alignof(max_align_t)

struct chunk {
	struct chunk *next;
	size_t size;
	size_t used;
	size_t zeroed; /* so many from the front on have been zeroed once, and wiped since */
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *first;
	struct chunk *current;
	size_t limit;
	size_t handed_out;
};

/* An ordinary chunk is zeroed as it is handed out, so that a short life touches few pages; a large one is
 * for one caller, and the kernel zeroes it. */
static struct chunk *chunk_new(size_t size)
{
	bool large = size > CHUNK_BYTES;
	struct chunk *chunk =
	    large ? calloc(1, sizeof(*chunk) + size) : malloc(sizeof(*chunk) + size);

	if (chunk)
		*chunk = (struct chunk){.size = size, .zeroed = large ? size : 0};
	return chunk;
}

static unsigned char *hand_out(struct chunk *chunk, size_t size)
{
	unsigned char *start = chunk->data + chunk->used;

	chunk->used += size;
	if (chunk->used > chunk->zeroed) {
		memset(chunk->data + chunk->zeroed, 0, chunk->used - chunk->zeroed);
		chunk->zeroed = chunk->used;
	}
	return start;
}

struct arena *arena_new(size_t limit)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->first = chunk_new(CHUNK_BYTES);
	if (!arena->first) {
		free(arena);
		return NULL;
	}
	arena->current = arena->first;
	arena->limit = limit;
	return arena;
}

void arena_wipe(struct arena *arena)
{
	struct chunk *chunk = arena->first->next;

	while (chunk) {
		struct chunk *next = chunk->next;

		explicit_bzero(chunk->data, chunk->used);
		free(chunk);
		chunk = next;
	}
	explicit_bzero(arena->first->data, arena->first->used);
	arena->first->used = 0;
	arena->first->next = NULL;
	arena->current = arena->first;
	arena->handed_out = 0;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_wipe(arena);
	free(arena->first);
	free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	struct chunk *chunk = arena->current;

	if (rounded < size || rounded > arena->limit - arena->handed_out)
		return NULL;
	if (rounded > chunk->size - chunk->used) {
		struct chunk *fresh = chunk_new(rounded > CHUNK_BYTES ? rounded : CHUNK_BYTES);

		if (!fresh)
			return NULL;
		chunk->next = fresh;
		arena->current = chunk = fresh;
	}
	arena->handed_out += rounded;
	return hand_out(chunk, rounded);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, count * size);
}

char *arena_copy(struct arena *arena, const void *data, size_t length)
{
	char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;

	if (copy && length)
		memcpy(copy, data, length);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list again;
	va_list args;
	char *text = NULL;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	if (length >= 0)
		text = arena_alloc(arena, (size_t)length + 1);
	if (text)
		(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}
