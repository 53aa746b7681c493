/* How long does a sign-in last? Sessions as rows that a DBA can see, end and count. */
#ifndef CASTGATE_SESSION_SESSION_H
#define CASTGATE_SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/report.h"
#include "base/text.h"
#include "base/verdict.h"
#include "config/config.h"
#include "db/db.h"

/* Longest user id and provider's session id, in bytes, as the tables have them; the provider's name has
 * CONFIG_PROVIDER_BYTES. */
#define SESSION_USER_BYTES 64
#define SESSION_PROVIDER_SESSION_BYTES 128
/* A list of sessions is cut here. */
#define SESSION_LIST_MOST 100

/* The sessions of one configuration. */
struct sessions;

/* Prepare the secrets and statements of a credential of kind "session". NULL with an error in the
 * report. Lives in `lifetime`; ended with sessions_close, which wipes keys. Talks to no database. */
struct sessions *sessions_open(const struct config_credential *config, struct db *db,
    const struct clock *clock, struct arena *lifetime, struct report *report);
void sessions_close(struct sessions *sessions);

/* Ask the database whether the tables are there and have what is needed. False with errors in the
 * report; *outage as query_check. */
bool sessions_check(struct sessions *sessions, struct report *report, bool *outage);

/* One session; the texts belong to the arena it was read into. Times in microseconds since 1970. */
struct session {
	struct text id;
	struct text user_id;
	struct text user_agent; /* absent when unknown */
	struct text ip_address; /* absent when unknown */
	struct text provider;
	int64_t created;
	int64_t last_seen;
	int64_t expires; /* the absolute end, whatever the user does */
};

/* What a browser keeps. */
struct session_secrets {
	struct text cookie;
	struct text refresh_token;
};

/* A sign-in somewhere else that is to become a session. */
struct session_sign_in {
	struct text provider;
	struct text provider_session_id;
	struct text user_id;
	struct text user_agent; /* may be absent; cut at 255 bytes */
	struct text ip_address; /* may be absent */
};

/* Find or make the session of a sign-in, and say what the browser is to keep: the same each time
 * the same sign-in comes. ALLOWED; SESSION_REVOKED or SESSION_EXPIRED when it was ended, which is
 * for good; CREDENTIAL_MALFORMED when an id is empty, too long or not UTF-8, or belongs to another
 * user; an outage. Costs one SELECT for a known sign-in, else two and two INSERTs. */
struct verdict sessions_bridge(struct sessions *sessions, const struct session_sign_in *sign_in,
    struct arena *arena, struct session *session, struct session_secrets *secrets);

/* Replace a refresh token by its successor. Every caller who brings the newest token, or within the
 * grace interval the one before, gets the same successor; so two tabs, or a client whose reply was
 * lost, stay signed in. An older token was copied: the session ends, and the verdict is
 * REFRESH_REUSED. Other refusals: CREDENTIAL_MALFORMED, TOKEN_UNKNOWN, TOKEN_MISMATCH,
 * SESSION_REVOKED, SESSION_EXPIRED. A database that has not heard of a genuine token yet (a node
 * that lags) is an outage, DATABASE_BEHIND. One SELECT, an INSERT and an UPDATE to rotate; one
 * SELECT within the grace interval. RFC 9700, section 4.14. */
struct verdict sessions_refresh(struct sessions *sessions, struct text refresh_token,
    struct arena *arena, struct session *session, struct session_secrets *secrets);

/* Find a living session by the browser's cookie, or by its id. ALLOWED, CREDENTIAL_MALFORMED,
 * TOKEN_UNKNOWN, SESSION_REVOKED, SESSION_EXPIRED, or an outage. One SELECT. */
struct verdict sessions_find_by_cookie(
    struct sessions *sessions, struct text cookie, struct arena *arena, struct session *session);
struct verdict sessions_find_by_id(
    struct sessions *sessions, struct text id, struct arena *arena, struct session *session);

/* Make an access token for a session: a JWT with sub, sid, iat, exp and, where configured, iss and
 * aud. It is signed ES256 with the first of access_keys, else HS256 with the newest secret; its
 * "kid" names which. *lasts_seconds is how long it counts; never beyond the session's end. Absent
 * when the arena is full or OpenSSL fails. */
struct text sessions_access_token(struct sessions *sessions, const struct session *session,
    struct arena *arena, int64_t *lasts_seconds);

/* The public halves of access_keys as a JWK Set; empty without them. Absent when the arena is full. */
struct text sessions_public_keys(const struct sessions *sessions, struct arena *arena);

/* Find a living session by such a token. ALLOWED, or a refusal as of jwt_verify and jwt_judge, as
 * sessions_find_by_id, or TOKEN_MISMATCH. One SELECT, made only for a token that is genuine and
 * has not expired: that it was revoked is known on the next request. */
struct verdict sessions_find_by_access(
    struct sessions *sessions, struct text token, struct arena *arena, struct session *session);

/* The session a refresh token belongs to, whatever its generation, living or not; for logging out
 * with nothing else at hand. ALLOWED only for a genuine token. One SELECT. */
struct verdict sessions_find_by_refresh(struct sessions *sessions, struct text refresh_token,
    struct arena *arena, struct session *session);

/* The living sessions of a user, latest seen first, at most SESSION_LIST_MOST. One SELECT. */
struct verdict sessions_of_user(struct sessions *sessions, struct text user_id, struct arena *arena,
    struct session **list, size_t *count);

/* Why a session ended. */
enum session_end {
	SESSION_LOGOUT,
	SESSION_LOGOUT_EVERYWHERE,
	SESSION_ENDED_BY_USER,
	SESSION_REUSED,
	SESSION_ENDED_BY_OPERATOR
};

/* End one session of a user, or all of them. ALLOWED also when there was nothing left to end
 * (*ended 0), else an outage. One UPDATE. */
struct verdict sessions_end(struct sessions *sessions, struct text user_id, struct text id,
    enum session_end why, struct arena *arena, unsigned long long *ended);
struct verdict sessions_end_all(struct sessions *sessions, struct text user_id,
    enum session_end why, struct arena *arena, unsigned long long *ended);

/* What is no longer needed, by moments in microseconds since 1970. */
struct session_pruning {
	int64_t over_before;
	int64_t revoked_before; /* 0: no session that was revoked is ever forgotten */
};

/* Rows that were deleted. */
struct session_pruned {
	unsigned long long tokens;
	unsigned long long ended;
	unsigned long long revoked;
};

/* Delete, in batches of 1,000 rows, refresh tokens and sessions that were over before a moment. The row
 * of a session that was revoked keeps its sign-in from coming back: it stays, unless it was revoked
 * before the second moment, too. False when the database failed; *pruned has what was deleted until
 * then all the same. */
bool sessions_prune(struct sessions *sessions, const struct session_pruning *pruning,
    struct arena *arena, struct session_pruned *pruned);

/* Write that a session was seen now, unless that was written within the last minute. Failures are
 * nobody's concern. One UPDATE or none. */
void sessions_touch(struct sessions *sessions, const struct session *session);

#endif
