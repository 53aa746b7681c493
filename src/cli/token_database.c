/* Insert, judge and delete rows of personal_access_tokens. */
#include "platform.h"
#include "cli/token_database.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "codec/base64.h"
#include "credential/credential.h"
#include "credential/sanctum_sql.h"
#include "crypto/digest.h"

#define PLAIN_RANDOM 40
#define PLAIN_BYTES (PLAIN_RANDOM + 8 + 1)
#define MICROSECONDS 1000000LL

static const struct db_purpose purpose = {.kind = "token"};

static int tell_database(const struct token_session *session)
{
	fprintf(stderr, "castgate token: the database says: %s\n", db_error(session->db)->message);
	return CLI_FAILED;
}

/* CRC-32 as PHP's hash('crc32b') computes it (ISO 3309, reflected). */
static uint32_t crc32b(const char *bytes, size_t length)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* 40 letters and digits, each equally likely, and their checksum. */
static bool make_plain(char plain[PLAIN_BYTES])
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t made = 0;

	while (made < PLAIN_RANDOM) {
		unsigned char byte;

		if (!random_bytes(&byte, 1))
			return false;
		if (byte < 4 * (sizeof(alphabet) - 1)) /* 248: a multiple of 62 */
			plain[made++] = alphabet[byte % (sizeof(alphabet) - 1)];
	}
	snprintf(plain + PLAIN_RANDOM, 9, "%08" PRIx32, crc32b(plain, PLAIN_RANDOM));
	return true;
}

static const struct config_owner *find_owner(const struct token_session *session)
{
	const struct config_credential *credential = session->credential;
	const char *type = session->options->owner_type;

	if (!type && credential->owner_count == 1)
		return &credential->owners[0];
	for (size_t i = 0; type && i < credential->owner_count; i++)
		if (strcmp(credential->owners[i].type, type) == 0)
			return &credential->owners[i];
	fprintf(stderr, "castgate token: %s\n",
	    type ? "no owner section has this type"
	         : "several owner types: choose one with --owner-type");
	return NULL;
}

/* "30d" to a moment; false when it is not such a duration. */
static bool expiry_of(const char *duration, int64_t now, int64_t *moment)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	struct text text = text_of(duration);
	uint64_t count;

	for (size_t i = 0; text.length && i < sizeof(units) / sizeof(units[0]); i++) {
		struct text digits = {text.data, text.length - 1};

		if (text.data[text.length - 1] != units[i].unit ||
		    !text_to_u64(digits, TEXT_DIGITS_CANONICAL, &count) || count > 1000000)
			continue;
		*moment = now + (int64_t)count * units[i].seconds * MICROSECONDS;
		return true;
	}
	fprintf(stderr, "castgate token: --expires-in takes a number and s, m, h or d\n");
	return false;
}

static struct value text_value(const char *string)
{
	return (struct value){VALUE_TEXT, text_of(string)};
}

/* Does the owner exist? The key comes back, so that "7abc" cannot pass for 7. */
static bool owner_exists(const struct token_session *session, const struct config_owner *owner)
{
	const char *sql = sanctum_owner_select(owner, session->arena);
	struct db_statement *statement =
	    sql ? db_statement_new(session->db, &purpose, "token", sql) : NULL;
	struct value key = text_value(session->options->owner);
	struct db_rows rows;

	if (!statement)
		return false;
	switch (db_select(session->db, statement, &key, 1, 1, session->arena, &rows)) {
	case DB_FOUND:
		if (text_equal(rows.values[0].text, key.text))
			return true;
		/* matched more loosely than by bytes */
		__attribute__((fallthrough));
	case DB_EMPTY:
		fprintf(stderr, "castgate token: %s has no %s %s\n", owner->table, owner->key,
		    session->options->owner);
		return false;
	case DB_BROKEN:
	default:
		(void)tell_database(session);
		return false;
	}
}

static bool new_string_id(struct arena *arena, struct text *id)
{
	unsigned char random[16];
	char hex[33];

	if (!random_bytes(random, sizeof(random)))
		return false;
	random[6] = (unsigned char)((random[6] & 0x0f) | 0x40); /* RFC 9562: version 4 */
	random[8] = (unsigned char)((random[8] & 0x3f) | 0x80);
	hex_encode(random, sizeof(random), hex);
	*id = text_of(arena_printf(
	    arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20));
	return text_present(*id);
}

