/* Which key set is in force now, and may a newer one be asked for? */
#ifndef CASTGATE_CRYPTO_JWKS_H
#define CASTGATE_CRYPTO_JWKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "crypto/jwk.h"

/* A fetched set is used so long without asking again. */
#define JWKS_AGE_SECONDS 600
/* After a try at fetching, failed or for an unknown key, nobody tries again for so long. */
#define JWKS_COOL_DOWN_SECONDS 30
/* While the server is away an old set is used at most so long: a key that was withdrawn must not
 * live on because somebody keeps the news away. */
#define JWKS_STALE_SECONDS (24 * 60 * 60)
/* How long one request waits for the server. */
#define JWKS_DEADLINE_MILLISECONDS 1500

struct jwks_settings {
	const char *location; /* an https:// address, or a file's path */
	const char *ca_file;  /* for an address; NULL: the system's certificates */
	const char *folder;   /* where fetched sets are kept for all processes; NULL: nowhere */
	const struct clock *clock; /* outlives the key set */
};

struct jwks;

/* Nothing is read or fetched yet. The settings' strings must outlive it. NULL when out of memory.
 * Ended with jwks_close. */
struct jwks *jwks_open(const struct jwks_settings *settings);
void jwks_close(struct jwks *jwks);

/* The set to verify with: from a file, as it is now; from an address, not older than ten minutes
 * unless the server is away. Fetches at most once, in one process at a time: others use an old set
 * meanwhile, or wait. Costs one stat when nothing is due. NULL with *problem set (static) when there
 * is none: that is an outage, never a refusal. The set belongs to `jwks` and lives until the next
 * call. */
const struct jwk_set *jwks_current(struct jwks *jwks, struct arena *arena, const char **problem);

/* Look for a set newer than the one just used, because that one lacks a token's key. Whoever sends
 * tokens with invented keys gets at most one fetch for each cool-down. JWKS_CHANGED: ask jwks_current
 * again. JWKS_UNCHANGED: the set in use is as new as can be, the key does not exist.
 * JWKS_UNREACHABLE with *problem set: nobody knows. */
enum jwks_news { JWKS_UNREACHABLE, JWKS_UNCHANGED, JWKS_CHANGED };
enum jwks_news jwks_renew(struct jwks *jwks, struct arena *arena, const char **problem);

/* How old the set in use is, in seconds; 0 for a file. */
int64_t jwks_age(const struct jwks *jwks);

#endif
