/* codec/fields: a form's fields hold no NUL, and written again they read back the same. */
#include "platform.h"
#include "fuzz.h"

#include "base/buffer.h"
#include "codec/fields.h"
#include "fields_check.h"

#define ARENA_BYTES (4u << 20)

static void add_escaped(struct buffer *form, struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		buffer_printf(form, "%%%02X", (unsigned)(unsigned char)text.data[i]);
}

/* The same fields with every byte escaped. */
static struct text write_form(const struct fields *fields, struct arena *arena)
{
	struct buffer form = buffer_start(arena);

	for (size_t i = 0; i < fields->count; i++) {
		add_escaped(&form, fields->items[i].name);
		if (fields->items[i].kind == FIELD_ITEM)
			buffer_add_string(&form, "[]");
		buffer_add_byte(&form, '=');
		add_escaped(&form, fields->items[i].value);
		buffer_add_byte(&form, '&');
	}
	return buffer_text(&form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct fields fields = {0};
	struct fields again = {0};
	const char *problem = NULL;
	bool read = fields_read_form(fuzz_text(data, size), arena, &fields, &problem);

	fields_check(read, &fields, problem);
	if (read) {
		FUZZ_REQUIRE(fields_read_form(write_form(&fields, arena), arena, &again, &problem));
		fields_check_equal(&fields, &again);
	}
	arena_free(arena);
	return 0;
}
