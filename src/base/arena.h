/* Where does a request's memory come from, and how is it wiped? */
#ifndef CASTGATE_BASE_ARENA_H
#define CASTGATE_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* Create an arena that will hand out at most `limit` bytes between two wipes. NULL when out of
 * memory. The caller owns it and ends it with arena_free. */
struct arena *arena_new(size_t limit);

/* Overwrite everything handed out since the last wipe, and start again from empty. All pointers
 * into the arena are dead afterwards. Keeps one chunk, so a steady service allocates nothing. */
void arena_wipe(struct arena *arena);

/* Wipe and release the arena. NULL is allowed. */
void arena_free(struct arena *arena);

/* Hand out `size` zeroed bytes, aligned for any type. NULL when the limit is reached or memory is
 * out: the caller turns that into a refusal. The arena owns the bytes. */
void *arena_alloc(struct arena *arena, size_t size);

/* Hand out room for `count` elements of `size` bytes; NULL also when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Copy `length` bytes and add a terminating NUL that is not counted. NULL as arena_alloc. */
char *arena_copy(struct arena *arena, const void *data, size_t length);

/* Format into the arena, NUL-terminated. NULL as arena_alloc, or when formatting fails. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
