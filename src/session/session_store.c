/* Opens the sessions of a configuration; reads rows, judges and writes them. */
#include "platform.h"
#include "session/session_store.h"

#include "base/buffer.h"

#define SECONDS 1000000LL
#define TOUCH_AGE (60 * SECONDS)

/* The log names it when a table is missing. */
#define LABEL "sessions (tables: sql/supabase/*.up.sql, or castgate migrate --set supabase)"

struct sessions *sessions_open(const struct config_credential *config, struct db *db,
    const struct clock *clock, struct arena *lifetime, struct report *report)
{
	struct sessions *sessions = arena_alloc(lifetime, sizeof(*sessions));
	bool ok = sessions != NULL;

	if (ok) {
		*sessions = (struct sessions){.config = config,
		    .db = db,
		    .clock = clock,
		    .terms = {config->idle_seconds * SECONDS, config->absolute_seconds * SECONDS,
		        config->grace_seconds * SECONDS}};
		sessions->keys = session_keys_open(&config->secrets, lifetime);
		ok = sessions->keys && session_access_open(sessions, lifetime, report);
	}
	for (int i = 0; ok && i < SESSION_STATEMENTS; i++) {
		sessions->statements[i] =
		    db_statement_new(db, &(struct db_purpose){"session", config->name, NULL}, LABEL,
		        session_sql((enum session_statement)i));
		ok = sessions->statements[i] != NULL;
	}
	if (ok)
		return sessions;
	sessions_close(sessions);
	if (!report_failed(report))
		report_add(report, REPORT_ERROR, config->origin,
		    "credential \"%s\": it needs \"secrets\", and memory", config->name);
	return NULL;
}

void sessions_close(struct sessions *sessions)
{
	if (!sessions)
		return;
	session_access_close(sessions);
	session_keys_close(sessions->keys);
}

bool sessions_check(struct sessions *sessions, struct report *report, bool *outage)
{
	struct db_rows rows;
	size_t parameters;

	db_insist_on_primary(sessions->db);
	/* those that prune are the tool's, with an account that may delete */
	for (int i = 0; i < SESSION_PRUNE_TOKENS; i++) {
		if (db_describe(sessions->db, sessions->statements[i], &parameters, &rows) !=
		    DB_BROKEN)
			continue;
		*outage = db_error(sessions->db)->unavailable;
		report_add(report, REPORT_ERROR, sessions->config->origin,
		    "credential \"%s\": the database says: %s; the tables are in sql/supabase/",
		    sessions->config->name, db_error(sessions->db)->message);
		return false;
	}
	return true;
}

int64_t session_now(const struct sessions *sessions)
{
	return clock_now(sessions->clock);
}

bool session_time(int64_t moment, char out[SESSION_TIME_BYTES])
{
	if (!clock_format_rfc3339(moment, out))
		return false;
	out[CLOCK_RFC3339_BYTES - 2] = '\0'; /* without the Z */
	return true;
}

struct value session_text(struct text text)
{
	return (struct value){text_present(text) ? VALUE_TEXT : VALUE_NONE, text};
}

struct value session_number(uint64_t number, struct arena *arena)
{
	struct text digits = text_of(arena_printf(arena, "%llu", (unsigned long long)number));

	return (struct value){text_present(digits) ? VALUE_INTEGER : VALUE_NONE, digits};
}

struct value session_hash(struct text text, struct arena *arena)
{
	unsigned char *hash = arena_alloc(arena, SHA256_BYTES);

	if (!hash || !text_present(text) || !sha256(&text, 1, hash))
		return (struct value){0};
	return (struct value){VALUE_BINARY, {(const char *)hash, SHA256_BYTES}};
}

static bool read_time(struct value value, int64_t *moment)
{
	static const struct clock_zone utc = {0};

	return value.kind != VALUE_NONE && clock_parse_naive(value.text, &utc, moment);
}

static bool read_row(const struct value *values, size_t columns, struct session_row *row)
{
	struct session *session = &row->session;

	*row = (struct session_row){.revoked = values[SESSION_REVOKED_AT].kind != VALUE_NONE};
	session->id = values[SESSION_ID].text;
	session->user_id = values[SESSION_USER_ID].text;
	session->user_agent = values[SESSION_USER_AGENT].text;
	session->ip_address = values[SESSION_IP_ADDRESS].text;
	session->provider = values[SESSION_PROVIDER].text;
	row->provider_session_id = values[SESSION_PROVIDER_SESSION_ID].text;
	row->cookie_hash = values[SESSION_COOKIE_HASH].text;
	row->salt = values[SESSION_SALT].text;
	if (columns > SESSION_TOKEN_HASH)
		row->token_hash = values[SESSION_TOKEN_HASH].text;
	return session_id_valid(session->id) && session->user_id.length > 0 &&
	       row->cookie_hash.length == SHA256_BYTES && row->salt.length == SESSION_SALT_BYTES &&
	       text_to_u64(
	           values[SESSION_GENERATION].text, TEXT_DIGITS_CANONICAL, &row->generation) &&
	       read_time(values[SESSION_CREATED_AT], &session->created) &&
	       read_time(values[SESSION_LAST_SEEN_AT], &session->last_seen) &&
	       read_time(values[SESSION_REFRESHED_AT], &row->refreshed) &&
	       read_time(values[SESSION_EXPIRES_AT], &session->expires);
}

