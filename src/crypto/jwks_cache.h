/* What do all processes know together about one fetched key set? */
#ifndef CASTGATE_CRYPTO_JWKS_CACHE_H
#define CASTGATE_CRYPTO_JWKS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* Two files in the state folder, named after the address and the CA file (what one CA vouched for is
 * not believed under another): the key set with the time it was fetched,
 * replaced by renaming, and a lock that remembers the last attempt. Both are 0600. A file that
 * belongs to somebody else or that others may write is not believed. */
struct jwks_cache;

/* `ca_file` may be NULL. `folder` NULL: there are no files, nothing is found and nothing is kept. NULL when out of memory.
 * Ended with jwks_cache_close. */
struct jwks_cache *jwks_cache_open(const char *folder, const char *address, const char *ca_file);
void jwks_cache_close(struct jwks_cache *cache);

/* Has the key set been replaced since it was last read? */
bool jwks_cache_changed(const struct jwks_cache *cache);

/* Read the key set, and when it was fetched (seconds since 1970). False, and the same again until the
 * file changes, when there is none that can be believed. */
bool jwks_cache_read(
    struct jwks_cache *cache, struct arena *arena, struct text *json, int64_t *fetched);

/* Keep a key set. False when it cannot be written; the one before is then still there. Only for the
 * holder of the lock. */
bool jwks_cache_write(struct jwks_cache *cache, struct text json, int64_t fetched);

/* The last try at fetching. Zeroed memory: there was none. */
struct jwks_attempt {
	int64_t seconds; /* since 1970 */
	bool succeeded;
};

/* Take the lock without waiting. It is gone with its holder, however that ends. JWKS_LOCK_NONE: the
 * file cannot be had, so every process is on its own. */
enum jwks_lock { JWKS_LOCK_NONE, JWKS_LOCK_BUSY, JWKS_LOCK_TAKEN };
enum jwks_lock jwks_cache_lock(struct jwks_cache *cache);
void jwks_cache_unlock(struct jwks_cache *cache);

/* Look at, or write, the last attempt. The lock must be held; without one nothing happens. */
struct jwks_attempt jwks_cache_attempt(const struct jwks_cache *cache);
void jwks_cache_note(struct jwks_cache *cache, struct jwks_attempt attempt);

#endif
