/* Cookies and refresh tokens as HMACs of a session's id and salt. */
#include "platform.h"
#include "session/session_key.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/base64.h"

#define MAC_BYTES 43 /* base64url of 32 bytes */
#define MAX_GENERATION 2147483647u

struct session_keys {
	struct hmac_key **keys;
	size_t count;
};

struct session_keys *session_keys_open(const struct config_list *secrets, struct arena *lifetime)
{
	struct session_keys *keys = arena_alloc(lifetime, sizeof(*keys));

	if (!keys || secrets->count == 0)
		return NULL;
	keys->keys = arena_array(lifetime, secrets->count, sizeof(struct hmac_key *));
	if (!keys->keys)
		return NULL;
	for (size_t i = 0; i < secrets->count; i++) {
		keys->keys[i] = hmac_key_new(text_of(secrets->items[i]));
		if (!keys->keys[i]) {
			session_keys_close(keys);
			return NULL;
		}
		keys->count++;
	}
	return keys;
}

void session_keys_close(struct session_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++)
		hmac_key_free(keys->keys[i]);
	keys->count = 0;
}

size_t session_keys_count(const struct session_keys *keys)
{
	return keys->count;
}

/* The purpose goes in first and has a length of its own, so that no value of one kind can ever
 * stand for one of the other. */
static struct text derive(const struct session_keys *keys, size_t key, const char *purpose,
    struct text subject, struct text salt, struct arena *arena)
{
	unsigned char mac[SHA256_BYTES];
	struct text parts[] = {text_of(purpose), {"", 1}, subject, {"", 1}, salt};
	struct text encoded = {0};

	if (key < keys->count && salt.length == SESSION_SALT_BYTES &&
	    hmac_sign(keys->keys[key], parts, sizeof(parts) / sizeof(parts[0]), mac))
		encoded = base64url_encode((struct text){(const char *)mac, sizeof(mac)}, arena);
	explicit_bzero(mac, sizeof(mac));
	return encoded;
}

struct text session_cookie(const struct session_keys *keys, size_t key, struct text id,
    struct text salt, struct arena *arena)
{
	return derive(keys, key, "castgate session cookie", id, salt, arena);
}

/* "ID.GENERATION", the part of a refresh token that its MAC is over. */
static struct text derive_refresh(const struct session_keys *keys, size_t key, struct text subject,
    struct text salt, struct arena *arena)
{
	return derive(keys, key, "castgate refresh token", subject, salt, arena);
}

struct text session_refresh_token(const struct session_keys *keys, size_t key, struct text id,
    uint64_t generation, struct text salt, struct arena *arena)
{
	char *subject = arena_printf(
	    arena, "%.*s.%llu", (int)id.length, id.data, (unsigned long long)generation);
	struct text mac = derive_refresh(keys, key, text_of(subject), salt, arena);
	char *token;

	if (!text_present(mac))
		return (struct text){0};
	token = arena_printf(arena, "%s.%.*s", subject, (int)mac.length, mac.data);
	return text_of(token);
}

bool session_id_valid(struct text id)
{
	if (id.length != SESSION_ID_BYTES)
		return false;
	for (size_t i = 0; i < id.length; i++)
		if (!ascii_is_lower_hex(id.data[i]))
			return false;
	return true;
}

static bool is_mac(struct text text)
{
	if (text.length != MAC_BYTES)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (!ascii_is_word(text.data[i], "-_"))
			return false;
	return true;
}

bool session_cookie_valid(struct text cookie)
{
	return is_mac(cookie);
}

bool session_refresh_parse(struct text token, struct session_refresh *out)
{
	struct text rest = token;
	size_t dot = text_find(rest, '.');
	struct text digits;

	*out = (struct session_refresh){.id = {rest.data, dot}, .whole = token};
	if (!session_id_valid(out->id) || dot == rest.length)
		return false;
	rest = text_skip(rest, dot + 1);
	dot = text_find(rest, '.');
	digits = (struct text){rest.data, dot};
	if (!text_to_u64(digits, TEXT_DIGITS_CANONICAL, &out->generation) || out->generation < 1 ||
	    out->generation > MAX_GENERATION || dot == rest.length)
		return false;
	return is_mac(text_skip(rest, dot + 1));
}

bool session_refresh_genuine(const struct session_keys *keys, const struct session_refresh *refresh,
    struct text salt, struct arena *arena, bool *tried)
{
	bool genuine = false;

	*tried = true;
	for (size_t i = 0; i < keys->count; i++) {
		struct text made =
		    session_refresh_token(keys, i, refresh->id, refresh->generation, salt, arena);

		*tried = *tried && text_present(made);
		genuine = secret_equal(made, refresh->whole) || genuine;
	}
	return genuine;
}
