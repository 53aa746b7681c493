/* An object's members copied out of jansson's tree into the arena, so that no other room sees it. */
#include "platform.h"
#include "codec/json_object.h"

#include <jansson.h>

#include "codec/json_parse.h"

static bool copy_text(const char *data, size_t length, struct arena *arena, struct text *copy)
{
	copy->data = arena_copy(arena, data, length);
	copy->length = length;
	return copy->data != NULL;
}

static bool copy_inside(json_t *value, struct arena *arena, struct json_object *inside);

static bool copy_value(json_t *value, struct arena *arena, struct json_member *member)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		member->kind = JSON_MEMBER_STRING;
		return copy_text(
		    json_string_value(value), json_string_length(value), arena, &member->string);
	case JSON_INTEGER:
		member->kind = JSON_MEMBER_INTEGER;
		member->integer = json_integer_value(value);
		return true;
	case JSON_REAL:
		member->kind = JSON_MEMBER_REAL;
		member->real = json_real_value(value);
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		member->kind = JSON_MEMBER_BOOLEAN;
		member->boolean = json_is_true(value);
		return true;
	case JSON_ARRAY:
		member->kind = JSON_MEMBER_LIST;
		return copy_inside(value, arena, &member->inside);
	case JSON_OBJECT:
		member->kind = JSON_MEMBER_OBJECT;
		return copy_inside(value, arena, &member->inside);
	case JSON_NULL:
	default:
		member->kind = JSON_MEMBER_NULL;
		return true;
	}
}

static bool copy_members(
    json_t *object, struct arena *arena, struct json_member *members, size_t *count)
{
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		struct json_member *member = &members[(*count)++];
		struct text name = text_of(json_object_iter_key(at));

		if (!copy_text(name.data, name.length, arena, &member->name) ||
		    !copy_value(json_object_iter_value(at), arena, member))
			return false;
	}
	return true;
}

/* Copy a list or an object; as deep as the parser lets a text be. */
static bool copy_inside(json_t *value, struct arena *arena, struct json_object *inside)
{
	bool list = json_is_array(value);
	size_t count = list ? json_array_size(value) : json_object_size(value);
	struct json_member *members = arena_array(arena, count + 1, sizeof(*members));

	if (!members)
		return false;
	inside->members = members;
	if (!list)
		return copy_members(value, arena, members, &inside->count);
	for (; inside->count < count; inside->count++)
		if (!copy_value(
		        json_array_get(value, inside->count), arena, &members[inside->count]))
			return false;
	return true;
}

bool json_object_read(struct text input, size_t limit, struct arena *arena,
    struct json_object *object, const char **problem)
{
	json_t *tree;
	bool copied;

	*object = (struct json_object){0};
	*problem = "The JSON is too long.";
	if (input.length > limit)
		return false;
	tree = json_parse(input, JSON_TOP_EXACT, problem);
	if (!tree)
		return false;
	copied = copy_inside(tree, arena, object);
	json_decref(tree);
	*problem = copied ? NULL : "Memory ran out while reading JSON.";
	if (!copied)
		*object = (struct json_object){0};
	return copied;
}

const struct json_member *json_object_member(const struct json_object *object, struct text name)
{
	for (size_t i = 0; i < object->count; i++)
		if (text_equal(object->members[i].name, name))
			return &object->members[i];
	return NULL;
}

struct text json_object_string(const struct json_object *object, const char *name)
{
	const struct json_member *member = json_object_member(object, text_of(name));

	return member && member->kind == JSON_MEMBER_STRING ? member->string : (struct text){0};
}
