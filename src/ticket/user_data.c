/* The JSON that tells other members who joined: channel_data and user_data, within its limits. */
#include "platform.h"
#include "ticket/ticket.h"

#define USER_ID_MAX 128
#define USER_INFO_MAX 1024
#define USER_INFO_MAX_SOKETI 2048

static struct verdict invalid(const char *detail)
{
	return (struct verdict){OUTCOME_USER_DATA_INVALID, detail};
}

static struct verdict check_user_id(struct text user_id)
{
	if (user_id.length < 1)
		return invalid("The user id is empty.");
	if (user_id.length > USER_ID_MAX)
		return invalid("The user id is longer than 128 bytes.");
	if (!text_is_utf8(user_id))
		return invalid("The user id is not UTF-8.");
	return verdict_of(OUTCOME_ALLOWED);
}

static bool is_repeated(const struct ticket_member *members, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (text_equal(members[i].name, members[at].name))
			return true;
	return false;
}

static struct verdict add_member(
    struct buffer *buffer, const struct ticket_member *member, enum json_style style)
{
	if (member->value.kind == VALUE_BINARY)
		return invalid("A value is binary.");
	if (!json_add_string(buffer, member->name, style))
		return invalid("A member's name is not UTF-8.");
	buffer_add_byte(buffer, ':');
	if (member->is_json) {
		if (!json_add_document(buffer, member->value.text, style))
			return invalid("A value marked as JSON is not a JSON document.");
	} else if (!json_add_value(buffer, member->value, style)) {
		return invalid("A value is not UTF-8, or not a number JSON can write.");
	}
	return verdict_of(OUTCOME_ALLOWED);
}

/* Append the members that are not NULL, separated by commas. */
static struct verdict add_members(
    struct buffer *buffer, const struct ticket_member *members, size_t count, enum json_style style)
{
	bool first = true;

	for (size_t i = 0; i < count; i++) {
		struct verdict verdict;

		if (is_repeated(members, i))
			return invalid("A member's name occurs twice.");
		if (members[i].value.kind == VALUE_NONE)
			continue;
		if (!first)
			buffer_add_byte(buffer, ',');
		first = false;
		verdict = add_member(buffer, &members[i], style);
		if (!verdict_allows(verdict))
			return verdict;
	}
	return verdict_of(OUTCOME_ALLOWED);
}

static struct verdict finish(struct buffer *buffer, struct text *out)
{
	*out = buffer_text(buffer);
	return verdict_of(text_present(*out) ? OUTCOME_ALLOWED : OUTCOME_RESOURCES_EXHAUSTED);
}

/* The object {...} of user_info, or an empty text when no member has a value. */
static struct verdict build_user_info(enum json_style style, const struct ticket_member *members,
    size_t count, struct arena *arena, struct text *out)
{
	struct buffer buffer = buffer_start(arena);
	struct verdict verdict;

	buffer_add_byte(&buffer, '{');
	verdict = add_members(&buffer, members, count, style);
	if (!verdict_allows(verdict))
		return verdict;
	buffer_add_byte(&buffer, '}');
	verdict = finish(&buffer, out);
	if (out->length == sizeof("{}") - 1)
		out->length = 0;
	return verdict;
}

/* A member without user_info is an error to Reverb ("Undefined array key"), also for each member who comes
 * later, and missing in soketi's list of members. Tried with Reverb 1.x of June 2026 and soketi 1.6.1. */
static bool needs_user_info(enum verifier verifier)
{
	return verifier == VERIFIER_REVERB || verifier == VERIFIER_SOKETI;
}

struct verdict ticket_channel_data(enum verifier verifier, enum json_style style,
    struct text user_id, const struct ticket_member *members, size_t count, struct arena *arena,
    struct text *out)
{
	size_t limit = verifier == VERIFIER_SOKETI ? USER_INFO_MAX_SOKETI : USER_INFO_MAX;
	struct buffer buffer = buffer_start(arena);
	struct verdict verdict = check_user_id(user_id);
	struct text user_info = {0};

	*out = (struct text){0};
	if (!verdict_allows(verdict))
		return verdict;
	verdict = build_user_info(style, members, count, arena, &user_info);
	if (!verdict_allows(verdict))
		return verdict;
	if (user_info.length == 0 && needs_user_info(verifier))
		user_info = TEXT("{}");
	if (user_info.length > limit)
		return invalid("user_info is longer than the server accepts.");
	buffer_add_string(&buffer, "{\"user_id\":");
	(void)json_add_string(&buffer, user_id, style);
	if (user_info.length > 0) {
		buffer_add_string(&buffer, ",\"user_info\":");
		buffer_add(&buffer, user_info);
	}
	buffer_add_byte(&buffer, '}');
	return finish(&buffer, out);
}

struct verdict ticket_user_data(enum json_style style, struct text user_id,
    const struct ticket_member *members, size_t count, struct arena *arena, struct text *out)
{
	struct buffer buffer = buffer_start(arena);
	struct verdict verdict = check_user_id(user_id);
	struct text user_info = {0};

	*out = (struct text){0};
	if (!verdict_allows(verdict))
		return verdict;
	for (size_t i = 0; i < count; i++)
		if (text_is(members[i].name, "id"))
			return invalid("A member is named id, which is the user's own.");
	verdict = build_user_info(style, members, count, arena, &user_info);
	if (!verdict_allows(verdict))
		return verdict;
	buffer_add_string(&buffer, "{\"id\":");
	(void)json_add_string(&buffer, user_id, style);
	if (user_info.length > 0) {
		buffer_add_byte(&buffer, ',');
		buffer_add(&buffer, text_skip(user_info, 1));
	} else {
		buffer_add_byte(&buffer, '}');
	}
	verdict = finish(&buffer, out);
	if (out->length > USER_INFO_MAX) {
		*out = (struct text){0};
		return invalid("user_data is longer than the server accepts.");
	}
	return verdict;
}
