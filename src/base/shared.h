/* What do all processes of one installation know together, without a daemon? */
#ifndef CASTGATE_BASE_SHARED_H
#define CASTGATE_BASE_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/origin.h"
#include "base/report.h"

/* Single 64-bit words in a mapped file. Each word is complete in itself, so a process that is
 * killed between any two instructions leaves nothing half done. Zero means "nothing known". */
enum shared_word {
	SHARED_DATABASE_OUTAGE,      /* see db/outage.h */
	SHARED_DATABASE_OUTAGE_CODE, /* what the database said last when it was away */
	SHARED_REPLICA_OUTAGE,       /* as the first, of the replicas */
	SHARED_SECOND_LOOKS,         /* see db/budget.h */
	SHARED_PRIMARY_WANTED,       /* these four: see db/slots.h */
	SHARED_PRIMARY_TURN,
	SHARED_REPLICA_WANTED,
	SHARED_REPLICA_TURN,
	SHARED_PRIMARY_FAILURES, /* from here on counts: tries that failed */
	SHARED_REPLICA_FAILURES,
	SHARED_PRIMARY_CONNECTS,
	SHARED_REPLICA_CONNECTS,
	SHARED_HOLDS,         /* questions that were put again because of a failure */
	SHARED_FAST_FAILURES, /* questions that were not put, since the database was known to be away */
	SHARED_CONFIG_AGREED, /* the print of a configuration that both of its readers read alike */
	SHARED_WORDS = 64
};

struct shared;

/* Map STATE_DIR/shared, creating the folder (0700) and the file (0600) where they lack. Where that
 * cannot be done, or the file system is a network one whose mappings are not coherent, the words
 * are this process's alone and a warning is reported. NULL when out of memory. `folder` NULL means
 * private words without a warning. Ended with shared_close. */
struct shared *shared_open(const char *folder, struct origin origin, struct report *report);
void shared_close(struct shared *shared);

/* Where the words live unless state_dir says otherwise: HOME/.castgate/state when HOME/.castgate is
 * this user's, else /run/castgate when that is, else NULL. `home` may be NULL. */
const char *shared_default_folder(const char *home, struct arena *arena);

/* One word; lives as long as the mapping. */
_Atomic uint64_t *shared_word(struct shared *shared, enum shared_word word);

/* True when other processes see the words too. */
bool shared_is_common(const struct shared *shared);

/* Claim a number that only one mapping of the file has at a time, without waiting. Given back by
 * shared_unclaim or shared_close, or by the kernel when the process ends, however it ends. False
 * when another has it, and always where the words are private. One system call. */
bool shared_claim(struct shared *shared, unsigned number);
void shared_unclaim(struct shared *shared, unsigned number);

/* Has anybody else a claim on one of `count` numbers? One system call. */
bool shared_is_claimed(const struct shared *shared, unsigned first, unsigned count);

/* Open a named pipe in the folder, made where it lacks: a byte written by one process makes it
 * readable for all that poll it. Never blocks. -1 when there cannot be one. The caller closes it. */
int shared_open_bell(const struct shared *shared, const char *name);

#endif
