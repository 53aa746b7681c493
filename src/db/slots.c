/* Claims that die with their holder, a line of waiters on a futex, and a bell for the idle. */
#include "platform.h"
#include "db/slots.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Numbers of one kind: slots from 0, places of waiters from PLACES. */
#define NUMBERS 65536
#define PLACES 32768
#define PLACE_COUNT 4096

/* A waiter looks again this often by itself: a holder that was killed wakes nobody. */
#define LOOK_MILLISECONDS 200
/* How long a newcomer lets those go first who already wait. */
#define POLITE_MILLISECONDS 5

static const struct {
	enum shared_word wanted;
	enum shared_word turn;
	const char *bell;
} kinds[SLOTS_KINDS] = {
    [SLOTS_PRIMARY] = {SHARED_PRIMARY_WANTED, SHARED_PRIMARY_TURN, "primary-wanted"},
    [SLOTS_REPLICA] = {SHARED_REPLICA_WANTED, SHARED_REPLICA_TURN, "replica-wanted"},
};

void slots_open(
    struct slots *slots, struct shared *shared, enum slots_kind kind, unsigned count, int bells)
{
	*slots = (struct slots){.bells = bells, .bell = -1, .slot = -1, .place = -1};
	if (!shared || !shared_is_common(shared))
		return;
	slots->shared = shared;
	slots->first = (unsigned)kind * NUMBERS;
	slots->count = count < PLACES ? count : PLACES;
	slots->wanted = shared_word(shared, kinds[kind].wanted);
	/* a futex has 32 bits; nothing else looks at this word, so its first half will do */
	slots->turn = (_Atomic uint32_t *)shared_word(shared, kinds[kind].turn);
	slots->bell = shared_open_bell(shared, kinds[kind].bell);
}

void slots_close(struct slots *slots)
{
	slots_give_back(slots);
	slots_stop_waiting(slots);
	if (slots->shared && slots->bell >= 0)
		close(slots->bell);
	*slots = (struct slots){.bells = -1, .bell = -1, .slot = -1, .place = -1};
}

static void listen_to_bell(const struct slots *slots, int operation)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (slots->bells >= 0 && slots->bell >= 0)
		(void)epoll_ctl(slots->bells, operation, slots->bell, &event);
}

/* Claim any of `count` numbers; its distance from the first, or -1. Processes start looking at
 * different ones, so that where there is room the first look finds it. */
static int claim_any(struct shared *shared, unsigned first, unsigned count)
{
	unsigned start = (unsigned)getpid() % count;

	for (unsigned i = 0; i < count; i++) {
		unsigned index = (start + i) % count;

		if (shared_claim(shared, first + index))
			return (int)index;
	}
	return -1;
}

/* The word is a hint; the claims of those who wait are the truth, and die with them. */
static bool others_wait(struct slots *slots)
{
	uint64_t seen = atomic_load_explicit(slots->wanted, memory_order_relaxed);

	if (seen == 0)
		return false;
	seen = atomic_load(slots->wanted);
	if (shared_is_claimed(slots->shared, slots->first + PLACES, PLACE_COUNT))
		return true;
	/* who comes to wait meanwhile has changed the word, and it stays */
	(void)atomic_compare_exchange_strong(slots->wanted, &seen, 0);
	return false;
}

bool slots_take(struct slots *slots)
{
	if (!slots->shared || slots->slot >= 0)
		return true;
	slots->seen = atomic_load(slots->turn);
	slots->polite = slots->place < 0 && others_wait(slots);
	if (slots->polite)
		return false;
	slots->slot = claim_any(slots->shared, slots->first, slots->count);
	if (slots->slot < 0)
		return false;
	slots_stop_waiting(slots);
	listen_to_bell(slots, EPOLL_CTL_ADD);
	return true;
}

/* Take a place first and then change the word: whoever sees the word sees the place. */
static void stand_in_line(struct slots *slots)
{
	if (slots->place < 0)
		slots->place = claim_any(slots->shared, slots->first + PLACES, PLACE_COUNT);
	if (atomic_fetch_add(slots->wanted, 1) == UINT64_MAX)
		atomic_fetch_add(slots->wanted, 1); /* zero would mean nobody */
	if (slots->bell >= 0)
		(void)!write(slots->bell, "", 1);
}

void slots_wait(struct slots *slots, int64_t milliseconds)
{
	int64_t longest = slots->polite ? POLITE_MILLISECONDS : LOOK_MILLISECONDS;
	struct timespec timeout;

	if (!slots->shared || slots->slot >= 0)
		return;
	stand_in_line(slots);
	if (milliseconds > longest)
		milliseconds = longest;
	if (milliseconds < 1)
		milliseconds = 1;
	timeout = (struct timespec){.tv_nsec = (long)milliseconds * 1000000L};
	(void)syscall(SYS_futex, slots->turn, FUTEX_WAIT, slots->seen, &timeout, NULL, 0);
}

void slots_stop_waiting(struct slots *slots)
{
	if (slots->shared && slots->place >= 0)
		shared_unclaim(slots->shared, slots->first + PLACES + (unsigned)slots->place);
	slots->place = -1;
}

void slots_give_back(struct slots *slots)
{
	if (slots->shared && slots->slot >= 0) {
		listen_to_bell(slots, EPOLL_CTL_DEL);
		shared_unclaim(slots->shared, slots->first + (unsigned)slots->slot);
		atomic_fetch_add(slots->turn, 1);
		(void)syscall(SYS_futex, slots->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
	slots->slot = -1;
}

bool slots_wanted(struct slots *slots)
{
	return slots->shared && slots->slot >= 0 && others_wait(slots);
}

void slots_hear(struct slots *slots)
{
	char rings[64];
	size_t count = slots_wanted(slots) ? 1 : sizeof(rings);

	if (slots->bell >= 0)
		while (read(slots->bell, rings, count) == (ssize_t)sizeof(rings))
			;
}
