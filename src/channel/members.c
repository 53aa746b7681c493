/* Chooses what a channel learns about a user: listed names, or the columns that prove nothing. */
#include "platform.h"
#include "channel/rule.h"

#include <string.h>

static bool is_json(const struct config_list *json, struct text column)
{
	for (size_t i = 0; json && i < json->count; i++)
		if (text_is(column, json->items[i]))
			return true;
	return false;
}

/* "NAME" or "NAME = VALUE" into the member's name and what it is taken from. */
static void split_entry(const char *entry, struct text *name, struct text *from)
{
	struct text whole = text_of(entry);
	size_t equals = text_find(whole, '=');

	*name = text_trim((struct text){whole.data, equals});
	*from = equals < whole.length ? text_trim(text_skip(whole, equals + 1)) : *name;
}

/* A result column first, then a name of the scope. False when neither knows the name. */
static bool find_value(
    const struct query_row *row, const struct scope *scope, struct text from, struct value *value)
{
	for (size_t i = 0; i < row->count; i++)
		if (text_equal(row->columns[i].name, from)) {
			*value = row->values[i];
			return true;
		}
	*value = scope_value(scope, from);
	if (value->kind != VALUE_NONE)
		return true;
	/* an identity value that is NULL exists all the same */
	if (!text_starts_with(from, "user."))
		return false;
	for (size_t i = 0; i < scope->identity->value_count; i++)
		if (text_equal(scope->identity->values[i].name, text_skip(from, 5)))
			return true;
	return false;
}

static struct verdict collect_listed(const struct member_source *source,
    const struct query_row *row, const struct scope *scope, struct arena *arena,
    struct ticket_member *members)
{
	for (size_t i = 0; i < source->listed->count; i++) {
		struct text from;

		split_entry(source->listed->items[i], &members[i].name, &from);
		if (!find_value(row, scope, from, &members[i].value))
			return (struct verdict){OUTCOME_VALUE_MISSING,
			    arena_printf(arena, "user_info: %.*s", (int)from.length, from.data)};
		members[i].is_json = is_json(source->json, from);
	}
	return verdict_of(OUTCOME_ALLOWED);
}

struct verdict members_collect(const struct member_source *source, const struct query_row *row,
    const struct scope *scope, struct arena *arena, struct ticket_member **members, size_t *count)
{
	size_t most = source->listed ? source->listed->count : row->count;

	*count = 0;
	*members = arena_array(arena, most + 1, sizeof(**members));
	if (!*members)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	if (source->listed) {
		*count = most;
		return collect_listed(source, row, scope, arena, *members);
	}
	for (size_t i = 0; i < row->count; i++) {
		struct text name = row->columns[i].name;

		if (query_proves(source->query, name))
			continue;
		(*members)[(*count)++] =
		    (struct ticket_member){name, row->values[i], is_json(source->json, name)};
	}
	return verdict_of(OUTCOME_ALLOWED);
}
