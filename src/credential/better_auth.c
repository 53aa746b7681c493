/* Signed session tokens: signatures first, then one SELECT for all that hold, judged in order. */
#include "platform.h"
#include "credential/better_auth.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/base64.h"
#include "codec/percent.h"
#include "credential/better_auth_sql.h"
#include "credential/source.h"
#include "crypto/digest.h"

#define MICROSECONDS 1000000LL
#define ER_BAD_FIELD 1054
#define COLUMN_RECHECK (60 * MICROSECONDS)

#define COOKIES 3
#define MAX_SECRETS 8
#define MAX_CANDIDATES 16 /* what one request may make us verify */
#define MAX_TOKENS 4      /* and look up, each of them signed by the application */
#define MAX_ROWS 8
#define MAX_TOKEN_BYTES 512
#define SIGNATURE_BYTES 44 /* padded base64 of a SHA-256 */

struct better_auth {
	const struct config_credential *config;
	struct credential_context context;
	struct hmac_key *keys[MAX_SECRETS];
	size_t key_count;
	const char *cookies[COOKIES];      /* "cookie:__Secure-P.session_token" and so on */
	struct db_statement *select[2][2]; /* of one token or many, without and with organization */
	/* until this monotonic moment the table is known to lack the column; see run_select */
	int64_t lacks_organization_until;
	struct credential_names names;
};

/* One text of the request that may be a session's. */
struct candidate {
	const char *place;
	struct text token; /* absent when the verdict refuses already */
	struct verdict verdict;
};

struct candidates {
	struct candidate items[MAX_CANDIDATES];
	size_t count;
	struct text tokens[MAX_TOKENS]; /* the distinct ones that are to be looked up */
	size_t token_count;
};

static void better_auth_close(void *state)
{
	struct better_auth *kind = state;

	for (size_t i = 0; i < kind->key_count; i++)
		hmac_key_free(kind->keys[i]);
	kind->key_count = 0;
}

static bool open_keys(struct better_auth *kind)
{
	const struct config_list *secrets = &kind->config->secrets;

	for (size_t i = 0; i < secrets->count; i++) {
		struct hmac_key *key = hmac_key_new(text_of(secrets->items[i]));

		if (!key)
			return false;
		kind->keys[kind->key_count++] = key;
	}
	return true;
}

static bool open_cookies(struct better_auth *kind, struct arena *lifetime)
{
	static const char *const prefixes[COOKIES] = {"__Secure-", "", "__Host-"};

	for (size_t i = 0; i < COOKIES; i++) {
		kind->cookies[i] = arena_printf(lifetime, "cookie:%s%s.session_token", prefixes[i],
		    kind->config->cookie_prefix);
		if (!kind->cookies[i])
			return false;
	}
	return true;
}

static bool open_statements(struct better_auth *kind, struct arena *lifetime)
{
	const struct db_purpose purpose = {"credential", kind->config->name, NULL};
	const char *label = arena_printf(lifetime, "credential \"%s\"", kind->config->name);

	for (int many = 0; many <= 1; many++)
		for (int organization = 0; organization <= 1; organization++) {
			const char *sql = better_auth_select(
			    kind->config, many ? MAX_TOKENS : 1, organization == 1, lifetime);

			if (!label || !sql)
				return false;
			kind->select[many][organization] =
			    db_statement_new(kind->context.db, &purpose, label, sql);
			if (!kind->select[many][organization])
				return false;
		}
	return true;
}

static bool open_names(struct better_auth *kind, struct arena *lifetime)
{
	static const char *const own[] = {"session_id", "organization", "tenant"};
	const struct config_list *columns = &kind->config->columns;
	struct config_list *values = &kind->names.values;
	size_t count = sizeof(own) / sizeof(own[0]);

	values->items = arena_array(lifetime, count + columns->count, sizeof(*values->items));
	if (!values->items)
		return false;
	for (size_t i = 0; i < count; i++)
		values->items[values->count++] = own[i];
	for (size_t i = 0; i < columns->count; i++)
		values->items[values->count++] = columns->items[i];
	return true;
}

static void *better_auth_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report)
{
	struct better_auth *kind = arena_alloc(context->lifetime, sizeof(*kind));

	if (config->secrets.count > MAX_SECRETS) {
		report_add(report, REPORT_ERROR, config->origin,
		    "credential \"%s\" has more than %d secrets", config->name, MAX_SECRETS);
		return NULL;
	}
	if (kind) {
		kind->config = config;
		kind->context = *context;
	}
	if (kind && open_keys(kind) && open_cookies(kind, context->lifetime) &&
	    open_statements(kind, context->lifetime) && open_names(kind, context->lifetime))
		return kind;
	if (kind)
		better_auth_close(kind);
	report_add(report, REPORT_ERROR, config->origin, "out of memory");
	return NULL;
}

