/* jansson at its strictest, behind a limit on depth that it checks only much later. */
#include "platform.h"
#include "codec/json_parse.h"

#include <jansson.h>
#include <stddef.h>

/* Count brackets outside strings. Text that is no JSON may be miscounted, and is then refused by
 * the parser or here; either way it is refused. */
static bool shallow(struct text input)
{
	bool in_string = false;
	size_t levels = 0;

	for (size_t at = 0; at < input.length; at++) {
		char byte = input.data[at];

		if (in_string && byte == '\\')
			at++;
		else if (byte == '"')
			in_string = !in_string;
		else if (!in_string && (byte == '{' || byte == '[') && ++levels > JSON_LEVELS_MAX)
			return false;
		else if (!in_string && (byte == '}' || byte == ']') && levels > 0)
			levels--;
	}
	return true;
}

static const char *sentence_for(const json_error_t *error)
{
	static const struct {
		enum json_error_code code;
		const char *sentence;
	} rows[] = {
	    {json_error_out_of_memory, "Memory ran out while reading JSON."},
	    {json_error_invalid_utf8, "The JSON is not UTF-8."},
	    {json_error_premature_end_of_input, "The JSON ends too early."},
	    {json_error_end_of_input_expected, "The JSON is followed by something else."},
	    {json_error_null_character, "A JSON string holds U+0000."},
	    {json_error_null_byte_in_key, "A JSON member's name holds U+0000."},
	    {json_error_duplicate_key, "A JSON member's name is repeated."},
	    {json_error_numeric_overflow, "A JSON number is too large."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == json_error_code(error))
			return rows[i].sentence;
	return "The text is not JSON.";
}

struct json_t *json_parse(struct text input, enum json_top top, const char **problem)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
	json_error_t error;
	json_t *tree;

	*problem = "There is no JSON.";
	if (!input.data)
		return NULL;
	*problem = "The JSON holds a NUL byte."; /* jansson 2.14 skips one that follows a number */
	if (text_find(input, '\0') < input.length)
		return NULL;
	*problem = "The JSON is nested more than 32 levels deep.";
	if (!shallow(input))
		return NULL;
	if (top != JSON_TOP_EXACT)
		flags |= JSON_DECODE_INT_AS_REAL;
	tree = json_loadb(input.data, input.length, flags, &error);
	*problem = tree ? "The JSON is not an object." : sentence_for(&error);
	if (tree && top != JSON_TOP_ANY && !json_is_object(tree)) {
		json_decref(tree);
		return NULL;
	}
	return tree;
}
