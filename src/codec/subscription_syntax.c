/* The few byte rules that keep one signature from standing for another. */
#include "platform.h"
#include "codec/subscription_syntax.h"

#include <string.h>

#include "base/ascii.h"

#define SOCKET_ID_DIGITS_MAX 20

static bool is_digits(struct text text)
{
	if (text.length < 1 || text.length > SOCKET_ID_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (!ascii_is_digit(text.data[i]))
			return false;
	return true;
}

bool socket_id_valid(struct text socket_id)
{
	size_t dot = text_find(socket_id, '.');

	return dot < socket_id.length && is_digits((struct text){socket_id.data, dot}) &&
	       is_digits(text_skip(socket_id, dot + 1));
}

bool channel_name_valid(struct text name, size_t max_bytes)
{
	static const char marks[] = "-_=@,.;";

	if (!name.data || name.length < 1 || name.length > max_bytes)
		return false;
	for (size_t i = 0; i < name.length; i++)
		if (!ascii_is_word(name.data[i], marks))
			return false;
	return true;
}

/* Longer prefixes stand before the shorter ones they begin with. */
#define KIND(kind, word)                                                                           \
	{                                                                                          \
		kind, word "-", sizeof(word "-") - 1, word                                         \
	}
static const struct {
	enum channel_kind kind;
	const char *prefix;
	size_t length;
	const char *word;
} kinds[] = {
    KIND(CHANNEL_PRIVATE_ENCRYPTED, "private-encrypted"),
    KIND(CHANNEL_PRIVATE_CACHE, "private-cache"),
    KIND(CHANNEL_PRESENCE_CACHE, "presence-cache"),
    KIND(CHANNEL_PRIVATE, "private"),
    KIND(CHANNEL_PRESENCE, "presence"),
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* Asked several times about each channel: most prefixes do not end where the name has a hyphen. */
enum channel_kind channel_name_kind(struct text name)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		size_t length = kinds[i].length;

		if (name.length >= length && name.data[length - 1] == '-' &&
		    memcmp(name.data, kinds[i].prefix, length) == 0)
			return kinds[i].kind;
	}
	return CHANNEL_PUBLIC;
}

bool channel_kind_has_presence(enum channel_kind kind)
{
	return kind == CHANNEL_PRESENCE || kind == CHANNEL_PRESENCE_CACHE;
}

const char *channel_kind_prefix(enum channel_kind kind)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (kinds[i].kind == kind)
			return kinds[i].prefix;
	return "";
}

enum channel_kind channel_kind_named(struct text word)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (text_is(word, kinds[i].word))
			return kinds[i].kind;
	return CHANNEL_PUBLIC;
}

struct text bearer_token(struct text authorization)
{
	static const char scheme[] = "Bearer ";
	const size_t length = sizeof(scheme) - 1;

	if (!authorization.data || authorization.length < length)
		return (struct text){0};
	for (size_t at = authorization.length - length + 1; at-- > 0;) {
		struct text token = text_skip(authorization, at);

		if (token.data[length - 1] != ' ' ||
		    !text_is_nocase((struct text){token.data, length}, scheme))
			continue;
		token = text_skip(token, length);
		token.length = text_find(token, ',');
		return token;
	}
	return (struct text){0};
}
