/* Runs one reader over rows of input and compares what it read with a one-line description. */
#include "platform.h"
#include "unit/field_rows.h"

#include "base/buffer.h"
#include "unit/runner.h"

/* Every field as "T name=value;", "I name=value;" or "O name;". */
static struct text describe(const struct fields *fields, struct arena *arena)
{
	struct buffer buffer = buffer_start(arena);

	for (size_t i = 0; i < fields->count; i++) {
		const struct field *field = &fields->items[i];

		ck_assert(text_present(field->value) == (field->kind != FIELD_OTHER));
		ck_assert(text_present(field->name));
		buffer_add_string(&buffer, field->kind == FIELD_TEXT   ? "T "
		                           : field->kind == FIELD_ITEM ? "I "
		                                                       : "O ");
		buffer_add(&buffer, field->name);
		if (field->kind != FIELD_OTHER)
			buffer_add_byte(&buffer, '=');
		buffer_add(&buffer, field->value);
		buffer_add_byte(&buffer, ';');
	}
	return buffer_text(&buffer);
}

void check_field_rows(field_reader *read, const struct field_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new(FIELD_ARENA_BYTES);
		struct fields fields = {0};
		const char *problem = NULL;
		bool good;

		ck_assert(fields_read_form(TEXT("q=0"), arena, &fields, &problem));
		good = read(rows[i].input, arena, &fields, &problem);
		ck_assert_msg(good == (rows[i].wanted != NULL), "row %zu: %s", i,
		    problem ? problem : "accepted");
		if (good) {
			struct text seen = describe(&fields, arena);

			ck_assert(text_starts_with(seen, "T q=0;"));
			assert_text(text_skip(seen, 6), rows[i].wanted);
		} else {
			ck_assert_msg(problem && *problem, "row %zu has no sentence", i);
			ck_assert_msg(
			    fields.count == 0 && !fields.items, "row %zu leaves fields", i);
		}
		arena_free(arena);
	}
}
