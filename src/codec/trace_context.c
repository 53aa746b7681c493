/* "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01": fixed places, lower-case digits. */
#include "platform.h"
#include "codec/trace_context.h"

#include "base/ascii.h"

#define VERSION_BYTES 2
#define FLAGS_BYTES 2

/* Cut so many digits off the front. */
static bool take_digits(struct text *rest, size_t count, struct text *digits)
{
	if (rest->length < count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!ascii_is_lower_hex(rest->data[i]))
			return false;
	*digits = (struct text){rest->data, count};
	*rest = text_skip(*rest, count);
	return true;
}

static bool take_dash(struct text *rest)
{
	if (!text_starts_with(*rest, "-"))
		return false;
	*rest = text_skip(*rest, 1);
	return true;
}

static bool is_zero(struct text digits)
{
	for (size_t i = 0; i < digits.length; i++)
		if (digits.data[i] != '0')
			return false;
	return true;
}

bool trace_context_read(struct text header, struct trace_context *context)
{
	struct text rest = text_present(header) ? text_trim(header) : header;
	struct text version;
	struct text trace_id;
	struct text parent_id;
	struct text flags;

	*context = (struct trace_context){0};
	if (!take_digits(&rest, VERSION_BYTES, &version) || !take_dash(&rest) ||
	    !take_digits(&rest, TRACE_ID_BYTES, &trace_id) || !take_dash(&rest) ||
	    !take_digits(&rest, SPAN_ID_BYTES, &parent_id) || !take_dash(&rest) ||
	    !take_digits(&rest, FLAGS_BYTES, &flags))
		return false;
	if (text_is(version, "ff") || is_zero(trace_id) || is_zero(parent_id))
		return false;
	if (rest.length && (text_is(version, "00") || rest.data[0] != '-'))
		return false;
	*context = (struct trace_context){trace_id, parent_id};
	return true;
}
