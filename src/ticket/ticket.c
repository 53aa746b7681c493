/* A ticket is the app's key and an HMAC over exactly what the WebSocket server will check. */
#include "platform.h"
#include "ticket/ticket.h"

#include <string.h>

#include "codec/base64.h"

static const struct text colon = {":", 1};

static bool data_signable(struct text data)
{
	return data.length > 0 && text_is_utf8(data);
}

static bool has_keys(const struct ticket_app *app)
{
	return app->hmac != NULL && app->key.length > 0;
}

/* Presence data is always part of the message; the data of a private channel only for some. */
static bool signs_data(enum verifier verifier, enum channel_kind kind)
{
	if (channel_kind_has_presence(kind))
		return true;
	return verifier == VERIFIER_PUSHER || verifier == VERIFIER_REVERB;
}

/* "KEY:" and the signature in hex; absent when the arena is full or OpenSSL fails. */
static struct text sign(
    const struct ticket_app *app, const struct text *parts, size_t count, struct arena *arena)
{
	unsigned char mac[SHA256_BYTES];
	char hex[SHA256_HEX_BYTES];
	struct buffer buffer = buffer_start(arena);

	if (!hmac_sign(app->hmac, parts, count, mac))
		return (struct text){0};
	hex_encode(mac, sizeof(mac), hex);
	buffer_add(&buffer, app->key);
	buffer_add(&buffer, colon);
	buffer_add_string(&buffer, hex);
	return buffer_text(&buffer);
}

/* The key of one encrypted channel, as every Pusher library derives it. */
static struct text derive_shared_secret(
    struct text channel, const unsigned char *master_key, struct arena *arena)
{
	unsigned char key[SHA256_BYTES];
	struct text parts[] = {channel, {(const char *)master_key, MASTER_KEY_BYTES}};
	struct text secret = {0};

	if (sha256(parts, 2, key))
		secret = base64_encode((struct text){(const char *)key, sizeof(key)}, arena);
	explicit_bzero(key, sizeof(key));
	return secret;
}

static enum outcome check_subscription(
    const struct ticket_app *app, struct text socket_id, struct text channel, struct text data)
{
	enum channel_kind kind = channel_name_kind(channel);

	if (!socket_id_valid(socket_id))
		return OUTCOME_SOCKET_ID_INVALID;
	if (!channel_name_valid(channel, CHANNEL_NAME_CEILING))
		return OUTCOME_CHANNEL_INVALID;
	if (kind == CHANNEL_PUBLIC)
		return OUTCOME_CHANNEL_NOT_GUARDED;
	if (text_present(data) ? !data_signable(data) : channel_kind_has_presence(kind))
		return OUTCOME_USER_DATA_INVALID;
	if (!has_keys(app))
		return OUTCOME_APP_KEYS_MISSING;
	if (kind == CHANNEL_PRIVATE_ENCRYPTED && !app->master_key)
		return OUTCOME_MASTER_KEY_MISSING;
	return OUTCOME_ALLOWED;
}

struct verdict ticket_sign_channel(const struct ticket_app *app, struct text socket_id,
    struct text channel, struct text channel_data, struct arena *arena, struct ticket *out)
{
	enum outcome outcome = check_subscription(app, socket_id, channel, channel_data);
	enum channel_kind kind = channel_name_kind(channel);
	struct text parts[] = {socket_id, colon, channel, colon, channel_data};
	bool with_data = text_present(channel_data) && signs_data(app->verifier, kind);
	struct ticket ticket = {.channel_data = channel_data};

	*out = (struct ticket){0};
	if (outcome != OUTCOME_ALLOWED)
		return verdict_of(outcome);
	if (kind == CHANNEL_PRIVATE_ENCRYPTED) {
		ticket.shared_secret = derive_shared_secret(channel, app->master_key, arena);
		if (!text_present(ticket.shared_secret))
			return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	}
	ticket.auth = sign(app, parts, with_data ? 5 : 3, arena);
	if (!text_present(ticket.auth))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	*out = ticket;
	return verdict_of(OUTCOME_ALLOWED);
}

struct verdict ticket_sign_user(const struct ticket_app *app, struct text socket_id,
    struct text user_data, struct arena *arena, struct ticket *out)
{
	struct text parts[] = {socket_id, TEXT("::user::"), user_data};
	struct ticket ticket = {.user_data = user_data};

	*out = (struct ticket){0};
	if (!socket_id_valid(socket_id))
		return verdict_of(OUTCOME_SOCKET_ID_INVALID);
	if (!data_signable(user_data))
		return verdict_of(OUTCOME_USER_DATA_INVALID);
	if (!has_keys(app))
		return verdict_of(OUTCOME_APP_KEYS_MISSING);
	ticket.auth = sign(app, parts, 3, arena);
	if (!text_present(ticket.auth))
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	*out = ticket;
	return verdict_of(OUTCOME_ALLOWED);
}

struct text ticket_body(const struct ticket *ticket, enum json_style style, struct arena *arena)
{
	const struct {
		const char *name;
		struct text value;
	} members[] = {
	    {"auth", ticket->auth},
	    {"channel_data", ticket->channel_data},
	    {"shared_secret", ticket->shared_secret},
	    {"user_data", ticket->user_data},
	};
	struct buffer buffer = buffer_start(arena);
	char separator = '{';

	if (!text_present(ticket->auth))
		return (struct text){0};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!text_present(members[i].value))
			continue;
		buffer_add_byte(&buffer, separator);
		separator = ',';
		(void)json_add_string(&buffer, text_of(members[i].name), style);
		buffer_add_byte(&buffer, ':');
		(void)json_add_string(&buffer, members[i].value, style);
	}
	buffer_add_byte(&buffer, '}');
	return buffer_text(&buffer);
}

enum verifier ticket_verifier_named(const char *word)
{
	static const char *const words[] = {
	    [VERIFIER_PUSHER] = "pusher",
	    [VERIFIER_REVERB] = "reverb",
	    [VERIFIER_SOKETI] = "soketi",
	    [VERIFIER_SOCKUDO] = "sockudo",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(text_of(word), words[i]))
			return (enum verifier)i;
	return VERIFIER_PUSHER;
}