struct verdict session_select(struct sessions *sessions, enum session_statement statement,
    const struct value *parameters, size_t count, struct arena *arena, struct session_row *row)
{
	struct db_rows rows;

	*row = (struct session_row){.revoked = true};
	db_insist_on_primary(sessions->db); /* what ended a moment ago has ended */
	switch (db_select(
	    sessions->db, sessions->statements[statement], parameters, count, 1, arena, &rows)) {
	case DB_FOUND:
		if (rows.column_count > SESSION_EXPIRES_AT &&
		    read_row(rows.values, rows.column_count, row))
			return verdict_of(OUTCOME_ALLOWED);
		*row = (struct session_row){.revoked = true};
		return (struct verdict){
		    OUTCOME_DATABASE_ERROR, "user_sessions has a row that castgate did not write"};
	case DB_EMPTY:
		return verdict_of(OUTCOME_TOKEN_UNKNOWN);
	case DB_BROKEN:
	default:
		return db_verdict(sessions->db, arena);
	}
}

struct verdict session_judge(const struct sessions *sessions, const struct session_row *row)
{
	int64_t now = session_now(sessions);

	if (row->revoked)
		return verdict_of(OUTCOME_SESSION_REVOKED);
	if (row->session.expires <= now)
		return (struct verdict){OUTCOME_SESSION_EXPIRED, "its absolute end"};
	if (row->session.last_seen + sessions->terms.idle <= now)
		return (struct verdict){OUTCOME_SESSION_EXPIRED, "not used for too long"};
	return verdict_of(OUTCOME_ALLOWED);
}

struct verdict session_write(struct sessions *sessions, enum session_statement statement,
    const struct value *parameters, size_t count, struct arena *arena, unsigned long long *changed)
{
	if (db_change(sessions->db, sessions->statements[statement], parameters, count, changed))
		return verdict_of(OUTCOME_ALLOWED);
	return db_verdict(sessions->db, arena);
}

struct verdict session_add_token(struct sessions *sessions, const struct session_row *row,
    uint64_t generation, struct text token, struct arena *arena)
{
	char now[SESSION_TIME_BYTES];
	char expiry[SESSION_TIME_BYTES];
	struct value hash = session_hash(token, arena);
	unsigned long long added;

	if (hash.kind == VALUE_NONE || !session_time(session_now(sessions), now) ||
	    !session_time(row->session.expires, expiry))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	return session_write(sessions, SESSION_ADD_TOKEN,
	    (const struct value[]){session_text(row->session.id), session_number(generation, arena),
	        hash, session_text(text_of(now)), session_text(text_of(expiry))},
	    5, arena, &added);
}

struct text session_newest_token(
    const struct sessions *sessions, const struct session_row *row, struct arena *arena)
{
	return session_refresh_token(
	    sessions->keys, 0, row->session.id, row->generation, row->salt, arena);
}

static struct verdict find(struct sessions *sessions, enum session_statement statement,
    struct value key, struct arena *arena, struct session_row *row)
{
	struct verdict verdict = session_select(sessions, statement, &key, 1, arena, row);

	return verdict_allows(verdict) ? session_judge(sessions, row) : verdict;
}

struct verdict sessions_find_by_id(
    struct sessions *sessions, struct text id, struct arena *arena, struct session *session)
{
	struct session_row row;
	struct verdict verdict;

	*session = (struct session){0};
	if (!session_id_valid(id))
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	verdict = find(sessions, SESSION_BY_ID, session_text(id), arena, &row);
	if (verdict_allows(verdict) && !text_equal(row.session.id, id))
		verdict = verdict_of(OUTCOME_TOKEN_UNKNOWN);
	if (verdict_allows(verdict))
		*session = row.session;
	return verdict;
}

struct verdict sessions_find_by_cookie(
    struct sessions *sessions, struct text cookie, struct arena *arena, struct session *session)
{
	struct session_row row;
	struct verdict verdict;
	struct value hash;

	*session = (struct session){0};
	if (!session_cookie_valid(cookie))
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	hash = session_hash(cookie, arena);
	if (hash.kind == VALUE_NONE)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	verdict = find(sessions, SESSION_BY_COOKIE, hash, arena, &row);
	if (verdict_allows(verdict) && !secret_equal(row.cookie_hash, hash.text))
		verdict = verdict_of(OUTCOME_TOKEN_UNKNOWN);
	if (verdict_allows(verdict))
		*session = row.session;
	return verdict;
}

