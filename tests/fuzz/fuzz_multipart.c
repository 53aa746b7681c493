/* codec/fields_multipart: the input is a Content-Type, a line feed, and the body. No value reaches
 * beyond its boundary, and values without line ends read back the same. */
#include "platform.h"
#include "fuzz.h"

#include <string.h>

#include "base/buffer.h"
#include "codec/fields.h"
#include "fields_check.h"

#define ARENA_BYTES (4u << 20)

static bool is_inside(struct text inner, struct text outer)
{
	return inner.data >= outer.data && inner.data + inner.length <= outer.data + outer.length;
}

/* A name that can be quoted in a header as it is. */
static bool is_plain(struct text name)
{
	for (size_t i = 0; i < name.length; i++)
		if (strchr("\"\\\r\n", name.data[i]))
			return false;
	return true;
}

static void check_values(const struct fields *fields, struct text boundary, struct text body)
{
	for (size_t i = 0; i < fields->count; i++) {
		struct text value = fields->items[i].value;

		if (!text_present(value))
			continue;
		FUZZ_REQUIRE(is_inside(value, body));
		for (size_t at = 0; at + 4 + boundary.length <= value.length; at++)
			FUZZ_REQUIRE(
			    memcmp(value.data + at, "\r\n--", 4) != 0 ||
			    memcmp(value.data + at + 4, boundary.data, boundary.length) != 0);
	}
}

/* False when a name cannot be written. */
static bool write_body(const struct fields *fields, struct text boundary, struct buffer *body)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct field *field = &fields->items[i];

		if (!is_plain(field->name))
			return false;
		buffer_add_string(body, "--");
		buffer_add(body, boundary);
		buffer_add_string(body, "\r\nContent-Disposition: form-data; name=\"");
		buffer_add(body, field->name);
		buffer_add_string(body, field->kind == FIELD_ITEM ? "[7]\"" : "\"");
		buffer_add_string(body, field->kind == FIELD_OTHER ? "; filename=x" : "");
		buffer_add_string(body, "\r\n\r\n");
		if (text_present(field->value))
			buffer_add(body, field->value);
		buffer_add_string(body, "\r\n");
	}
	buffer_add_string(body, "--");
	buffer_add(body, boundary);
	buffer_add_string(body, "--");
	return true;
}

static void check(struct text boundary, struct text body, struct arena *arena)
{
	struct fields fields = {0};
	struct fields again = {0};
	const char *problem = NULL;
	bool read = fields_read_multipart(boundary, body, arena, &fields, &problem);
	struct buffer written = buffer_start(arena);

	fields_check(read, &fields, problem);
	if (!read)
		return;
	check_values(&fields, boundary, body);
	if (!write_body(&fields, boundary, &written))
		return;
	FUZZ_REQUIRE(
	    fields_read_multipart(boundary, buffer_text(&written), arena, &again, &problem));
	fields_check_equal(&fields, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct text body = fuzz_text(data, size);
	struct text content_type = fuzz_line(&body);
	struct text boundary = fields_multipart_boundary(content_type);

	if (text_present(boundary)) {
		FUZZ_REQUIRE(boundary.length >= 1 && boundary.length <= 70);
		FUZZ_REQUIRE(is_inside(boundary, content_type));
		check(boundary, body, arena);
	}
	arena_free(arena);
	return 0;
}
