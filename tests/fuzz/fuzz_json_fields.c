/* codec/fields_json: what it reads is UTF-8 without NUL, and written again it reads back the same. */
#include "platform.h"
#include "fuzz.h"

#include "codec/fields.h"
#include "codec/json_write.h"
#include "fields_check.h"

#define ARENA_BYTES (4u << 20)

/* Does the list that field `index` belongs to begin or end with it? A repeated member name is
 * refused, so the items of one list stand together and no other member has their name. */
static bool opens_list(const struct fields *fields, size_t index)
{
	return index == 0 || fields->items[index - 1].kind != FIELD_ITEM ||
	       !text_equal(fields->items[index - 1].name, fields->items[index].name);
}

static bool closes_list(const struct fields *fields, size_t index)
{
	return index + 1 == fields->count || opens_list(fields, index + 1);
}

static void write_member(struct buffer *json, const struct fields *fields, size_t index)
{
	const struct field *field = &fields->items[index];
	bool item = field->kind == FIELD_ITEM;

	if (index > 0)
		buffer_add_byte(json, ',');
	if (!item || opens_list(fields, index)) {
		FUZZ_REQUIRE(json_add_string(json, field->name, JSON_PHP));
		buffer_add_byte(json, ':');
	}
	if (item && opens_list(fields, index))
		buffer_add_byte(json, '[');
	if (field->kind == FIELD_OTHER)
		buffer_add_string(json, "null");
	else
		FUZZ_REQUIRE(json_add_string(json, field->value, JSON_PHP));
	if (item && closes_list(fields, index))
		buffer_add_byte(json, ']');
}

static struct text write_object(const struct fields *fields, struct arena *arena)
{
	struct buffer json = buffer_start(arena);

	buffer_add_byte(&json, '{');
	for (size_t i = 0; i < fields->count; i++)
		write_member(&json, fields, i);
	buffer_add_byte(&json, '}');
	return buffer_text(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct fields fields = {0};
	struct fields again = {0};
	const char *problem = NULL;
	bool read = fields_read_json(fuzz_text(data, size), arena, &fields, &problem);

	fields_check(read, &fields, problem);
	if (read) {
		FUZZ_REQUIRE(
		    fields_read_json(write_object(&fields, arena), arena, &again, &problem));
		fields_check_equal(&fields, &again);
	}
	arena_free(arena);
	return 0;
}