/* Insert; the new row's id in *id. */
static bool insert(const struct token_session *session, const struct config_owner *owner,
    const char *hash_hex, const char *now, const char *expires, struct text *id)
{
	bool own_id = session->credential->token_id == CONFIG_TOKEN_ID_STRING;
	const char *sql =
	    sanctum_insert(session->credential, own_id, expires != NULL, session->arena);
	struct db_statement *statement =
	    sql ? db_statement_new(session->db, &purpose, "token", sql) : NULL;
	const char *name = session->options->name ? session->options->name : "castgate";
	struct value parameters[8];
	unsigned long long affected;
	size_t count = 0;

	if (!statement || (own_id && !new_string_id(session->arena, id)))
		return false;
	if (own_id)
		parameters[count++] = (struct value){VALUE_TEXT, *id};
	if (expires)
		parameters[count++] = text_value(expires);
	parameters[count++] = text_value(owner->type);
	parameters[count++] = text_value(session->options->owner);
	parameters[count++] = text_value(name);
	parameters[count++] = text_value(hash_hex);
	parameters[count++] = text_value(now);
	parameters[count++] = text_value(now);
	if (!db_execute(session->db, statement, parameters, count, &affected) || affected != 1)
		return false;
	if (!own_id)
		*id = text_of(arena_printf(session->arena, "%llu", db_insert_id(session->db)));
	return text_present(*id);
}

int token_create(const struct token_session *session)
{
	const struct config_owner *owner = find_owner(session);
	struct clock clock = clock_system();
	int64_t now = clock_now(&clock);
	char now_text[CLOCK_NAIVE_BYTES];
	char expires_text[CLOCK_NAIVE_BYTES];
	const char *expires = NULL;
	char plain[PLAIN_BYTES];
	char hash_hex[SHA256_HEX_BYTES];
	unsigned char hash[SHA256_BYTES];
	struct text plain_text;
	struct text id = {0};
	int64_t moment;

	if (!owner || !clock_format_naive(now, &session->zone, now_text))
		return CLI_FAILED;
	if (session->options->expires_in) {
		if (!expiry_of(session->options->expires_in, now, &moment) ||
		    !clock_format_naive(moment, &session->zone, expires_text))
			return CLI_USAGE;
		expires = expires_text;
	}
	if (!owner_exists(session, owner) || !make_plain(plain))
		return CLI_FAILED;
	plain_text = text_of(plain);
	if (!sha256(&plain_text, 1, hash))
		return CLI_FAILED;
	hex_encode(hash, sizeof(hash), hash_hex);
	if (!insert(session, owner, hash_hex, now_text, expires, &id))
		return tell_database(session);
	printf("%.*s|%s\n", (int)id.length, id.data, plain);
	explicit_bzero(plain, sizeof(plain));
	return CLI_OK;
}

static void print_value(const char *name, struct text text)
{
	if (text_present(text))
		printf("%-12s %.*s\n", name, (int)text.length, text.data);
}

static int print_verdict(struct verdict verdict, const struct identity *identity)
{
	if (verdict_allows(verdict)) {
		print_value("valid", text_of("yes"));
		print_value("token", identity->token_id);
		print_value("owner", identity->id.text);
		for (size_t i = 0; i < identity->value_count; i++)
			print_value(identity->values[i].name.data, identity->values[i].value.text);
		return CLI_OK;
	}
	print_value("valid", text_of(verdict_is_outage(verdict) ? "unknown" : "no"));
	print_value("reason", text_of(outcome_row(verdict.outcome)->reason));
	print_value("meaning", text_of(outcome_row(verdict.outcome)->meaning));
	print_value("detail", text_of(verdict.detail));
	print_value("cure", text_of(outcome_row(verdict.outcome)->cure));
	return verdict_is_outage(verdict) ? CLI_FAILED : CLI_USAGE;
}

int token_inspect(const struct token_session *session)
{
	struct clock clock = clock_system();
	struct credential_context context = {
	    .db = session->db, .clock = &clock, .zone = &session->zone, .lifetime = session->arena};
	struct report *report = report_new();
	struct credential *credential =
	    report ? credential_open(session->credential, &context, report) : NULL;
	struct identity identity = {0};
	struct request request = {0};
	struct verdict verdict;
	char line[1024] = "";
	struct text token;

	if (report)
		report_print(report, stderr);
	report_free(report);
	if (!credential)
		return CLI_FAILED;
	if (!fgets(line, sizeof(line), stdin)) {
		fprintf(stderr, "castgate token: no token on standard input\n");
		return CLI_FAILED;
	}
	token = text_trim(text_of(line));
	request.authorization =
	    text_of(arena_printf(session->arena, "Bearer %.*s", (int)token.length, token.data));
	verdict = credential_chain_prove(&credential, 1, &request, session->arena, &identity, NULL);
	explicit_bzero(line, sizeof(line));
	return print_verdict(verdict, &identity);
}

int token_revoke(const struct token_session *session)
{
	const char *sql = sanctum_delete(session->credential, session->arena);
	struct db_statement *statement =
	    sql ? db_statement_new(session->db, &purpose, "token", sql) : NULL;
	struct value id = text_value(session->options->id);
	unsigned long long affected;

	if (session->credential->token_id == CONFIG_TOKEN_ID_INT)
		id.kind = VALUE_INTEGER;
	if (!statement || !db_execute(session->db, statement, &id, 1, &affected))
		return tell_database(session);
	if (affected == 0) {
		fprintf(stderr, "castgate token: there is no token %s\n", session->options->id);
		return CLI_FAILED;
	}
	printf("token %s revoked; it is refused from the next request on\n", session->options->id);
	return CLI_OK;
}
