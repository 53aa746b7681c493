/* A signed question about the mount, answered from the variables alone. */
#include "platform.h"
#include "endpoint/probe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/json_write.h"
#include "endpoint/mount.h"

#define NONCE_BYTES 16
#define NONCE_HEX (2 * NONCE_BYTES)
#define MICROSECONDS 1000000

struct parts {
	struct text time;
	struct text nonce;
	struct text signature;
};

static const struct variable {
	const char *name;
	bool is_read;
} variables[] = {
    {"HTTP_AUTHORIZATION", true},
    {"REDIRECT_HTTP_AUTHORIZATION", true},
    {"REDIRECT_REDIRECT_HTTP_AUTHORIZATION", true},
    {"AUTHORIZATION", false},
    {"REDIRECT_AUTHORIZATION", false},
    {"HTTP_X_AUTHORIZATION", false},
    {"REMOTE_USER", false},
    {"REDIRECT_REMOTE_USER", false},
};

#define VARIABLES (sizeof(variables) / sizeof(variables[0]))

const char *probe_variable(size_t index, bool *is_read)
{
	if (index >= VARIABLES)
		return NULL;
	*is_read = variables[index].is_read;
	return variables[index].name;
}

static const char *find_secret(const struct config *config)
{
	for (size_t i = 0; i < config->app_count; i++)
		if (config->apps[i].secret && *config->apps[i].secret)
			return config->apps[i].secret;
	return NULL;
}

struct hmac_key *probe_key_new(const struct config *config)
{
	const struct text words = TEXT("castgate probe key 1");
	struct hmac_key *secret = hmac_key_new(text_of(find_secret(config)));
	unsigned char derived[SHA256_BYTES];
	struct hmac_key *key = NULL;

	if (hmac_sign(secret, &words, 1, derived))
		key = hmac_key_new((struct text){(const char *)derived, sizeof(derived)});
	explicit_bzero(derived, sizeof(derived));
	hmac_key_free(secret);
	return key;
}

static bool sign(
    struct hmac_key *key, const struct parts *parts, unsigned char signature[SHA256_BYTES])
{
	struct text signed_parts[] = {parts->time, TEXT("."), parts->nonce};

	return hmac_sign(key, signed_parts, 3, signature);
}

struct text probe_make(struct hmac_key *key, int64_t now_microseconds, struct arena *arena)
{
	unsigned char nonce[NONCE_BYTES];
	unsigned char signature[SHA256_BYTES];
	char nonce_hex[NONCE_HEX + 1];
	char signature_hex[SHA256_HEX_BYTES];
	const char *time = arena_printf(arena, "%" PRId64, now_microseconds / MICROSECONDS);
	struct parts parts = {text_of(time), {nonce_hex, NONCE_HEX}, {0}};

	if (!time || !random_bytes(nonce, sizeof(nonce)))
		return (struct text){0};
	hex_encode(nonce, sizeof(nonce), nonce_hex);
	if (!sign(key, &parts, signature))
		return (struct text){0};
	hex_encode(signature, sizeof(signature), signature_hex);
	return text_of(arena_printf(arena, "%s.%s.%s", time, nonce_hex, signature_hex));
}

static bool split(struct text probe, struct parts *parts)
{
	size_t dot = text_find(probe, '.');
	struct text rest = text_skip(probe, dot);

	if (rest.length != 1 + NONCE_HEX + 1 + 2 * SHA256_BYTES || rest.data[1 + NONCE_HEX] != '.')
		return false;
	parts->time = (struct text){probe.data, dot};
	parts->nonce = (struct text){rest.data + 1, NONCE_HEX};
	parts->signature = text_skip(rest, 1 + NONCE_HEX + 1);
	return true;
}

struct text probe_authorization(struct text probe, struct arena *arena)
{
	struct parts parts;

	if (!split(probe, &parts))
		return (struct text){0};
	return text_of(arena_printf(
	    arena, "Bearer castgate-probe-%.*s", (int)parts.nonce.length, parts.nonce.data));
}

static bool is_timely(struct text time, int64_t now_microseconds)
{
	uint64_t seconds;

	return text_to_u64(time, TEXT_DIGITS_CANONICAL, &seconds) && seconds < INT64_MAX / 2 &&
	       llabs((int64_t)seconds - now_microseconds / MICROSECONDS) <= PROBE_SECONDS;
}

static bool is_good(const struct call *call, struct text probe)
{
	unsigned char wanted[SHA256_BYTES];
	unsigned char given[SHA256_BYTES];
	struct parts parts;
	struct hmac_key *key;
	bool good = false;

	if (!text_present(probe) || !split(probe, &parts) ||
	    !is_timely(parts.time, call->started_microseconds) ||
	    !hex_decode(parts.signature, given, sizeof(given)))
		return false;
	key = probe_key_new(call->service->config);
	if (key && sign(key, &parts, wanted))
		good = secret_equal((struct text){(const char *)wanted, sizeof(wanted)},
		    (struct text){(const char *)given, sizeof(given)});
	hmac_key_free(key);
	return good;
}

static struct text find_probe(const struct exchange *exchange)
{
	if (exchange->body_state == BODY_COMPLETE && text_starts_with(exchange->body, PROBE_FIELD))
		return text_skip(exchange->body, strlen(PROBE_FIELD));
	return exchange_variable(exchange, "HTTP_X_CASTGATE_PROBE");
}

static void add_member(struct buffer *out, const char *name, struct text value)
{
	buffer_printf(out, ",\"%s\":", name);
	if (text_is_utf8(value) && text_present(value))
		(void)json_add_string(out, value, JSON_LOG);
	else
		buffer_add_string(out, "null");
}

/* Of a variable that castgate does not read it is worth telling only that the header is in it. */
static void add_variables(struct buffer *out, const struct exchange *exchange, struct text sent)
{
	bool first = true;

	buffer_add_string(out, ",\"variables\":{");
	for (size_t i = 0; i < VARIABLES; i++) {
		struct text value = exchange_variable(exchange, variables[i].name);
		bool whole = text_equal(value, sent);

		if (!text_present(value) || (!whole && !variables[i].is_read))
			continue;
		buffer_printf(out, "%s\"%s\":\"%s\"", first ? "" : ",", variables[i].name,
		    whole          ? PROBE_WHOLE
		    : value.length ? PROBE_CHANGED
		                   : PROBE_EMPTY);
		first = false;
	}
	buffer_add_byte(out, '}');
}

bool probe_answer(struct call *call, const struct exchange *exchange, const char *endpoint)
{
	struct text probe = find_probe(exchange);
	struct buffer out;

	if (!is_good(call, probe))
		return false;
	out = buffer_start(call->arena);
	buffer_add_string(&out, "{\"castgate\":\"" PACKAGE_VERSION "\"");
	add_member(&out, "mount", text_of(mount_of(exchange)->code));
	add_member(&out, "method", call->request.method);
	add_member(&out, "path", call->request.path);
	add_member(&out, "endpoint", text_of(endpoint));
	add_member(&out, "body",
	    exchange->body_state == BODY_COMPLETE && exchange->body.length ? TEXT(PROBE_WHOLE)
	                                                                   : TEXT(PROBE_CHANGED));
	add_variables(&out, exchange, probe_authorization(probe, call->arena));
	buffer_add_byte(&out, '}');
	call->body = buffer_text(&out);
	call->verdict = verdict_of(
	    text_present(call->body) ? OUTCOME_PROBE_ANSWERED : OUTCOME_RESOURCES_EXHAUSTED);
	return true;
}
