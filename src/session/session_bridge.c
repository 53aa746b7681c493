/* A sign-in somewhere else becomes one row here, however often it is brought. */
#include "platform.h"
#include "session/session_store.h"

#include "codec/base64.h"

#define USER_AGENT_BYTES 255

static bool is_usable(struct text text, size_t most)
{
	return text_present(text) && text.length > 0 && text.length <= most && text_is_utf8(text);
}

/* As much of a user agent as the column holds, cut between characters; empty when it is no text. */
static struct text shorten(struct text text)
{
	if (!text_present(text) || !text_is_utf8(text))
		return TEXT("");
	if (text.length > USER_AGENT_BYTES) {
		text.length = USER_AGENT_BYTES;
		while (text.length > 0 && !text_is_utf8(text))
			text.length--;
	}
	return text;
}

static struct verdict find(struct sessions *sessions, const struct session_sign_in *sign_in,
    struct arena *arena, struct session_row *row)
{
	struct verdict verdict = session_select(sessions, SESSION_BY_PROVIDER,
	    (const struct value[]){
	        session_text(sign_in->provider), session_text(sign_in->provider_session_id)},
	    2, arena, row);

	if (!verdict_allows(verdict))
		return verdict;
	/* the database compares more loosely than byte for byte */
	if (!text_equal(row->session.provider, sign_in->provider) ||
	    !text_equal(row->provider_session_id, sign_in->provider_session_id) ||
	    !text_equal(row->session.user_id, sign_in->user_id))
		return (struct verdict){
		    OUTCOME_CREDENTIAL_MALFORMED, "the sign-in belongs to another user"};
	return session_judge(sessions, row);
}

static struct text random_hex(size_t bytes, struct arena *arena)
{
	unsigned char random[SESSION_ID_BYTES / 2];
	char *hex = arena_alloc(arena, 2 * sizeof(random) + 1);

	if (!hex || bytes > sizeof(random) || !random_bytes(random, bytes))
		return (struct text){0};
	hex_encode(random, bytes, hex);
	return (struct text){hex, 2 * bytes};
}

static struct text random_salt(struct arena *arena)
{
	unsigned char *salt = arena_alloc(arena, SESSION_SALT_BYTES);

	if (!salt || !random_bytes(salt, SESSION_SALT_BYTES))
		return (struct text){0};
	return (struct text){(const char *)salt, SESSION_SALT_BYTES};
}

/* Write a new row. When another process wrote one for the same sign-in first, ours is left out; the
 * caller looks again either way. */
static struct verdict create(
    struct sessions *sessions, const struct session_sign_in *sign_in, struct arena *arena)
{
	struct text id = random_hex(SESSION_ID_BYTES / 2, arena);
	struct text salt = random_salt(arena);
	struct text cookie = session_cookie(sessions->keys, 0, id, salt, arena);
	struct value hash = session_hash(cookie, arena);
	struct text address = text_present(sign_in->ip_address) ? sign_in->ip_address : TEXT("");
	int64_t moment = session_now(sessions);
	char stamp[SESSION_TIME_BYTES];
	char expiry[SESSION_TIME_BYTES];
	struct value now;
	unsigned long long created;

	if (hash.kind == VALUE_NONE || !session_time(moment, stamp) ||
	    !session_time(moment + sessions->terms.absolute, expiry))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	now = session_text(text_of(stamp));
	return session_write(sessions, SESSION_CREATE,
	    (const struct value[]){session_text(id), session_text(sign_in->user_id),
	        session_text(shorten(sign_in->user_agent)), session_text(address), now, now,
	        session_text(sign_in->provider), session_text(sign_in->provider_session_id), hash,
	        (struct value){VALUE_BINARY, salt}, now, session_text(text_of(expiry))},
	    12, arena, &created);
}

/* The cookie whose hash is in the row. After the secret that made it was taken out of the
 * configuration, a new one takes its place. */
static struct verdict choose_cookie(struct sessions *sessions, const struct session_row *row,
    struct arena *arena, struct text *cookie)
{
	struct text newest = session_cookie(sessions->keys, 0, row->session.id, row->salt, arena);
	struct value hash = session_hash(newest, arena);
	unsigned long long changed;

	if (hash.kind == VALUE_NONE)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	*cookie = newest;
	if (secret_equal(hash.text, row->cookie_hash))
		return verdict_of(OUTCOME_ALLOWED);
	for (size_t i = 1; i < session_keys_count(sessions->keys); i++) {
		*cookie = session_cookie(sessions->keys, i, row->session.id, row->salt, arena);
		if (secret_equal(session_hash(*cookie, arena).text, row->cookie_hash))
			return verdict_of(OUTCOME_ALLOWED);
	}
	*cookie = newest;
	return session_write(sessions, SESSION_SET_COOKIE,
	    (const struct value[]){hash, session_text(row->session.id),
	        (struct value){VALUE_BINARY, row->cookie_hash}},
	    3, arena, &changed);
}

/* What the browser is to keep. The newest refresh token is put on record each time: a process that
 * was killed after it wrote the session may not have come so far. */
static struct verdict hand_out(struct sessions *sessions, const struct session_row *row,
    struct arena *arena, struct session_secrets *secrets)
{
	struct verdict verdict = choose_cookie(sessions, row, arena, &secrets->cookie);

	if (!verdict_allows(verdict))
		return verdict;
	secrets->refresh_token = session_newest_token(sessions, row, arena);
	if (!text_present(secrets->refresh_token))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	return session_add_token(sessions, row, row->generation, secrets->refresh_token, arena);
}

struct verdict sessions_bridge(struct sessions *sessions, const struct session_sign_in *sign_in,
    struct arena *arena, struct session *session, struct session_secrets *secrets)
{
	struct session_row row;
	struct verdict verdict;

	*session = (struct session){0};
	*secrets = (struct session_secrets){0};
	if (!is_usable(sign_in->provider, CONFIG_PROVIDER_BYTES) ||
	    !is_usable(sign_in->provider_session_id, SESSION_PROVIDER_SESSION_BYTES) ||
	    !is_usable(sign_in->user_id, SESSION_USER_BYTES))
		return (struct verdict){
		    OUTCOME_CREDENTIAL_MALFORMED, "an id is empty, too long or not UTF-8"};
	verdict = find(sessions, sign_in, arena, &row);
	if (verdict.outcome == OUTCOME_TOKEN_UNKNOWN) {
		verdict = create(sessions, sign_in, arena);
		if (verdict_allows(verdict))
			verdict = find(sessions, sign_in, arena, &row);
		/* written and not found: the node that answers now has not heard of it yet */
		if (verdict.outcome == OUTCOME_TOKEN_UNKNOWN)
			verdict = (struct verdict){
			    OUTCOME_DATABASE_BEHIND, "a session just written is not to be read"};
	}
	if (verdict_allows(verdict))
		verdict = hand_out(sessions, &row, arena, secrets);
	if (!verdict_allows(verdict)) {
		*secrets = (struct session_secrets){0};
		return verdict;
	}
	*session = row.session;
	return verdict;
}
