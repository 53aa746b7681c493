/* Meta-variables looked up by name, and the one rule for when a body counts as whole. */
#include "platform.h"
#include "http/exchange.h"

#include <string.h>

static struct text find_variable(const char *const *environment, const char *name, size_t index)
{
	size_t length = strlen(name);

	for (; environment && *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=' &&
		    index-- == 0)
			return text_of(*environment + length + 1);
	return (struct text){0};
}

struct text exchange_variable(const struct exchange *exchange, const char *name)
{
	return find_variable(exchange->environment, name, 0);
}

struct text exchange_variable_at(const struct exchange *exchange, const char *name, size_t index)
{
	return find_variable(exchange->environment, name, index);
}

enum body_state exchange_body_state(
    const char *const *environment, size_t received, size_t max_body, int stream_ended_cleanly)
{
	struct text declared = find_variable(environment, "CONTENT_LENGTH", 0);
	uint64_t length = 0;

	if (!stream_ended_cleanly)
		return BODY_CUT;
	if (declared.length && !text_to_u64(declared, TEXT_DIGITS_ANY, &length))
		return BODY_CUT;
	if (received > max_body || length > max_body)
		return BODY_TOO_LARGE;
	return received == length ? BODY_COMPLETE : BODY_CUT;
}
