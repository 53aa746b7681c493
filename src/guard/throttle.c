/* GCRA over a table of words: each word is the moment at which its debts are paid off. */
#include "platform.h"
#include "guard/throttle.h"

#include <stdlib.h>
#include <string.h>

#include "base/word_file.h"
#include "crypto/digest.h"

#define LAYOUT UINT64_C(0x6361737474687231)
#define SLOTS (UINT64_C(1) << 18)
/* Before the slots: the layout, which is not counted, the key, and room up to a cache line. */
#define KEY_LOW 0
#define KEY_HIGH 1
#define FIRST_SLOT 7

/* said at start and by `castgate check` */
#define ALONE                                                                                      \
	"each process counts on its own, so the limits of throttle hold for each one, and for "    \
	"CGI not at all"

#define MINUTE_MICROSECONDS INT64_C(60000000)
#define LONGEST_DEBT (60 * MINUTE_MICROSECONDS)
#define BEFORE_RESTART (120 * MINUTE_MICROSECONDS)

struct throttle {
	struct word_file *file;
	struct siphash_key key;
};

/* A half of the file's key: whoever comes first draws it, all others find it. 0 when there are no
 * random bytes. */
static uint64_t agree_on_half(_Atomic uint64_t *word)
{
	uint64_t seen = 0;
	uint64_t drawn = 0;

	if (atomic_load(word) == 0 &&
	    (!random_bytes((unsigned char *)&drawn, sizeof(drawn)) || !drawn))
		return 0;
	return atomic_compare_exchange_strong(word, &seen, drawn) ? drawn : seen;
}

static bool open_table(struct throttle *throttle, const char *folder, const char **problem)
{
	throttle->file = word_file_open(folder, "throttle", LAYOUT, FIRST_SLOT + SLOTS, problem);
	if (!throttle->file)
		return false;
	throttle->key.low = agree_on_half(word_file_word(throttle->file, KEY_LOW));
	throttle->key.high = agree_on_half(word_file_word(throttle->file, KEY_HIGH));
	return throttle->key.low && throttle->key.high;
}

struct throttle *throttle_open(const char *folder, struct origin origin, struct report *report)
{
	struct throttle *throttle = calloc(1, sizeof(*throttle));
	const char *problem = NULL;

	if (!throttle || !open_table(throttle, folder, &problem)) {
		report_add(report, REPORT_ERROR, origin,
		    "the throttle cannot work: no memory, or no random bytes");
		throttle_close(throttle);
		return NULL;
	}
	if (problem)
		report_add(report, REPORT_WARNING, origin,
		    "state_dir %s: the file \"throttle\" %s: " ALONE, folder, problem);
	return throttle;
}

void throttle_close(struct throttle *throttle)
{
	if (!throttle)
		return;
	word_file_close(throttle->file);
	free(throttle);
}

/* A key of its own for each thing counted, so that a text is hashed as it is. */
static struct siphash_key derive_key(
    const struct throttle *throttle, const char *endpoint, const char *about)
{
	struct siphash_key by_about = {siphash(&throttle->key, text_of(about)), throttle->key.high};
	struct siphash_key key = {siphash(&by_about, text_of(endpoint)), 0};

	by_about.low = ~by_about.low;
	key.high = siphash(&by_about, text_of(endpoint));
	return key;
}

struct throttle_meter throttle_meter(const struct throttle *throttle, const char *endpoint,
    const char *about, unsigned per_minute, unsigned burst)
{
	struct throttle_meter meter = {.quota = burst};

	if (!per_minute)
		return (struct throttle_meter){.quota = 0};
	meter.key = derive_key(throttle, endpoint, about);
	/* rounded up: never more than was asked for */
	meter.interval_microseconds = (MINUTE_MICROSECONDS + per_minute - 1) / per_minute;
	meter.span_microseconds = meter.interval_microseconds * burst;
	return meter;
}

static _Atomic uint64_t *slot_of(
    const struct throttle *throttle, const struct throttle_meter *meter, struct text who)
{
	return word_file_word(throttle->file, FIRST_SLOT + siphash(&meter->key, who) % SLOTS);
}

/* How long it takes to pay off what a word holds. */
static int64_t debt_of(uint64_t word, int64_t now)
{
	int64_t debt = (int64_t)word - now;

	return word == 0 || debt < 0 || debt > BEFORE_RESTART ? 0 : debt;
}

static unsigned whole_seconds(int64_t microseconds)
{
	return microseconds > 0 ? (unsigned)((microseconds + 999999) / 1000000) : 0;
}

unsigned throttle_window_seconds(const struct throttle_meter *meter)
{
	return whole_seconds(meter->span_microseconds);
}

static struct throttle_state state_of(
    const struct throttle_meter *meter, int64_t debt, bool refused)
{
	int64_t room = meter->span_microseconds - debt;
	int64_t wait = meter->interval_microseconds - room;

	return (struct throttle_state){
	    .refused = refused,
	    .remaining = room > 0 ? (unsigned)(room / meter->interval_microseconds) : 0,
	    .wait_seconds = whole_seconds(wait),
	    .full_seconds = whole_seconds(debt),
	};
}

static bool has_room(const struct throttle_meter *meter, int64_t debt)
{
	return debt + meter->interval_microseconds <= meter->span_microseconds;
}

struct throttle_state throttle_look(const struct throttle *throttle,
    const struct throttle_meter *meter, struct text who, int64_t now)
{
	int64_t debt;

	if (!meter->quota)
		return (struct throttle_state){.refused = false};
	debt =
	    debt_of(atomic_load_explicit(slot_of(throttle, meter, who), memory_order_relaxed), now);
	return state_of(meter, debt, !has_room(meter, debt));
}

struct throttle_state throttle_take(
    struct throttle *throttle, const struct throttle_meter *meter, struct text who, int64_t now)
{
	_Atomic uint64_t *slot;
	uint64_t seen;
	int64_t debt;

	if (!meter->quota)
		return (struct throttle_state){.refused = false};
	slot = slot_of(throttle, meter, who);
	seen = atomic_load(slot);
	do {
		debt = debt_of(seen, now);
		if (!has_room(meter, debt))
			return state_of(meter, debt, true);
		debt += meter->interval_microseconds;
	} while (!atomic_compare_exchange_weak(slot, &seen, (uint64_t)(now + debt)));
	return state_of(meter, debt, false);
}

void throttle_charge(struct throttle *throttle, const struct throttle_meter *meter, struct text who,
    unsigned count, int64_t now)
{
	_Atomic uint64_t *slot;
	uint64_t seen;
	int64_t debt;

	if (!meter->quota || !count)
		return;
	slot = slot_of(throttle, meter, who);
	seen = atomic_load(slot);
	do {
		debt = debt_of(seen, now) + count * meter->interval_microseconds;
		if (debt > LONGEST_DEBT)
			debt = LONGEST_DEBT;
	} while (!atomic_compare_exchange_weak(slot, &seen, (uint64_t)(now + debt)));
}
