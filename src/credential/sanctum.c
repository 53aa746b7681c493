/* A personal access token looked up with its owner in one SELECT and judged in C. */
#include "platform.h"
#include "credential/sanctum.h"

#include <string.h>

#include "codec/base64.h"
#include "credential/sanctum_examine.h"
#include "credential/sanctum_owner.h"
#include "credential/sanctum_sql.h"
#include "credential/sanctum_token.h"
#include "credential/source.h"
#include "crypto/digest.h"

#define MAX_OWNERS 16
#define MICROSECONDS 1000000LL
#define ER_BAD_FIELD 1054
#define COLUMN_RECHECK (60 * MICROSECONDS)

struct sanctum {
	const struct config_credential *config;
	struct credential_context context;
	struct db_statement *select[2][2]; /* by lookup, then without and with expires_at */
	struct db_statement *touch;
	/* until this monotonic moment the table is known to have no expires_at; see run_select */
	int64_t lacks_expires_until;
	struct value touch_id; /* of the request in hand; none: nothing to touch */
	int64_t touch_now;
	struct companion_ask *brought;  /* with the request in hand; NULL: nothing */
	struct companion_lesson lesson; /* of that request */
	struct credential_names names;
	struct db_statement *owners[MAX_OWNERS]; /* of those that were loaded */
};

static bool open_statements(struct sanctum *sanctum, struct arena *lifetime)
{
	const struct config_credential *config = sanctum->config;
	struct db *db = sanctum->context.db;
	const char *label = arena_printf(lifetime, "credential \"%s\"", config->name);
	const struct db_purpose purpose = {"credential", config->name, NULL};
	const char *touch = sanctum_touch(config, lifetime);

	for (int lookup = SANCTUM_BY_ID; lookup <= SANCTUM_BY_HASH; lookup++)
		for (int expires = 0; expires <= 1; expires++) {
			const char *sql = sanctum_select(
			    config, (enum sanctum_lookup)lookup, expires == 1, NULL, lifetime);

			if (!label || !sql)
				return false;
			sanctum->select[lookup][expires] =
			    db_statement_new(db, &purpose, label, sql);
			if (!sanctum->select[lookup][expires])
				return false;
		}
	sanctum->touch = touch ? db_statement_new(db, &purpose, label, touch) : NULL;
	return sanctum->touch != NULL;
}

/* A token's owner brings the columns of its type; a rule may name those of any. */
static bool gather_names(struct sanctum *sanctum, struct arena *lifetime)
{
	const struct config_credential *config = sanctum->config;
	struct config_list *values = &sanctum->names.values;
	size_t most = 1;

	for (size_t i = 0; i < config->owner_count; i++)
		most += config->owners[i].columns.count;
	values->items = arena_array(lifetime, most, sizeof(*values->items));
	if (!values->items)
		return false;
	for (size_t i = 0; i < config->owner_count; i++)
		for (size_t c = 0; c < config->owners[i].columns.count; c++)
			values->items[values->count++] = config->owners[i].columns.items[c];
	return true;
}

static void *sanctum_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report)
{
	struct sanctum *sanctum = arena_alloc(context->lifetime, sizeof(*sanctum));

	if (config->owner_count == 0 || config->owner_count > MAX_OWNERS) {
		report_add(report, REPORT_ERROR, config->origin,
		    "credential \"%s\" needs 1 to %d owner sections", config->name, MAX_OWNERS);
		return NULL;
	}
	if (sanctum) {
		sanctum->config = config;
		sanctum->context = *context;
	}
	if (!sanctum || !open_statements(sanctum, context->lifetime) ||
	    !gather_names(sanctum, context->lifetime)) {
		report_add(report, REPORT_ERROR, config->origin, "out of memory");
		return NULL;
	}
	return sanctum;
}

/* Sanctum 2 tables have no expires_at; the server says so when the statement is prepared. That is
 * believed for a minute only, so that a column added later cannot go unseen. */
static enum db_result run_select(struct sanctum *sanctum, enum sanctum_lookup lookup,
    const struct value *parameters, struct arena *arena, struct db_rows *rows)
{
	struct db *db = sanctum->context.db;
	size_t count = sanctum_type_parameters(sanctum->config) + 1;
	struct companion_lookup own = {(size_t)lookup, parameters, count};
	bool asked = clock_monotonic(sanctum->context.clock) >= sanctum->lacks_expires_until;
	enum db_result result;

	if (asked && sanctum->brought &&
	    companion_select(sanctum->brought, &own, arena, rows, &result))
		return result;
	if (asked) {
		result =
		    db_select(db, sanctum->select[lookup][1], parameters, count, 1, arena, rows);
		if (result != DB_BROKEN || db_error(db)->code != ER_BAD_FIELD)
			return result;
	}
	result = db_select(db, sanctum->select[lookup][0], parameters, count, 1, arena, rows);
	if (asked && result != DB_BROKEN)
		sanctum->lacks_expires_until =
		    clock_monotonic(sanctum->context.clock) + COLUMN_RECHECK;
	return result;
}

