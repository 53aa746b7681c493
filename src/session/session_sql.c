/* Every statement about sessions, with its parameters in their order. */
#include "platform.h"
#include "session/session_sql.h"

#define COLUMNS                                                                                    \
	"s.id, s.user_id, s.user_agent, s.ip_address, s.created_at, s.last_seen_at, "              \
	"s.revoked_at, s.provider, s.provider_session_id, s.cookie_hash, s.refresh_generation, "   \
	"s.refresh_salt, s.refreshed_at, s.expires_at"

/* Those that write may be repeated without harm: a row that is there is not made again, and a row
 * is changed only from the state it was read in. So a lost reply is answered by asking once more. */
static const char *const statements[SESSION_STATEMENTS] = {
    /* id */
    [SESSION_BY_ID] = "SELECT " COLUMNS " FROM user_sessions s WHERE s.id = ?",

    /* SHA-256 of the cookie */
    [SESSION_BY_COOKIE] = "SELECT " COLUMNS " FROM user_sessions s WHERE s.cookie_hash = ?",

    /* provider, its session id */
    [SESSION_BY_PROVIDER] = "SELECT " COLUMNS " FROM user_sessions s"
                            " WHERE s.provider = ? AND s.provider_session_id = ?",

    /* generation, id */
    [SESSION_FOR_REFRESH] = "SELECT " COLUMNS ", t.token_hash FROM user_sessions s"
                            " LEFT JOIN refresh_tokens t"
                            " ON t.session_id = s.id AND t.generation = ? WHERE s.id = ?",

    /* user, now, seen since */
    [SESSION_OF_USER] = "SELECT " COLUMNS " FROM user_sessions s"
                        " WHERE s.user_id = ? AND s.revoked_at IS NULL AND s.expires_at > ?"
                        " AND s.last_seen_at > ? ORDER BY s.last_seen_at DESC, s.id LIMIT 100",

    /* id, user, user agent, address, now, now, provider, its session id, cookie hash, salt, now,
     * expiry */
    [SESSION_CREATE] = "INSERT IGNORE INTO user_sessions (id, user_id, user_agent, ip_address,"
                       " created_at, last_seen_at, provider, provider_session_id, cookie_hash,"
                       " refresh_generation, refresh_salt, refreshed_at, expires_at)"
                       " VALUES (?, ?, NULLIF(?, ''), NULLIF(?, ''), ?, ?, ?, ?, ?, 1, ?, ?, ?)",

    /* session, generation, hash, now, expiry */
    [SESSION_ADD_TOKEN] = "INSERT IGNORE INTO refresh_tokens"
                          " (session_id, generation, token_hash, created_at, expires_at)"
                          " VALUES (?, ?, ?, ?, ?)",

    /* new hash, id, old hash */
    [SESSION_SET_COOKIE] =
        "UPDATE user_sessions SET cookie_hash = ? WHERE id = ? AND cookie_hash = ?",

    /* new generation, now, now, now, end of the old token's row, old generation, new generation, id,
     * old generation; the successor's row must be there, so that what is handed out is always on
     * record */
    [SESSION_ROTATE] = "UPDATE user_sessions s"
                       " JOIN refresh_tokens old ON old.session_id = s.id"
                       " JOIN refresh_tokens next ON next.session_id = s.id"
                       " SET s.refresh_generation = ?, s.refreshed_at = ?, s.last_seen_at = ?,"
                       " old.rotated_at = ?, old.expires_at = LEAST(old.expires_at, ?)"
                       " WHERE old.generation = ? AND next.generation = ?"
                       " AND s.id = ? AND s.refresh_generation = ? AND s.revoked_at IS NULL",

    /* now, reason, id, user */
    [SESSION_REVOKE] = "UPDATE user_sessions SET revoked_at = ?, revoke_reason = ?"
                       " WHERE id = ? AND user_id = ? AND revoked_at IS NULL",

    /* now, reason, user */
    [SESSION_REVOKE_ALL] = "UPDATE user_sessions SET revoked_at = ?, revoke_reason = ?"
                           " WHERE user_id = ? AND revoked_at IS NULL",

    /* now, id, a minute ago */
    [SESSION_TOUCH] = "UPDATE user_sessions SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?",

    /* moment; each of the three in the order of an index, so that a batch reads and locks its own rows
     * and no more */
    [SESSION_PRUNE_TOKENS] =
        "DELETE FROM refresh_tokens WHERE expires_at < ? ORDER BY expires_at LIMIT 1000",

    /* moment; a row that was revoked stays, since it keeps its sign-in from coming back */
    [SESSION_PRUNE] = "DELETE FROM user_sessions WHERE expires_at < ? AND revoked_at IS NULL"
                      " ORDER BY revoked_at, expires_at LIMIT 1000",

    /* moment, moment before which it was revoked; only where an operator said that no sign-in at the
     * provider lives that long */
    [SESSION_FORGET] = "DELETE FROM user_sessions WHERE expires_at < ? AND revoked_at < ?"
                       " ORDER BY revoked_at, expires_at LIMIT 1000",
};

const char *session_sql(enum session_statement statement)
{
	return statements[statement];
}
