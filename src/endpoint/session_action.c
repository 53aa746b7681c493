/* The identity as JSON: values about the session in one object, the others about the user. */
#include "platform.h"
#include "endpoint/session_action.h"

#include "base/buffer.h"
#include "codec/json_write.h"

static bool is_shown(struct value value)
{
	return value.kind != VALUE_NONE && value.kind != VALUE_BINARY;
}

static void add_member(struct buffer *out, struct text name, struct value value)
{
	if (out->failed || !is_shown(value))
		return;
	if (out->data[out->length - 1] != '{')
		buffer_add_byte(out, ',');
	(void)json_add_string(out, name, JSON_PLAIN);
	buffer_add_byte(out, ':');
	(void)json_add_value(out, value, JSON_PLAIN);
}

static void add_values(
    struct buffer *out, const struct identity *identity, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (!text_is(identity->values[i].name, "id")) /* the identity's own stands there */
			add_member(out, identity->values[i].name, identity->values[i].value);
}

static void add_session(struct buffer *out, const struct identity *identity)
{
	char expires[CLOCK_RFC3339_BYTES];

	if (text_present(identity->token_id))
		add_member(out, TEXT("id"), (struct value){VALUE_TEXT, identity->token_id});
	if (identity->expires_microseconds &&
	    clock_format_rfc3339(identity->expires_microseconds, expires))
		add_member(out, TEXT("expiresAt"), (struct value){VALUE_TEXT, text_of(expires)});
	add_values(out, identity, 0, identity->session_value_count);
}

/* Text that is not UTF-8 cannot be JSON. */
static bool is_readable(const struct identity *identity)
{
	bool good = text_is_utf8(identity->id.text) && text_is_utf8(identity->token_id);

	for (size_t i = 0; i < identity->value_count; i++) {
		struct value value = identity->values[i].value;

		good = good && (!is_shown(value) || text_is_utf8(value.text));
	}
	return good;
}

static struct text describe(const struct identity *identity, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	size_t first = identity->session_value_count;

	buffer_add_string(&out, "{\"user\":{");
	add_member(&out, TEXT("id"), identity->id);
	add_values(&out, identity, first, identity->value_count - first);
	buffer_add_string(&out, "},\"session\":{");
	add_session(&out, identity);
	buffer_add_string(&out, "}}");
	return buffer_text(&out);
}

void session_serve(struct call *call)
{
	call->verdict = call_admit(call, verdict_of(OUTCOME_ALLOWED));
	if (!verdict_allows(call->verdict))
		return;
	if (!is_readable(&call->identity)) {
		call->verdict = verdict_of(OUTCOME_USER_DATA_INVALID);
		return;
	}
	call->body = describe(&call->identity, call->arena);
	if (!text_present(call->body))
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}
