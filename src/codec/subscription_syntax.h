/* What may a socket id, a channel name and a bearer token look like? */
#ifndef CASTGATE_CODEC_SUBSCRIPTION_SYNTAX_H
#define CASTGATE_CODEC_SUBSCRIPTION_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* ASCII digits, a dot, ASCII digits, 1 to 20 each side, and nothing else (pusher-http-php accepts
 * the same up to the length). Never parsed as a number. */
bool socket_id_valid(struct text socket_id);

/* 1 to `max_bytes` bytes of [-A-Za-z0-9_=@,.;] (Pusher's limit is 164). A ':' would let one
 * signature stand for another. */
#define CHANNEL_NAME_MAX 164
#define CHANNEL_NAME_CEILING 200 /* what soketi and Sockudo accept; never more is signed */
bool channel_name_valid(struct text name, size_t max_bytes);

/* The kinds of channel that need authorization; bits, so that a rule can list several. */
enum channel_kind {
	CHANNEL_PUBLIC = 0,
	CHANNEL_PRIVATE = 1 << 0,
	CHANNEL_PRESENCE = 1 << 1,
	CHANNEL_PRIVATE_ENCRYPTED = 1 << 2,
	CHANNEL_PRIVATE_CACHE = 1 << 3,
	CHANNEL_PRESENCE_CACHE = 1 << 4
};

/* The most specific kind of a channel's name: "private-cache-x" is CHANNEL_PRIVATE_CACHE,
 * "private-encrypted-x" CHANNEL_PRIVATE_ENCRYPTED, "privatefoo" CHANNEL_PUBLIC. Case matters. */
enum channel_kind channel_name_kind(struct text name);

/* True for the kinds whose ticket must carry channel_data. */
bool channel_kind_has_presence(enum channel_kind kind);

/* The prefix of one kind ("private-cache-"), and the kind a configuration word names
 * ("private-cache"); "" and CHANNEL_PUBLIC for others. */
const char *channel_kind_prefix(enum channel_kind kind);
enum channel_kind channel_kind_named(struct text word);

/* The token of an Authorization value as Laravel's bearerToken() reads it: text after the last
 * "Bearer " in any case, cut at the first comma. Absent without "Bearer "; may be empty. */
struct text bearer_token(struct text authorization);

#endif
