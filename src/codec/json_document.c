/* A document is checked by the parser, then copied token by token, so no number is rewritten. */
#include "platform.h"
#include "codec/json_write.h"

#include <jansson.h>

#include "codec/json_parse.h"

/* The length of the string token, quotes included, that the checked text starts with. */
static size_t string_token_length(struct text json)
{
	size_t at = 1;

	while (at < json.length && json.data[at] != '"')
		at += json.data[at] == '\\' ? 2 : 1;
	return at < json.length ? at + 1 : json.length;
}

static bool add_string_token(struct buffer *buffer, struct text token, enum json_style style)
{
	const char *problem;
	json_t *string = json_parse(token, JSON_TOP_ANY, &problem);
	bool added = false;

	if (json_is_string(string)) {
		struct text text = {json_string_value(string), json_string_length(string)};

		added = json_add_string(buffer, text, style);
	} else {
		buffer->failed = true;
	}
	json_decref(string);
	return added;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

bool json_add_document(struct buffer *buffer, struct text json, enum json_style style)
{
	const char *problem;
	json_t *tree = json_parse(json, JSON_TOP_ANY, &problem);

	if (!tree) {
		buffer->failed = true;
		return false;
	}
	json_decref(tree);
	for (size_t at = 0; at < json.length;) {
		struct text rest = text_skip(json, at);
		size_t length = 1;

		if (rest.data[0] == '"') {
			length = string_token_length(rest);
			if (!add_string_token(buffer, (struct text){rest.data, length}, style))
				return false;
		} else if (!is_blank(rest.data[0])) {
			buffer_add_byte(buffer, rest.data[0]);
		}
		at += length;
	}
	return true;
}
