/* What does an allowed client get? Pure functions from values to signed bytes. */
#ifndef CASTGATE_TICKET_TICKET_H
#define CASTGATE_TICKET_TICKET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/value.h"
#include "base/verdict.h"
#include "codec/json_write.h"
#include "codec/subscription_syntax.h"
#include "crypto/digest.h"

/* Which server verifies the signature. Reverb and hosted Pusher include channel_data of a private
 * channel in the signed message; soketi and Sockudo do not. */
enum verifier { VERIFIER_PUSHER, VERIFIER_REVERB, VERIFIER_SOKETI, VERIFIER_SOCKUDO };

/* The verifier a configuration word names; VERIFIER_PUSHER for unknown words, which the
 * configuration reader has refused. */
enum verifier ticket_verifier_named(const char *word);

/* What is signed with. `hmac` NULL means the app has no secret; `master_key` is NULL or 32 bytes. */
struct ticket_app {
	struct text key;
	struct hmac_key *hmac;
	const unsigned char *master_key;
	enum verifier verifier;
};

#define MASTER_KEY_BYTES 32

/* The reply; absent members are left out of the body. auth and shared_secret belong to the arena;
 * the data that was signed stays the caller's. */
struct ticket {
	struct text auth;
	struct text channel_data;
	struct text shared_secret;
	struct text user_data;
};

/* Build channel_data: {"user_id":"...","user_info":{...}}; when `count` is 0 or every value is NULL,
 * user_info is {} for reverb and soketi, and left out for others. Members of user_info whose `is_json`
 * is set carry a JSON document.
 * Refuses with OUTCOME_USER_DATA_INVALID: a user id that is empty, longer than 128 bytes or not
 * UTF-8; binary values; bytes that are not UTF-8; a member's name twice; user_info beyond 1024
 * bytes of JSON as written (2048 for soketi). OUTCOME_RESOURCES_EXHAUSTED when the arena is full;
 * OUTCOME_ALLOWED on success, and *out is absent otherwise. */
struct ticket_member {
	struct text name;
	struct value value;
	bool is_json;
};
struct verdict ticket_channel_data(enum verifier verifier, enum json_style style,
    struct text user_id, const struct ticket_member *members, size_t count, struct arena *arena,
    struct text *out);

/* Build user_data: {"id":"...", members...}, or {"id":"..."} without members. Refuses as above, with
 * the 1024 bytes counted over all of it, and a member named "id", which would overrule the user. */
struct verdict ticket_user_data(enum json_style style, struct text user_id,
    const struct ticket_member *members, size_t count, struct arena *arena, struct text *out);

/* Sign a channel subscription. `socket_id` and `channel` must have passed their syntax checks;
 * they are checked again, so that no caller can sign a ':' by mistake (OUTCOME_SOCKET_ID_INVALID,
 * OUTCOME_CHANNEL_INVALID, also beyond CHANNEL_NAME_CEILING). Presence kinds without channel_data
 * are refused (OUTCOME_USER_DATA_INVALID, as is channel_data that is empty or not UTF-8), public
 * names with OUTCOME_CHANNEL_NOT_GUARDED, no key or secret with OUTCOME_APP_KEYS_MISSING, encrypted
 * without master key with OUTCOME_MASTER_KEY_MISSING; a full arena or a failing OpenSSL is
 * OUTCOME_RESOURCES_EXHAUSTED. `out` is zeroed unless OUTCOME_ALLOWED. Messages: see contract in
 * castgate.fcgi(8); verified against the published vectors of the Pusher libraries. */
struct verdict ticket_sign_channel(const struct ticket_app *app, struct text socket_id,
    struct text channel, struct text channel_data, struct arena *arena, struct ticket *out);

/* Sign a user authentication over "socket_id::user::user_data". Refusals as above. */
struct verdict ticket_sign_user(const struct ticket_app *app, struct text socket_id,
    struct text user_data, struct arena *arena, struct ticket *out);

/* The reply's body: a flat JSON object of string values in the order auth, channel_data,
 * shared_secret, user_data. Absent when there is no auth, or the arena is full. */
struct text ticket_body(const struct ticket *ticket, enum json_style style, struct arena *arena);

#endif
