/* codec/trace_context: what is read is what the specification's fixed places hold: a version that is not
 * ff, two ids that are not zero, flags, and of a version beyond 00 perhaps more behind a dash. */
#include "platform.h"
#include "fuzz.h"

#include <string.h>

#include "codec/trace_context.h"

#define WHOLE 55

/* The same by places: 'x' stands for a digit. */
static bool has_form(struct text header)
{
	static const char form[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

	if (header.length < WHOLE)
		return false;
	for (size_t i = 0; i < WHOLE; i++) {
		const char *allowed = form[i] == 'x' ? "0123456789abcdef" : "-";

		if (!header.data[i] || !strchr(allowed, header.data[i]))
			return false;
	}
	return true;
}

static bool is_allowed(struct text header)
{
	if (!has_form(header) || strncmp(header.data, "ff", 2) == 0)
		return false;
	if (strncmp(header.data + 3, "00000000000000000000000000000000", 32) == 0 ||
	    strncmp(header.data + 36, "0000000000000000", 16) == 0)
		return false;
	return header.length == WHOLE ||
	       (strncmp(header.data, "00", 2) != 0 && header.data[WHOLE] == '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text header = fuzz_text(data, size);
	struct text trimmed = text_trim(header);
	struct trace_context context;
	bool read = trace_context_read(header, &context);

	FUZZ_REQUIRE(read == is_allowed(trimmed));
	FUZZ_REQUIRE(read == text_present(context.trace_id));
	FUZZ_REQUIRE(read == text_present(context.parent_id));
	if (!read)
		return 0;
	FUZZ_REQUIRE(context.trace_id.data == trimmed.data + 3 && context.trace_id.length == 32);
	FUZZ_REQUIRE(context.parent_id.data == trimmed.data + 36 && context.parent_id.length == 16);
	return 0;
}
