/* What can be asked at once for the channels of a batch? */
#ifndef CASTGATE_ENDPOINT_BATCH_H
#define CASTGATE_ENDPOINT_BATCH_H

#include "endpoint/call.h"

/* Ask each rule once for all channels of call->subscription that it is the first to match, once the identity is
 * known. answers[i] is for call->answer while channel i is decided, as ever and by the same code; it has no
 * question where that has to be asked alone. ALLOWED, which says nothing of any channel, or an outage,
 * which is the whole batch's. At most one SELECT for every 20 channels of a rule. */
struct verdict batch_bring(struct call *call, struct question_answer *answers);

#endif