static const struct credential_names *better_auth_names(void *state)
{
	const struct better_auth *kind = state;

	return &kind->names;
}

/* Only the organization plugin adds activeOrganizationId. That it is missing is believed for a minute,
 * so that a plugin installed later cannot go unseen. */
static enum db_result run_select(struct better_auth *kind, const struct value *parameters,
    size_t count, struct arena *arena, struct db_rows *rows)
{
	struct db_statement *const *select = kind->select[count > 1];
	struct db *db = kind->context.db;
	bool asked = clock_monotonic(kind->context.clock) >= kind->lacks_organization_until;
	enum db_result result;

	if (asked) {
		result = db_select(db, select[1], parameters, count, MAX_ROWS, arena, rows);
		if (result != DB_BROKEN || db_error(db)->code != ER_BAD_FIELD)
			return result;
	}
	result = db_select(db, select[0], parameters, count, MAX_ROWS, arena, rows);
	if (asked && result != DB_BROKEN)
		kind->lacks_organization_until =
		    clock_monotonic(kind->context.clock) + COLUMN_RECHECK;
	return result;
}

static bool better_auth_check(void *state, struct report *report, bool *outage)
{
	struct better_auth *kind = state;
	struct db *db = kind->context.db;
	struct db_rows rows;
	size_t parameters;

	if (db_describe(db, kind->select[0][1], &parameters, &rows) == DB_FOUND)
		return true;
	if (db_error(db)->code == ER_BAD_FIELD &&
	    db_describe(db, kind->select[0][0], &parameters, &rows) == DB_FOUND) {
		kind->lacks_organization_until =
		    clock_monotonic(kind->context.clock) + COLUMN_RECHECK;
		report_add(report, REPORT_WARNING, kind->config->origin,
		    "credential \"%s\": table %s has no activeOrganizationId; the tenant is always "
		    "the user",
		    kind->config->name, kind->config->session_table);
		return true;
	}
	*outage = db_error(db)->unavailable;
	report_add(report, REPORT_ERROR, kind->config->origin,
	    "credential \"%s\": the database says: %s", kind->config->name, db_error(db)->message);
	return false;
}

/* Did one of the secrets sign this token? Each is tried, whatever the others said. */
static bool is_signed(const struct better_auth *kind, struct text token, struct text signature)
{
	bool good = false;

	for (size_t i = 0; i < kind->key_count; i++) {
		unsigned char mac[SHA256_BYTES];

		if (hmac_sign(kind->keys[i], &token, 1, mac) &&
		    secret_equal(signature, (struct text){(const char *)mac, sizeof(mac)}))
			good = true;
		explicit_bzero(mac, sizeof(mac));
	}
	return good;
}

static bool is_token(struct text token)
{
	return token.length > 0 && token.length <= MAX_TOKEN_BYTES && text_is_utf8(token) &&
	       text_find(token, '\0') == token.length;
}

/* Where the signature's dot stands; the length when there is none. */
static size_t last_dot(struct text text)
{
	size_t at = text.length;

	while (at > 0 && text.data[at - 1] != '.')
		at--;
	return at > 0 ? at - 1 : text.length;
}

/* Take "TOKEN.SIGNATURE" apart and verify it. */
static struct verdict read_signed(
    const struct better_auth *kind, struct text text, struct arena *arena, struct text *token)
{
	struct text signature;
	size_t dot;

	if (text_find(text, '%') < text.length &&
	    !percent_decode(text, PERCENT_PLUS_STAYS, arena, &text))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	dot = last_dot(text);
	if (dot == text.length || text.length - dot - 1 != SIGNATURE_BYTES ||
	    !is_token((struct text){text.data, dot}) ||
	    !base64_decode(text_skip(text, dot + 1), arena, &signature))
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	if (!is_signed(kind, (struct text){text.data, dot}, signature))
		return verdict_of(OUTCOME_SIGNATURE_INVALID);
	*token = (struct text){text.data, dot};
	return verdict_of(OUTCOME_ALLOWED);
}

/* better-auth's bearer plugin takes whatever has a dot for signed. */
static bool is_raw(const struct better_auth *kind, const char *place, struct text text)
{
	return strcmp(place, "bearer") == 0 && strcmp(kind->config->bearer, "raw") == 0 &&
	       text_find(text, '.') == text.length;
}

