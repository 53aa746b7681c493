/* Meta-variables looked up by name, and the one rule for when a body counts as whole. */
#include "platform.h"
#include "http/exchange.h"

/* The value in "NAME=VALUE"; NULL when it is another's. */
static const char *value_of(const char *variable, const char *name)
{
	while (*name && *variable == *name) {
		variable++;
		name++;
	}
	return *name == '\0' && *variable == '=' ? variable + 1 : NULL;
}

static struct text find_variable(const char *const *environment, const char *name, size_t index)
{
	for (; environment && *environment; environment++) {
		const char *value = value_of(*environment, name);

		if (value && index-- == 0)
			return text_of(value);
	}
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
	/* it came in chunks, which some servers keep to themselves */
	if (!declared.length && find_variable(environment, "HTTP_TRANSFER_ENCODING", 0).length)
		return BODY_CUT;
	if (declared.length && !text_to_u64(declared, TEXT_DIGITS_ANY, &length))
		return BODY_CUT;
	if (received > max_body || length > max_body)
		return BODY_TOO_LARGE;
	return received == length ? BODY_COMPLETE : BODY_CUT;
}
