/* socket_id once, channel_name once or as a list; anything ambiguous is refused before any query. */
#include "platform.h"
#include "endpoint/subscription.h"

#include "codec/subscription_syntax.h"

/* The fields of one name in one place: how many of each kind, and the first text. */
struct occurrence {
	size_t texts;
	size_t items;
	size_t others;
	struct text first;
};

static struct occurrence count_field(const struct fields *fields, const char *name)
{
	struct occurrence seen = {0};

	for (size_t i = 0; i < fields->count; i++) {
		const struct field *field = &fields->items[i];

		if (!text_is(field->name, name))
			continue;
		if (field->kind == FIELD_TEXT && seen.texts++ == 0)
			seen.first = text_trim(field->value);
		else if (field->kind == FIELD_ITEM)
			seen.items++;
		else if (field->kind == FIELD_OTHER)
			seen.others++;
	}
	return seen;
}

static bool occurs(struct occurrence seen)
{
	return seen.texts || seen.items || seen.others;
}

/* The body's fields of this name, or the query string's where the body has none. */
static const struct fields *choose_place(
    const struct request *request, const char *name, struct occurrence *seen)
{
	*seen = count_field(&request->fields, name);
	if (occurs(*seen))
		return &request->fields;
	*seen = count_field(&request->query_fields, name);
	return &request->query_fields;
}

struct verdict subscription_read_socket(const struct request *request, struct text *socket_id)
{
	struct occurrence seen;

	*socket_id = (struct text){0};
	if (request->problem)
		return (struct verdict){OUTCOME_REQUEST_MALFORMED, request->problem};
	(void)choose_place(request, "socket_id", &seen);
	if (!occurs(seen))
		return verdict_of(OUTCOME_SOCKET_ID_MISSING);
	if (seen.texts > 1)
		return (struct verdict){OUTCOME_PARAMETER_REPEATED, "socket_id"};
	if (seen.items || seen.others)
		return (struct verdict){OUTCOME_SOCKET_ID_INVALID, "not a single string"};
	if (seen.first.length == 0)
		return verdict_of(OUTCOME_SOCKET_ID_MISSING);
	if (!socket_id_valid(seen.first))
		return verdict_of(OUTCOME_SOCKET_ID_INVALID);
	*socket_id = seen.first;
	return verdict_of(OUTCOME_ALLOWED);
}

static struct verdict read_batch(const struct fields *fields,
    const struct subscription_limits *limits, struct arena *arena, size_t items,
    struct subscription *out)
{
	if (items > limits->max_batch)
		return (struct verdict){OUTCOME_BATCH_INVALID, "too many channels"};
	out->channels = arena_array(arena, items, sizeof(*out->channels));
	if (!out->channels)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	out->is_batch = true;
	for (size_t i = 0; i < fields->count; i++) {
		const struct field *field = &fields->items[i];
		struct text name = text_trim(field->value);

		if (field->kind != FIELD_ITEM || !text_is(field->name, "channel_name"))
			continue;
		for (size_t k = 0; k < out->count; k++)
			if (text_equal(out->channels[k], name))
				return (struct verdict){
				    OUTCOME_BATCH_INVALID, "a channel is named twice"};
		if (!text_is_utf8(name))
			return (struct verdict){OUTCOME_BATCH_INVALID, "a name is not UTF-8"};
		out->channels[out->count++] = name;
	}
	return verdict_of(OUTCOME_ALLOWED);
}

static struct verdict read_single(struct occurrence seen, const struct subscription_limits *limits,
    struct arena *arena, struct subscription *out)
{
	if (!occurs(seen) || (seen.texts == 1 && !seen.others && seen.first.length == 0))
		return verdict_of(OUTCOME_CHANNEL_MISSING);
	if (seen.texts > 1)
		return (struct verdict){OUTCOME_PARAMETER_REPEATED, "channel_name"};
	if (seen.others)
		return (struct verdict){OUTCOME_CHANNEL_INVALID, "not a string"};
	if (!channel_name_valid(seen.first, limits->max_channel_bytes))
		return verdict_of(OUTCOME_CHANNEL_INVALID);
	out->channels = arena_array(arena, 1, sizeof(*out->channels));
	if (!out->channels)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	out->channels[0] = seen.first;
	out->count = 1;
	return verdict_of(OUTCOME_ALLOWED);
}

struct verdict subscription_read(const struct request *request,
    const struct subscription_limits *limits, struct arena *arena, struct subscription *out)
{
	struct verdict verdict;
	struct occurrence seen;
	const struct fields *fields;

	*out = (struct subscription){0};
	verdict = subscription_read_socket(request, &out->socket_id);
	if (!verdict_allows(verdict))
		return verdict;
	fields = choose_place(request, "channel_name", &seen);
	if (seen.items && (seen.texts || seen.others))
		return (struct verdict){OUTCOME_PARAMETER_REPEATED, "channel_name"};
	if (seen.items)
		return read_batch(fields, limits, arena, seen.items, out);
	return read_single(seen, limits, arena, out);
}