static struct verdict read_text(const struct better_auth *kind, const char *place, struct text text,
    struct arena *arena, struct text *token)
{
	if (!text_present(text))
		return (struct verdict){OUTCOME_CREDENTIAL_MALFORMED, "no text"};
	if (!is_raw(kind, place, text))
		return read_signed(kind, text, arena, token);
	if (!is_token(text))
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	*token = text;
	return verdict_of(OUTCOME_ALLOWED);
}

/* Remember a token that is to be looked up, once. False when there are too many. */
static bool add_token(struct candidates *all, struct text token)
{
	for (size_t i = 0; i < all->token_count; i++)
		if (secret_equal(all->tokens[i], token))
			return true;
	if (all->token_count == MAX_TOKENS)
		return false;
	all->tokens[all->token_count++] = token;
	return true;
}

static void add_place(const struct better_auth *kind, const char *place,
    const struct request *request, struct arena *arena, struct candidates *all)
{
	struct source_walk walk = source_walk_start(place, request);
	struct text text;

	if (strcmp(place, "bearer") == 0 && strcmp(kind->config->bearer, "off") == 0)
		return;
	while (all->count < MAX_CANDIDATES && source_walk_next(&walk, &text)) {
		struct candidate *candidate = &all->items[all->count++];

		*candidate = (struct candidate){.place = place};
		candidate->verdict = read_text(kind, place, text, arena, &candidate->token);
		if (verdict_allows(candidate->verdict) && !add_token(all, candidate->token))
			candidate->verdict =
			    (struct verdict){OUTCOME_CREDENTIAL_MALFORMED, "too many tokens"};
	}
}

/* The next place to look at, "cookie" being three. NULL at the end. */
static const char *place_at(const struct better_auth *kind, size_t index)
{
	static const char *const usual[] = {"cookie", "bearer"};
	const struct config_list *from = &kind->config->from;
	const char *const *places = from->count ? from->items : usual;
	size_t count = from->count ? from->count : sizeof(usual) / sizeof(usual[0]);

	for (size_t i = 0; i < count; i++) {
		bool own = strcmp(places[i], "cookie") == 0;

		if (index < (own ? COOKIES : 1))
			return own ? kind->cookies[index] : places[i];
		index -= own ? COOKIES : 1;
	}
	return NULL;
}

static void gather(const struct better_auth *kind, const struct request *request,
    struct arena *arena, struct candidates *all)
{
	const char *place;

	*all = (struct candidates){0};
	for (size_t i = 0; (place = place_at(kind, i)) != NULL; i++)
		add_place(kind, place, request, arena, all);
}

static bool better_auth_presented(void *state, const struct request *request)
{
	const struct better_auth *kind = state;
	const char *place;

	for (size_t i = 0; (place = place_at(kind, i)) != NULL; i++) {
		struct source_walk walk = source_walk_start(place, request);
		struct text text;

		if (strcmp(place, "bearer") == 0 && strcmp(kind->config->bearer, "off") == 0)
			continue;
		if (source_walk_next(&walk, &text))
			return true;
	}
	return false;
}

static struct verdict fill_identity(const struct better_auth *kind, const struct value *row,
    struct arena *arena, struct identity *identity)
{
	const struct config_list *columns = &kind->config->columns;
	struct value organization = row[BETTER_AUTH_ORGANIZATION];
	struct named_value *values = arena_array(arena, columns->count + 2, sizeof(*values));

	if (!values)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	if (organization.text.length == 0)
		organization = (struct value){0};
	identity->id = row[BETTER_AUTH_USER_KEY];
	if (row[BETTER_AUTH_ID].kind != VALUE_BINARY)
		identity->token_id = row[BETTER_AUTH_ID].text;
	identity->values = values;
	values[0] = (struct named_value){TEXT("organization"), organization};
	values[1] = (struct named_value){
	    TEXT("tenant"), organization.kind == VALUE_NONE ? identity->id : organization};
	identity->session_value_count = identity->value_count = 2;
	for (size_t i = 0; i < columns->count; i++)
		values[identity->value_count++] =
		    (struct named_value){text_of(columns->items[i]), row[BETTER_AUTH_COLUMNS + i]};
	return verdict_of(OUTCOME_ALLOWED);
}

static struct verdict judge_row(const struct better_auth *kind, const struct value *row,
    struct arena *arena, struct identity *identity)
{
	const struct clock *clock = kind->context.clock;
	struct text session = row[BETTER_AUTH_ID].text;
	const char *detail = arena_printf(
	    arena, "session %.*s", (int)session.length, session.data ? session.data : "");
	int64_t *expires = &identity->expires_microseconds;

