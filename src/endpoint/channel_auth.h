/* Actions that sign: channel authorization and user authentication. */
#ifndef CASTGATE_ENDPOINT_CHANNEL_AUTH_H
#define CASTGATE_ENDPOINT_CHANNEL_AUTH_H

#include "endpoint/call.h"

/* Answer one subscription, or a batch of them, to call->verdict and call->body. Queries: at most
 * one per credential presented, and one per channel. */
void channel_auth_serve(struct call *call);

/* Answer a user authentication (pusher-js signin). Queries: as above, and one for user_data. */
void user_auth_serve(struct call *call);

#endif
