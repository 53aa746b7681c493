/* Names looked up in identity, captures and clock; a missing value is missing, never empty. */
#include "platform.h"
#include "channel/scope.h"

static struct value find_capture(const struct captures *captures, struct text name)
{
	for (size_t i = 0; captures && i < captures->count; i++)
		if (text_equal(captures->values[i].name, name))
			return captures->values[i].value;
	return (struct value){0};
}

struct value scope_value(const struct scope *scope, struct text name)
{
	struct value value;

	if (text_is(name, "user"))
		return scope->identity->id;
	if (text_starts_with(name, "user."))
		return name.length > 5 ? identity_value(scope->identity, text_skip(name, 5))
		                       : (struct value){0};
	if (text_is(name, "now"))
		return (struct value){
		    text_present(scope->now) ? VALUE_TEXT : VALUE_NONE, scope->now};
	value = find_capture(scope->channel, name);
	return value.kind == VALUE_NONE ? find_capture(scope->path, name) : value;
}

static struct verdict agree(
    const struct identity *identity, const struct captures *captures, struct arena *arena)
{
	for (size_t i = 0; captures && i < captures->count; i++)
		for (size_t k = 0; k < identity->value_count; k++) {
			const struct named_value *capture = &captures->values[i];
			const struct named_value *known = &identity->values[k];

			if (text_equal(capture->name, known->name) &&
			    !text_equal(capture->value.text, known->value.text))
				return (struct verdict){OUTCOME_VALUE_DISAGREES,
				    arena_printf(
				        arena, "%.*s", (int)known->name.length, known->name.data)};
		}
	return verdict_of(OUTCOME_ALLOWED);
}

struct verdict scope_agrees(const struct scope *scope, struct arena *arena)
{
	struct verdict verdict = agree(scope->identity, scope->path, arena);

	return verdict_allows(verdict) ? agree(scope->identity, scope->channel, arena) : verdict;
}
