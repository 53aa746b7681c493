/* Name, owner, expiry and last use of one row of the table of tokens. */
#include "platform.h"
#include "credential/sanctum_token.h"

#include "base/buffer.h"
#include "credential/sanctum_sql.h"

#define MOST_NAME_BYTES 64
#define MICROSECONDS 1000000LL

/* Zero for what is not there or cannot be read. */
static int64_t moment_of(const struct credential_context *context, struct value value)
{
	int64_t moment;

	return value.kind != VALUE_NONE && clock_parse_naive(value.text, context->zone, &moment)
	           ? moment
	           : 0;
}

static void add_expiry(struct buffer *out, const struct config_credential *config,
    const struct credential_context *context, const struct value *row, int64_t now)
{
	int64_t age_limit = (int64_t)config->expiration_minutes * 60 * MICROSECONDS;
	int64_t created = moment_of(context, row[SANCTUM_FACT_CREATED_AT]);
	int64_t expires = moment_of(context, row[SANCTUM_FACT_EXPIRES_AT]);
	char span[CLOCK_SPAN_BYTES];

	if (row[SANCTUM_FACT_EXPIRES_AT].kind != VALUE_NONE && !expires) {
		buffer_add_string(out, ", expires_at cannot be read");
		return;
	}
	if (age_limit && !created) {
		buffer_add_string(out, ", created_at cannot be read");
		return;
	}
	if (age_limit && (!expires || created + age_limit < expires))
		expires = created + age_limit;
	if (!expires) {
		buffer_add_string(out, ", never expires");
		return;
	}
	clock_format_span(expires - now, span);
	if (expires > now)
		buffer_printf(out, ", expires in %s", span);
	else
		buffer_printf(out, ", expired %s ago", span);
}

static void add_last_use(
    struct buffer *out, const struct credential_context *context, struct value at, int64_t now)
{
	int64_t last = moment_of(context, at);
	char span[CLOCK_SPAN_BYTES];

	clock_format_span(now - last, span);
	if (!last)
		buffer_add_string(out, ", never used");
	else
		buffer_printf(out, ", last used %s %s", span, last > now ? "in the future" : "ago");
}

static const char *write_row(const struct config_credential *config,
    const struct credential_context *context, const struct value *row, struct arena *arena)
{
	int64_t now = clock_now(context->clock);
	struct text name = row[SANCTUM_FACT_NAME].text;
	struct buffer out = buffer_start(arena);

	if (name.length > MOST_NAME_BYTES)
		name.length = MOST_NAME_BYTES;
	if (text_present(name))
		buffer_printf(&out, " (\"%.*s\")", (int)name.length, name.data);
	buffer_add_string(&out, ", owner ");
	buffer_add(&out, row[SANCTUM_FACT_OWNER_TYPE].text);
	buffer_add_byte(&out, ' ');
	buffer_add(&out, row[SANCTUM_FACT_OWNER_ID].text);
	add_expiry(&out, config, context, row, now);
	add_last_use(&out, context, row[SANCTUM_FACT_LAST_USED_AT], now);
	return buffer_text(&out).data;
}

static bool select_row(const struct credential_context *context, const char *sql,
    const struct value *id, struct arena *arena, struct db_rows *rows)
{
	struct db_statement *statement =
	    sql ? db_statement_new(
	              context->db, &(struct db_purpose){.kind = "explain"}, "castgate explain", sql)
	        : NULL;

	return statement &&
	       db_select_once(context->db, statement, id, 1, 1, arena, rows) == DB_FOUND;
}

const char *sanctum_token_tell(const struct config_credential *config,
    const struct credential_context *context, bool has_expires_at, struct text id,
    struct arena *arena)
{
	struct value key = {
	    config->token_id == CONFIG_TOKEN_ID_INT ? VALUE_INTEGER : VALUE_TEXT, id};
	struct db_rows rows;

	for (int with_name = 1; with_name >= 0; with_name--)
		if (select_row(context,
		        sanctum_facts(config, has_expires_at, with_name == 1, arena), &key, arena,
		        &rows))
			return write_row(config, context, rows.values, arena);
	return NULL;
}