	if (!clock_parse_moment(row[BETTER_AUTH_EXPIRES_AT].text, kind->context.zone, expires) ||
	    *expires <= clock_now(clock))
		return (struct verdict){OUTCOME_TOKEN_EXPIRED, detail};
	/* ids are compared as the database stored them, not as it matched them */
	if (row[BETTER_AUTH_USER_KEY].text.length == 0 ||
	    row[BETTER_AUTH_USER_KEY].kind == VALUE_BINARY ||
	    !text_equal(row[BETTER_AUTH_USER_KEY].text, row[BETTER_AUTH_USER_ID].text))
		return (struct verdict){OUTCOME_OWNER_MISSING, detail};
	return fill_identity(kind, row, arena, identity);
}

/* The one row of exactly this token. */
static struct verdict judge_token(const struct better_auth *kind, struct text token,
    const struct db_rows *rows, struct arena *arena, struct identity *identity)
{
	const struct value *found = NULL;

	for (size_t i = 0; i < rows->row_count; i++) {
		const struct value *row = rows->values + i * rows->column_count;

		if (!secret_equal(row[BETTER_AUTH_TOKEN].text, token))
			continue;
		if (found)
			return verdict_of(OUTCOME_TOKEN_AMBIGUOUS);
		found = row;
	}
	if (found)
		return judge_row(kind, found, arena, identity);
	return verdict_of(rows->row_count ? OUTCOME_TOKEN_MISMATCH : OUTCOME_TOKEN_UNKNOWN);
}

/* A copy outside the cookies makes a token deliberate: who wrote it there knows it. */
static enum carrier carrier_of(const struct candidates *all, struct text token)
{
	for (size_t i = 0; i < all->count; i++)
		if (source_carrier(all->items[i].place) == CARRIER_DELIBERATE &&
		    secret_equal(all->items[i].token, token))
			return CARRIER_DELIBERATE;
	return CARRIER_COOKIE;
}

/* One reason for each candidate, the first one's as the answer. */
static struct verdict refuse(const struct candidates *all, struct arena *arena)
{
	struct buffer notes = buffer_start(arena);

	for (size_t i = 0; i < all->count; i++) {
		struct verdict verdict = all->items[i].verdict;

		buffer_printf(&notes, "%s%s: %s%s%s", i ? ", " : "", all->items[i].place,
		    outcome_row(verdict.outcome)->reason, verdict.detail ? " " : "",
		    verdict.detail ? verdict.detail : "");
	}
	return (struct verdict){all->items[0].verdict.outcome, buffer_text(&notes).data};
}

static struct verdict look_up(struct better_auth *kind, struct candidates *all, struct arena *arena,
    struct identity *identity)
{
	struct value parameters[MAX_TOKENS];
	size_t count = all->token_count > 1 ? MAX_TOKENS : 1;
	struct db_rows rows;

	for (size_t i = 0; i < count; i++)
		parameters[i] =
		    (struct value){VALUE_TEXT, all->tokens[i < all->token_count ? i : 0]};
	if (run_select(kind, parameters, count, arena, &rows) == DB_BROKEN)
		return db_verdict(kind->context.db, arena);
	for (size_t i = 0; i < all->count; i++) {
		struct candidate *candidate = &all->items[i];

		if (!verdict_allows(candidate->verdict))
			continue;
		candidate->verdict = judge_token(kind, candidate->token, &rows, arena, identity);
		identity->carrier = carrier_of(all, candidate->token);
		if (verdict_allows(candidate->verdict) || verdict_is_outage(candidate->verdict))
			return candidate->verdict;
	}
	return refuse(all, arena);
}

static struct verdict better_auth_prove(
    void *state, const struct request *request, struct arena *arena, struct identity *identity)
{
	struct better_auth *kind = state;
	struct candidates all;

	gather(kind, request, arena, &all);
	if (all.count == 0)
		return verdict_of(OUTCOME_CREDENTIAL_MISSING);
	for (size_t i = 0; i < all.count; i++)
		if (verdict_is_outage(all.items[i].verdict))
			return all.items[i].verdict;
	if (all.token_count == 0)
		return refuse(&all, arena);
	return look_up(kind, &all, arena, identity);
}

const struct credential_kind credential_better_auth = {
    .name = "better-auth",
    .open = better_auth_open,
    .close = better_auth_close,
    .check = better_auth_check,
    .presented = better_auth_presented,
    .prove = better_auth_prove,
    .names = better_auth_names,
};
