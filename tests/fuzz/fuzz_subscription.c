/* codec/subscription_syntax: the input is read as an Authorization value, a socket id and a
 * channel's name, and each verdict is compared with a plain reading of its rule. */
#include "platform.h"
#include "fuzz.h"

#include <string.h>

#include "codec/subscription_syntax.h"

static void check_bearer(struct text authorization)
{
	struct text token = bearer_token(authorization);
	struct text before;

	if (!text_present(token)) {
		for (size_t at = 0; at + 7 <= authorization.length; at++)
			FUZZ_REQUIRE(
			    !text_is_nocase((struct text){authorization.data + at, 7}, "Bearer "));
		return;
	}
	FUZZ_REQUIRE(token.data >= authorization.data + 7);
	FUZZ_REQUIRE(token.data + token.length <= authorization.data + authorization.length);
	before = (struct text){token.data - 7, 7};
	FUZZ_REQUIRE(text_is_nocase(before, "Bearer "));
	FUZZ_REQUIRE(text_find(token, ',') == token.length);
	/* nothing but a comma or the end may follow */
	FUZZ_REQUIRE(token.data + token.length == authorization.data + authorization.length ||
	             token.data[token.length] == ',');
	FUZZ_REQUIRE(!text_present(bearer_token(token)));
}

static size_t count_of(struct text text, const char *alphabet)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += text.data[i] && strchr(alphabet, text.data[i]);
	return count;
}

static void check_socket_id(struct text id)
{
	size_t dot = text_find(id, '.');
	bool good = count_of(id, "0123456789") + 1 == id.length && dot >= 1 && dot <= 20 &&
	            dot + 1 < id.length && id.length - dot - 1 <= 20;

	FUZZ_REQUIRE(socket_id_valid(id) == good);
}

static void check_channel(struct text name)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                               "0123456789-_=@,.;";
	bool bytes = name.length >= 1 && count_of(name, alphabet) == name.length;
	enum channel_kind kind = channel_name_kind(name);
	const char *prefix = channel_kind_prefix(kind);

	FUZZ_REQUIRE(channel_name_valid(name, CHANNEL_NAME_MAX) ==
	             (bytes && name.length <= CHANNEL_NAME_MAX));
	FUZZ_REQUIRE(channel_name_valid(name, CHANNEL_NAME_CEILING) ==
	             (bytes && name.length <= CHANNEL_NAME_CEILING));
	FUZZ_REQUIRE(text_starts_with(name, prefix));
	FUZZ_REQUIRE((kind == CHANNEL_PUBLIC) == (*prefix == '\0'));
	FUZZ_REQUIRE(channel_kind_has_presence(kind) == text_starts_with(name, "presence-"));
	if (kind == CHANNEL_PUBLIC)
		FUZZ_REQUIRE(!text_starts_with(name, "private-"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text input = fuzz_text(data, size);

	check_bearer(input);
	check_socket_id(input);
	check_channel(input);
	return 0;
}
