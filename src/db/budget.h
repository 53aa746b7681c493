/* How often, over all processes, may something be done that others can provoke? Inside db/ only. */
#ifndef CASTGATE_DB_BUDGET_H
#define CASTGATE_DB_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Spend one of `per_second` a second; what was left unused may be spent at once, up to one second's
 * worth. The word is the moment, in microseconds of the machine's monotonic clock, at which the
 * budget is whole again (the generic cell rate algorithm); zero
 * or one left over from before a reboot: it is whole now. False when it is spent. */
bool budget_spend(_Atomic uint64_t *word, int64_t now_microseconds, unsigned per_second);

#endif