static bool sanctum_check(void *state, struct report *report, bool *outage)
{
	struct sanctum *sanctum = state;
	struct db *db = sanctum->context.db;
	struct db_rows rows;
	size_t parameters;

	if (db_describe(db, sanctum->select[SANCTUM_BY_ID][1], &parameters, &rows) == DB_FOUND)
		return true;
	if (db_error(db)->code == ER_BAD_FIELD &&
	    db_describe(db, sanctum->select[SANCTUM_BY_ID][0], &parameters, &rows) == DB_FOUND) {
		sanctum->lacks_expires_until =
		    clock_monotonic(sanctum->context.clock) + COLUMN_RECHECK;
		report_add(report, REPORT_WARNING, sanctum->config->origin,
		    "credential \"%s\": table %s has no expires_at; only age can expire a token",
		    sanctum->config->name, sanctum->config->table);
		return true;
	}
	*outage = db_error(db)->unavailable;
	report_add(report, REPORT_ERROR, sanctum->config->origin,
	    "credential \"%s\": the database says: %s", sanctum->config->name,
	    db_error(db)->message);
	return false;
}

static void examine(void *state, struct report *report)
{
	const struct sanctum *sanctum = state;

	sanctum_examine(sanctum->config,
	    clock_monotonic(sanctum->context.clock) >= sanctum->lacks_expires_until,
	    sanctum->context.db, report);
}

/* What a bearer token asks for. */
struct sanctum_key {
	enum sanctum_lookup lookup;
	struct value id;
	struct text plain;
	char hash_hex[SHA256_HEX_BYTES];
};

/* Split "ID|PLAIN" at the first '|', or take the whole as the plain part. False when Sanctum would
 * not even look it up: an integer id that is not all digits, an empty plain part, or "0". */
static bool read_key(const struct sanctum *sanctum, struct text token, struct sanctum_key *key)
{
	size_t bar = text_find(token, '|');
	uint64_t number;

	*key = (struct sanctum_key){.lookup = SANCTUM_BY_HASH, .plain = token};
	if (bar < token.length) {
		key->lookup = SANCTUM_BY_ID;
		key->id = (struct value){VALUE_TEXT, {token.data, bar}};
		key->plain = text_skip(token, bar + 1);
		if (bar == 0 || bar > 255)
			return false;
		if (sanctum->config->token_id == CONFIG_TOKEN_ID_INT) {
			struct text digits = key->id.text;

			while (digits.length > 1 && digits.data[0] == '0')
				digits = text_skip(digits, 1);
			if (!text_to_u64(digits, TEXT_DIGITS_CANONICAL, &number))
				return false;
			key->id = (struct value){VALUE_INTEGER, digits};
		}
	}
	return key->plain.length > 0 && !text_is(key->plain, "0") && text_is_utf8(token);
}

/* False when OpenSSL fails, which is nobody's fault who asks. */
static bool hash_key(const struct sanctum *sanctum, struct sanctum_key *key)
{
	unsigned char hash[SHA256_BYTES];

	if (!hasher_sha256(sanctum->context.hasher, &key->plain, 1, hash))
		return false;
	hex_encode(hash, sizeof(hash), key->hash_hex);
	return true;
}

/* Has the token expired, by its column or by its age? A time that cannot be read has. */
static bool is_expired(const struct sanctum *sanctum, const struct value *row, int64_t now)
{
	const struct clock_zone *zone = sanctum->context.zone;
	int64_t age_limit = (int64_t)sanctum->config->expiration_minutes * 60 * MICROSECONDS;
	int64_t moment;

	if (row[SANCTUM_EXPIRES_AT].kind != VALUE_NONE &&
	    (!clock_parse_naive(row[SANCTUM_EXPIRES_AT].text, zone, &moment) || moment <= now))
		return true;
	if (!age_limit)
		return false;
	return !clock_parse_naive(row[SANCTUM_CREATED_AT].text, zone, &moment) ||
	       moment <= now - age_limit;
}

