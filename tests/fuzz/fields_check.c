/* Limits, no NUL, and no half request: the promises of codec/fields.h. */
#include "platform.h"
#include "fields_check.h"

#include "codec/fields_append.h"
#include "fuzz.h"

void fields_check(bool read, const struct fields *fields, const char *problem)
{
	if (!read) {
		FUZZ_REQUIRE(problem && fields->count == 0);
		return;
	}
	FUZZ_REQUIRE(fields->count <= FIELDS_MAX);
	for (size_t i = 0; i < fields->count; i++) {
		struct field field = fields->items[i];

		FUZZ_REQUIRE(text_present(field.name));
		FUZZ_REQUIRE(text_find(field.name, '\0') == field.name.length);
		FUZZ_REQUIRE(text_present(field.value) == (field.kind != FIELD_OTHER));
		if (text_present(field.value))
			FUZZ_REQUIRE(text_find(field.value, '\0') == field.value.length);
	}
}

void fields_check_equal(const struct fields *a, const struct fields *b)
{
	FUZZ_REQUIRE(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		FUZZ_REQUIRE(a->items[i].kind == b->items[i].kind);
		FUZZ_REQUIRE(text_equal(a->items[i].name, b->items[i].name));
		FUZZ_REQUIRE(a->items[i].kind == FIELD_OTHER ||
		             text_equal(a->items[i].value, b->items[i].value));
	}
}
