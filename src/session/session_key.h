/* What do a session's cookie and refresh tokens look like, and from which secret do they follow? */
#ifndef CASTGATE_SESSION_SESSION_KEY_H
#define CASTGATE_SESSION_SESSION_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "config/config.h"
#include "crypto/digest.h"

/* 16 random bytes as lower-case hex. */
#define SESSION_ID_BYTES 32
#define SESSION_SALT_BYTES 16

/* Both secrets that a browser holds are HMACs over the session's id and its random salt, so whoever
 * may read the row can hand out the same one again, and nothing but their hashes is stored. A
 * reader of the database alone can make neither: the key is in the configuration. */
struct session_keys;

/* Prepare the configured secrets: the first makes new values, all of them are recognised. NULL when
 * there is none or OpenSSL fails. Lives in `lifetime`; its HMAC keys are ended with
 * session_keys_close. */
struct session_keys *session_keys_open(const struct config_list *secrets, struct arena *lifetime);
void session_keys_close(struct session_keys *keys);

/* How many secrets there are. */
size_t session_keys_count(const struct session_keys *keys);

/* The value of the session cookie by secret number `key`: 43 characters of base64url. Absent when
 * the arena is full or OpenSSL fails. */
struct text session_cookie(const struct session_keys *keys, size_t key, struct text id,
    struct text salt, struct arena *arena);

/* One generation of a session's refresh token, "ID.GENERATION.MAC" (see session_refresh_parse), by
 * secret number `key`. Absent as session_cookie. */
struct text session_refresh_token(const struct session_keys *keys, size_t key, struct text id,
    uint64_t generation, struct text salt, struct arena *arena);

/* Has a text the form of a session's id, or of its cookie? No secret is looked at. */
bool session_id_valid(struct text id);
bool session_cookie_valid(struct text cookie);

/* What a refresh token says about itself; borrowed from it. */
struct session_refresh {
	struct text id;
	uint64_t generation;
	struct text whole;
};

/* Take a refresh token apart. False for anything that is not 32 hex digits, a canonical number from
 * 1 to 2^31-1, and 43 characters of base64url. No secret is looked at. */
bool session_refresh_parse(struct text token, struct session_refresh *out);

/* Was the token made by one of the secrets for this salt? Constant time in the secrets. *tried is false where a
 * secret's token could not be made to compare with, so that no answer is certain but true. */
bool session_refresh_genuine(const struct session_keys *keys, const struct session_refresh *refresh,
    struct text salt, struct arena *arena, bool *tried);

#endif