/* The owner section for a row's tokenable_type, and its first column in the row. */
static const struct config_owner *find_owner(
    const struct sanctum *sanctum, struct text type, size_t *column)
{
	*column = SANCTUM_OWNERS;
	for (size_t i = 0; i < sanctum->config->owner_count; i++) {
		const struct config_owner *owner = &sanctum->config->owners[i];

		if (text_is(type, owner->type))
			return owner;
		*column += sanctum_owner_width(owner);
	}
	return NULL;
}

static struct verdict read_owner(const struct sanctum *sanctum, const struct value *row,
    struct arena *arena, struct identity *identity)
{
	struct text type = row[SANCTUM_OWNER_TYPE].text;
	size_t column;
	const struct config_owner *owner = find_owner(sanctum, type, &column);

	if (!owner)
		return (struct verdict){OUTCOME_OWNER_TYPE_UNKNOWN,
		    arena_printf(arena, "%.*s", (int)type.length, type.data ? type.data : "")};
	return sanctum_owner_read(
	    owner, row + column, row[SANCTUM_OWNER_ID].text, arena, identity);
}

/* Remember to touch the token when its last_used_at is older than the configured interval. */
static void plan_touch(struct sanctum *sanctum, const struct db_rows *rows, int64_t now)
{
	int64_t interval = sanctum->config->touch_seconds * MICROSECONDS;
	const struct value *row = rows->values;
	int64_t last;

	if (sanctum->config->touch_seconds == CONFIG_TOUCH_OFF || sanctum_prolonged(rows->columns))
		return;
	if (clock_parse_naive(row[SANCTUM_LAST_USED_AT].text, sanctum->context.zone, &last) &&
	    last > now - interval && last <= now)
		return;
	sanctum->touch_id = row[SANCTUM_ID];
	sanctum->touch_now = now;
}

static struct verdict judge_row(struct sanctum *sanctum, const struct sanctum_key *key,
    const struct db_rows *rows, struct arena *arena, struct identity *identity)
{
	int64_t now = clock_now(sanctum->context.clock);
	const struct value *row = rows->values;
	struct verdict verdict;

	identity->token_id = row[SANCTUM_ID].text;
	if (key->lookup == SANCTUM_BY_ID && !text_equal(key->id.text, row[SANCTUM_ID].text))
		return verdict_of(OUTCOME_TOKEN_UNKNOWN); /* matched more loosely than by bytes */
	if (!secret_equal(row[SANCTUM_TOKEN].text, text_of(key->hash_hex)))
		return verdict_of(OUTCOME_TOKEN_MISMATCH);
	if (is_expired(sanctum, row, now))
		return verdict_of(OUTCOME_TOKEN_EXPIRED);
	verdict = read_owner(sanctum, row, arena, identity);
	if (verdict_allows(verdict))
		plan_touch(sanctum, rows, now);
	return verdict;
}

/* Name the token a refusal is about, so that the log helps without giving anything away. */
static struct verdict name_token(struct verdict verdict, struct text token_id, struct arena *arena)
{
	if (!verdict_allows(verdict) && text_present(token_id))
		verdict.detail =
		    arena_printf(arena, "token %.*s%s%s", (int)token_id.length, token_id.data,
		        verdict.detail ? ", owner " : "", verdict.detail ? verdict.detail : "");
	return verdict;
}

static struct verdict look_up(struct sanctum *sanctum, const struct sanctum_key *key,
    struct arena *arena, struct identity *identity)
{
	const struct config_credential *config = sanctum->config;
	struct value parameters[MAX_OWNERS + 1];
	size_t types = sanctum_type_parameters(config);
	struct companion_lookup own = {(size_t)key->lookup, parameters, types + 1};
	struct db_rows rows;
	struct verdict verdict;

	for (size_t i = 0; i < types; i++)
		parameters[i] = (struct value){VALUE_TEXT, text_of(config->owners[i].type)};
	parameters[types] = key->lookup == SANCTUM_BY_ID
	                        ? key->id
	                        : (struct value){VALUE_TEXT, text_of(key->hash_hex)};
	switch (run_select(sanctum, key->lookup, parameters, arena, &rows)) {
	case DB_FOUND:
		verdict = judge_row(sanctum, key, &rows, arena, identity);
		if (verdict_allows(verdict) && sanctum->brought && !sanctum->brought->answered)
			sanctum->lesson = companion_remember(sanctum->brought, &own, arena);
		return name_token(verdict, identity->token_id, arena);
	case DB_EMPTY:
		return verdict_of(OUTCOME_TOKEN_UNKNOWN);
	case DB_BROKEN:
	default:
		return db_verdict(sanctum->context.db, arena);
	}
}

