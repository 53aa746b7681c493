/* Header parameters, cut off one at a time from the front. */
#include "platform.h"
#include "codec/header_parameter.h"

struct text header_word_take(struct text *rest)
{
	size_t end = text_find(*rest, ';');
	struct text word = {rest->data, end};

	*rest = text_skip(*rest, end);
	return text_trim(word);
}

/* A quoted value: everything up to the next quote. */
static bool take_quoted(struct text *rest, struct text *value)
{
	size_t end;

	*rest = text_skip(*rest, 1);
	end = text_find(*rest, '"');
	*value = (struct text){rest->data, end};
	if (end == rest->length || text_find(*value, '\\') < end)
		return false;
	*rest = text_trim(text_skip(*rest, end + 1));
	return rest->length == 0 || rest->data[0] == ';';
}

static bool take_bare(struct text *rest, struct text *value)
{
	*value = header_word_take(rest);
	for (size_t i = 0; i < value->length; i++)
		if (value->data[i] == '"' || value->data[i] == ' ' || value->data[i] == '\t')
			return false;
	return value->length > 0;
}

enum header_step header_parameter_take(struct text *rest, struct text *name, struct text *value)
{
	size_t equals;
	bool whole;

	*rest = text_trim(*rest);
	while (text_starts_with(*rest, ";"))
		*rest = text_trim(text_skip(*rest, 1));
	if (rest->length == 0)
		return HEADER_END;
	equals = text_find(*rest, '=');
	*name = text_trim((struct text){rest->data, equals});
	if (equals == rest->length || name->length == 0 || text_find(*name, ';') < name->length)
		return HEADER_BROKEN;
	*rest = text_trim(text_skip(*rest, equals + 1));
	if (rest->length > 0 && rest->data[0] == '"')
		whole = take_quoted(rest, value);
	else
		whole = take_bare(rest, value);
	return whole ? HEADER_PARAMETER : HEADER_BROKEN;
}
