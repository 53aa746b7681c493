/* A JSON object's members as fields, copied out of jansson's tree into the arena. */
#include "platform.h"
#include "codec/fields_append.h"

#include <jansson.h>

#include "codec/json_parse.h"

static bool append_string(struct fields *fields, enum field_kind kind, struct text name,
    const json_t *string, struct arena *arena, const char **problem)
{
	struct field field = {.kind = kind, .name = name};
	size_t length = json_string_length(string);

	field.value.data = arena_copy(arena, json_string_value(string), length);
	field.value.length = length;
	if (!field.value.data)
		return fields_refuse_full(fields, problem);
	return fields_append(fields, field, arena, problem);
}

static bool is_string_list(const json_t *value)
{
	if (!json_is_array(value) || json_array_size(value) == 0)
		return false;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return true;
}

static bool append_member(struct fields *fields, const char *key, const json_t *value,
    struct arena *arena, const char **problem)
{
	struct text name = text_of(key);

	name.data = arena_copy(arena, name.data, name.length);
	if (!name.data)
		return fields_refuse_full(fields, problem);
	if (json_is_string(value))
		return append_string(fields, FIELD_TEXT, name, value, arena, problem);
	if (!is_string_list(value))
		return fields_append(fields, (struct field){.name = name}, arena, problem);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *item = json_array_get(value, i);

		if (!append_string(fields, FIELD_ITEM, name, item, arena, problem))
			return false;
	}
	return true;
}

bool fields_read_json(
    struct text input, struct arena *arena, struct fields *fields, const char **problem)
{
	const char *sentence;
	json_t *object = json_parse(input, JSON_TOP_OBJECT, &sentence);
	bool complete = true;
	const char *key;
	json_t *value;

	if (!object)
		return fields_refuse(fields, sentence, problem);
	json_object_foreach(object, key, value)
	{
		complete = append_member(fields, key, value, arena, problem);
		if (!complete)
			break;
	}
	json_decref(object);
	return complete;
}
