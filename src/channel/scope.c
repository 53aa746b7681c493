/* Names looked up in identity, captures and clock; a missing value is missing, never empty. */
#include "platform.h"
#include "channel/scope.h"

#include "base/buffer.h"

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

bool scope_agrees(const struct scope *scope)
{
	for (size_t i = 0; scope->path && i < scope->path->count; i++) {
		const struct named_value *capture = &scope->path->values[i];
		struct value known = identity_value(scope->identity, capture->name);

		if (known.kind != VALUE_NONE && !text_equal(known.text, capture->value.text))
			return false;
	}
	return true;
}

struct text scope_fill(const struct scope *scope, const char *template, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	struct text rest = text_of(template);

	while (rest.length) {
		size_t open = text_find(rest, '{');
		size_t close;
		struct value value;

		buffer_add(&out, (struct text){rest.data, open});
		rest = text_skip(rest, open);
		if (!rest.length)
			break;
		close = text_find(rest, '}');
		if (close == rest.length)
			return (struct text){0};
		value = scope_value(scope, (struct text){rest.data + 1, close - 1});
		if (value.kind == VALUE_NONE || value.kind == VALUE_BINARY)
			return (struct text){0};
		buffer_add(&out, value.text);
		rest = text_skip(rest, close + 1);
	}
	return buffer_text(&out);
}
