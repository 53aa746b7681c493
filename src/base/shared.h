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
	SHARED_DATABASE_OUTAGE, /* see db/outage.h */
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

#endif
