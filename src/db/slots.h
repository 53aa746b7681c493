/* May this process open one more connection, where all of an account's share a number of them?
 * Inside db/ only. */
#ifndef CASTGATE_DB_SLOTS_H
#define CASTGATE_DB_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/shared.h"

/* Slots are claims on numbers (base/shared.h), so the kernel frees those of a process that dies,
 * however it dies; so are the places of those who wait. The words only say where to look: `wanted`
 * is not zero while somebody may be waiting, `turn` counts the slots given back and is what waiters
 * sleep on, in the order of their coming. The bell wakes a process that holds a slot and has nothing
 * to do. One for each kind of server; zeroed memory keeps to nothing. */
struct slots {
	struct shared *shared; /* NULL: each process is on its own, and every slot is free */
	unsigned first;        /* number of the first slot */
	unsigned count;
	_Atomic uint64_t *wanted;
	_Atomic uint32_t *turn;
	int bells; /* epoll descriptor that listens to the bell while a slot is held; -1: none */
	int bell;  /* -1: none */
	int slot;  /* -1: none held */
	int place;
	uint32_t seen;
	bool polite;
};

/* Which servers are meant; each kind has its own slots. */
enum slots_kind { SLOTS_PRIMARY, SLOTS_REPLICA, SLOTS_KINDS };

/* Share `count` slots with all processes that see the same words. `shared` NULL or private: every
 * slots_take succeeds. `bells` may be -1. Ended with slots_close, which gives a slot back. */
void slots_open(
    struct slots *slots, struct shared *shared, enum slots_kind kind, unsigned count, int bells);
void slots_close(struct slots *slots);

/* Take a slot without waiting; true at once when one is held. The first time it is refused when
 * others already wait: they come first. One system call where a slot is free. */
bool slots_take(struct slots *slots);

/* After slots_take said no: wait until a slot was given back, at most so many milliseconds (less is
 * possible: call slots_take again). Asks those who hold one idly to give it up. */
void slots_wait(struct slots *slots, int64_t milliseconds);

/* Stop waiting without a slot. */
void slots_stop_waiting(struct slots *slots);

/* Give the slot back and wake who waited longest. */
void slots_give_back(struct slots *slots);

/* Does another process wait for a slot while this one holds one? Costs one load while nobody does. */
bool slots_wanted(struct slots *slots);

/* Take one ring of the bell, all of them when nobody waits any more. */
void slots_hear(struct slots *slots);

#endif
