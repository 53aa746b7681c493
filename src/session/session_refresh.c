/* Rotation of refresh tokens: one successor for everybody who may ask, an end for everybody else. */
#include "platform.h"
#include "session/session_store.h"

#define MOST_RACES 4

/* What is known when a refresh token was looked up. */
struct refreshing {
	struct sessions *sessions;
	struct session_refresh presented;
	struct session_row row;
	struct arena *arena;
};

static struct verdict look_up(struct refreshing *refreshing)
{
	const struct session_refresh *presented = &refreshing->presented;
	struct session_row *row = &refreshing->row;
	struct value hash = session_hash(presented->whole, refreshing->arena);
	struct verdict verdict;
	bool tried;

	if (hash.kind == VALUE_NONE)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	verdict = session_select(refreshing->sessions, SESSION_FOR_REFRESH,
	    (const struct value[]){session_number(presented->generation, refreshing->arena),
	        session_text(presented->id)},
	    2, refreshing->arena, row);
	if (!verdict_allows(verdict))
		return verdict;
	if (!text_equal(row->session.id, presented->id))
		return verdict_of(OUTCOME_TOKEN_UNKNOWN);
	/* a secret that was taken out of the configuration leaves the hash as proof */
	if (!session_refresh_genuine(
	        refreshing->sessions->keys, presented, row->salt, refreshing->arena, &tried) &&
	    !secret_equal(row->token_hash, hash.text))
		return verdict_of(tried ? OUTCOME_TOKEN_MISMATCH : OUTCOME_RESOURCES_EXHAUSTED);
	/* nobody else could have made it, so it was handed out where this node has not looked yet */
	if (presented->generation > row->generation)
		return (struct verdict){OUTCOME_DATABASE_BEHIND,
		    "a refresh token is newer than the row of its session"};
	/* an operator who deletes the row of a token ends it */
	return text_present(row->token_hash) ? verdict_of(OUTCOME_ALLOWED)
	                                     : verdict_of(OUTCOME_TOKEN_UNKNOWN);
}

/* Hand out the successor of the newest token. The row of the successor is written first and the
 * session's own row last, by comparing and setting: whoever is killed in between leaves a row that
 * the next caller finds and uses. *rotated is false when somebody else was faster. */
static struct verdict rotate(struct refreshing *refreshing, struct text *token, bool *rotated)
{
	struct sessions *sessions = refreshing->sessions;
	struct session_row *row = &refreshing->row;
	struct arena *arena = refreshing->arena;
	struct value old_number = session_number(row->generation, arena);
	struct value new_number = session_number(row->generation + 1, arena);
	char stamp[SESSION_TIME_BYTES];
	char end[SESSION_TIME_BYTES];
	struct value now;
	unsigned long long changed = 0;
	struct verdict verdict;

	*rotated = false;
	*token = session_refresh_token(
	    sessions->keys, 0, row->session.id, row->generation + 1, row->salt, arena);
	/* a session that is not used for so long is over, and the old row has told what it can */
	if (!text_present(*token) || !session_time(session_now(sessions), stamp) ||
	    !session_time(session_now(sessions) + sessions->terms.idle, end))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	now = session_text(text_of(stamp));
	verdict = session_add_token(sessions, row, row->generation + 1, *token, arena);
	if (!verdict_allows(verdict))
		return verdict;
	verdict = session_write(sessions, SESSION_ROTATE,
	    (const struct value[]){new_number, now, now, now, session_text(text_of(end)),
	        old_number, new_number, session_text(row->session.id), old_number},
	    9, arena, &changed);
	*rotated = verdict_allows(verdict) && changed > 0;
	return verdict;
}

/* The token is older than the grace interval allows: two parties hold it. */
static struct verdict end_family(const struct refreshing *refreshing)
{
	const struct session *session = &refreshing->row.session;
	unsigned long long ended;
	struct verdict verdict = sessions_end(refreshing->sessions, session->user_id, session->id,
	    SESSION_REUSED, refreshing->arena, &ended);

	if (!verdict_allows(verdict))
		return verdict;
	return (struct verdict){OUTCOME_REFRESH_REUSED,
	    arena_printf(refreshing->arena, "session %.*s, generation %llu of %llu",
	        (int)session->id.length, session->id.data,
	        (unsigned long long)refreshing->presented.generation,
	        (unsigned long long)refreshing->row.generation)};
}

static bool is_in_grace(const struct refreshing *refreshing)
{
	const struct session_row *row = &refreshing->row;

	return refreshing->presented.generation + 1 == row->generation &&
	       session_now(refreshing->sessions) <=
	           row->refreshed + refreshing->sessions->terms.grace;
}

/* One look and, for the newest token, one try to rotate. *token stays absent when another caller
 * rotated in between: look again. */
static struct verdict refresh_once(struct refreshing *refreshing, struct text *token)
{
	struct verdict verdict = look_up(refreshing);
	bool rotated = false;

	*token = (struct text){0};
	if (verdict_allows(verdict))
		verdict = session_judge(refreshing->sessions, &refreshing->row);
	if (!verdict_allows(verdict))
		return verdict;
	if (is_in_grace(refreshing)) {
		*token =
		    session_newest_token(refreshing->sessions, &refreshing->row, refreshing->arena);
		return text_present(*token) ? verdict : verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	}
	if (refreshing->presented.generation < refreshing->row.generation)
		return end_family(refreshing);
	verdict = rotate(refreshing, token, &rotated);
	if (!rotated)
		*token = (struct text){0};
	return verdict;
}

struct verdict sessions_refresh(struct sessions *sessions, struct text refresh_token,
    struct arena *arena, struct session *session, struct session_secrets *secrets)
{
	struct refreshing refreshing = {.sessions = sessions, .arena = arena};
	struct verdict verdict = verdict_of(OUTCOME_UNDECIDED);

	*session = (struct session){0};
	*secrets = (struct session_secrets){0};
	if (!session_refresh_parse(refresh_token, &refreshing.presented))
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	for (int race = 0; race < MOST_RACES; race++) {
		verdict = refresh_once(&refreshing, &secrets->refresh_token);
		if (!verdict_allows(verdict) || text_present(secrets->refresh_token))
			break;
		/* not ALLOWED without a token, should this have been the last look */
		verdict = (struct verdict){OUTCOME_DATABASE_LOCKED, "refresh tokens keep changing"};
	}
	if (!verdict_allows(verdict))
		return verdict;
	*session = refreshing.row.session;
	session->last_seen = session_now(sessions);
	return verdict;
}

struct verdict sessions_find_by_refresh(struct sessions *sessions, struct text refresh_token,
    struct arena *arena, struct session *session)
{
	struct refreshing refreshing = {.sessions = sessions, .arena = arena};
	struct verdict verdict;

	*session = (struct session){0};
	if (!session_refresh_parse(refresh_token, &refreshing.presented))
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	verdict = look_up(&refreshing);
	if (verdict_allows(verdict))
		*session = refreshing.row.session;
	return verdict;
}