struct verdict sessions_of_user(struct sessions *sessions, struct text user_id, struct arena *arena,
    struct session **list, size_t *count)
{
	int64_t moment = session_now(sessions);
	char now[SESSION_TIME_BYTES];
	char since[SESSION_TIME_BYTES];
	struct db_rows rows;

	*count = 0;
	*list = arena_array(arena, SESSION_LIST_MOST, sizeof(**list));
	if (!*list || !session_time(moment, now) ||
	    !session_time(moment - sessions->terms.idle, since))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	db_insist_on_primary(sessions->db);
	if (db_select(sessions->db, sessions->statements[SESSION_OF_USER],
	        (const struct value[]){session_text(user_id), session_text(text_of(now)),
	            session_text(text_of(since))},
	        3, SESSION_LIST_MOST, arena, &rows) == DB_BROKEN)
		return db_verdict(sessions->db, arena);
	for (size_t i = 0; i < rows.row_count; i++) {
		struct session_row row;

		/* the database compares more loosely than byte for byte */
		if (read_row(rows.values + i * rows.column_count, rows.column_count, &row) &&
		    text_equal(row.session.user_id, user_id) &&
		    verdict_allows(session_judge(sessions, &row)))
			(*list)[(*count)++] = row.session;
	}
	return verdict_of(OUTCOME_ALLOWED);
}

static struct text end_reason(enum session_end why)
{
	switch (why) {
	case SESSION_LOGOUT:
		return TEXT("logout");
	case SESSION_LOGOUT_EVERYWHERE:
		return TEXT("logout_everywhere");
	case SESSION_REUSED:
		return TEXT("refresh_reused");
	case SESSION_ENDED_BY_OPERATOR:
		return TEXT("operator");
	case SESSION_ENDED_BY_USER:
	default:
		return TEXT("ended_by_user");
	}
}

struct verdict sessions_end(struct sessions *sessions, struct text user_id, struct text id,
    enum session_end why, struct arena *arena, unsigned long long *ended)
{
	char now[SESSION_TIME_BYTES];

	*ended = 0;
	if (!session_id_valid(id))
		return verdict_of(OUTCOME_ALLOWED); /* no such session: nothing to end */
	if (!session_time(session_now(sessions), now))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	return session_write(sessions, SESSION_REVOKE,
	    (const struct value[]){session_text(text_of(now)), session_text(end_reason(why)),
	        session_text(id), session_text(user_id)},
	    4, arena, ended);
}

struct verdict sessions_end_all(struct sessions *sessions, struct text user_id,
    enum session_end why, struct arena *arena, unsigned long long *ended)
{
	char now[SESSION_TIME_BYTES];

	*ended = 0;
	if (!session_time(session_now(sessions), now))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	return session_write(sessions, SESSION_REVOKE_ALL,
	    (const struct value[]){
	        session_text(text_of(now)), session_text(end_reason(why)), session_text(user_id)},
	    3, arena, ended);
}

void sessions_touch(struct sessions *sessions, const struct session *session)
{
	int64_t moment = session_now(sessions);
	char now[SESSION_TIME_BYTES];
	char before[SESSION_TIME_BYTES];
	unsigned long long changed;

	if (session->last_seen > moment - TOUCH_AGE || !session_time(moment, now) ||
	    !session_time(moment - TOUCH_AGE, before))
		return;
	(void)db_execute(sessions->db, sessions->statements[SESSION_TOUCH],
	    (const struct value[]){session_text(text_of(now)), session_text(session->id),
	        session_text(text_of(before))},
	    3, &changed);
}

static bool delete_all(struct sessions *sessions, enum session_statement statement,
    const struct value *moments, size_t count, struct arena *arena, unsigned long long *deleted)
{
	unsigned long long batch;

	do {
		if (!verdict_allows(
		        session_write(sessions, statement, moments, count, arena, &batch)))
			return false;
		*deleted += batch;
	} while (batch > 0);
	return true;
}

bool sessions_prune(struct sessions *sessions, const struct session_pruning *pruning,
    struct arena *arena, struct session_pruned *pruned)
{
	char over[SESSION_TIME_BYTES];
	char revoked[SESSION_TIME_BYTES];
	struct value moments[2];

	*pruned = (struct session_pruned){0};
	if (!session_time(pruning->over_before, over) ||
	    !session_time(pruning->revoked_before, revoked))
		return false;
	moments[0] = session_text(text_of(over));
	moments[1] = session_text(text_of(revoked));
	return delete_all(sessions, SESSION_PRUNE_TOKENS, moments, 1, arena, &pruned->tokens) &&
	       delete_all(sessions, SESSION_PRUNE, moments, 1, arena, &pruned->ended) &&
	       (pruning->revoked_before == 0 ||
	           delete_all(sessions, SESSION_FORGET, moments, 2, arena, &pruned->revoked));
}