static bool sanctum_presented(void *state, const struct request *request)
{
	const struct sanctum *sanctum = state;

	return source_presented(&sanctum->config->from, request);
}

static struct verdict sanctum_prove(
    void *state, const struct request *request, struct arena *arena, struct identity *identity)
{
	struct sanctum *sanctum = state;
	struct sanctum_key key;
	struct verdict verdict;
	struct source_token token;

	sanctum->touch_id = (struct value){0};
	sanctum->lesson = (struct companion_lesson){0};
	verdict = source_verdict(source_find(&sanctum->config->from, request, arena, &token));
	if (!verdict_allows(verdict))
		return verdict;
	if (!read_key(sanctum, token.text, &key))
		return verdict_of(OUTCOME_CREDENTIAL_MALFORMED);
	verdict = hash_key(sanctum, &key) ? look_up(sanctum, &key, arena, identity)
	                                  : verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	identity->carrier = token.carrier;
	explicit_bzero(&key, sizeof(key));
	return verdict;
}

/* A rule's question can ride along where there is one owner, whose key is then `:user`. */
static struct companion *sanctum_accompany(
    void *state, const struct plain_select *select, struct question *question)
{
	struct sanctum *sanctum = state;
	const struct config_credential *config = sanctum->config;
	const struct credential_context *context = &sanctum->context;
	struct companion_statements statements = {.id_column = SANCTUM_OWNERS};

	if (config->owner_count != 1)
		return NULL;
	statements.own_columns = SANCTUM_OWNERS + sanctum_owner_width(&config->owners[0]);
	for (int lookup = SANCTUM_BY_ID; lookup <= SANCTUM_BY_HASH; lookup++)
		statements.sql[lookup] = sanctum_select(
		    config, (enum sanctum_lookup)lookup, true, select, context->lifetime);
	return companion_new(
	    &statements, select, question, context->db, context->clock, context->lifetime);
}

static void sanctum_bring(void *state, struct companion_ask *ask)
{
	struct sanctum *sanctum = state;

	sanctum->brought = ask;
}

static void touch(struct sanctum *sanctum)
{
	int64_t stale = sanctum->touch_now - sanctum->config->touch_seconds * MICROSECONDS;
	char now[CLOCK_NAIVE_BYTES];
	char before[CLOCK_NAIVE_BYTES];
	struct value parameters[4];
	unsigned long long affected;

	if (sanctum->touch_id.kind == VALUE_NONE)
		return;
	if (clock_format_naive(sanctum->touch_now, sanctum->context.zone, now) &&
	    clock_format_naive(stale + MICROSECONDS, sanctum->context.zone, before)) {
		parameters[0] = parameters[1] = (struct value){VALUE_TEXT, text_of(now)};
		parameters[2] = sanctum->touch_id;
		parameters[3] = (struct value){VALUE_TEXT, text_of(before)};
		/* a failure is nobody's concern: the next request tries again */
		(void)db_execute(sanctum->context.db, sanctum->touch, parameters, 4, &affected);
	}
	sanctum->touch_id = (struct value){0};
}

static void sanctum_finish(void *state)
{
	struct sanctum *sanctum = state;

	touch(sanctum);
	companion_learn(&sanctum->lesson);
	sanctum->lesson = (struct companion_lesson){0};
}

static const char *sanctum_describe(void *state, struct text token_id, struct arena *arena)
{
	const struct sanctum *sanctum = state;

	return sanctum_token_tell(sanctum->config, &sanctum->context,
	    clock_monotonic(sanctum->context.clock) >= sanctum->lacks_expires_until, token_id,
	    arena);
}

static struct verdict sanctum_load(void *state, const struct credential_user *user,
    struct arena *arena, struct identity *identity)
{
	struct sanctum *sanctum = state;

	return sanctum_owner_load(
	    sanctum->config, sanctum->context.db, sanctum->owners, user, arena, identity);
}

static const struct credential_names *sanctum_names(void *state)
{
	const struct sanctum *sanctum = state;

	return &sanctum->names;
}

const struct credential_kind credential_sanctum = {
    .name = "sanctum",
    .open = sanctum_open,
    .check = sanctum_check,
    .presented = sanctum_presented,
    .prove = sanctum_prove,
    .accompany = sanctum_accompany,
    .bring = sanctum_bring,
    .describe = sanctum_describe,
    .load = sanctum_load,
    .examine = examine,
    .finish = sanctum_finish,
    .names = sanctum_names,
};
