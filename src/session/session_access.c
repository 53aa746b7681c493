/* Access tokens: short-lived JWTs that a server without our database can check, too. */
#include "platform.h"
#include "session/session_store.h"

#include <string.h>

#include "base/buffer.h"
#include "codec/base64.h"
#include "codec/json_write.h"
#include "crypto/jwt.h"

#define SECONDS 1000000LL
#define KID_BYTES 8

/* A name for a secret that tells nothing about it to who does not have it. */
static struct text name_secret(struct text secret, struct arena *lifetime)
{
	static const struct text purpose = TEXT("castgate key id");
	struct hmac_key *key = hmac_key_new(secret);
	char *hex = arena_alloc(lifetime, 2 * KID_BYTES + 1);
	unsigned char mac[SHA256_BYTES];
	bool ok = key && hex && hmac_sign(key, &purpose, 1, mac);

	hmac_key_free(key);
	if (!ok)
		return (struct text){0};
	hex_encode(mac, KID_BYTES, hex);
	return (struct text){hex, 2 * KID_BYTES};
}

static bool open_secret(struct session_signer *signer, struct text secret, struct arena *lifetime)
{
	signer->algorithm = jwa_named(TEXT("HS256"));
	signer->kid = name_secret(secret, lifetime);
	signer->set = jwk_set_of_secret(secret);
	return text_present(signer->kid) && signer->set &&
	       jwk_set_choose(signer->set, signer->algorithm, (struct text){0}, &signer->key) ==
	           JWK_ONE;
}

/* NULL, or what is wrong with the key. */
static const char *open_key(struct session_signer *signer, struct text pem)
{
	const char *problem;

	signer->own = signing_key_read(pem, &problem);
	if (!signer->own)
		return problem;
	signer->algorithm = signing_key_algorithm(signer->own);
	signer->kid = signing_key_kid(signer->own);
	signer->key = signing_key_pair(signer->own);
	return NULL;
}

/* Keys before secrets: where there is a key, others verify with its public half. */
bool session_access_open(struct sessions *sessions, struct arena *lifetime, struct report *report)
{
	const struct config_credential *config = sessions->config;
	size_t count = config->access_keys.count + config->secrets.count;

	sessions->signers = arena_array(lifetime, count, sizeof(*sessions->signers));
	if (!sessions->signers)
		return false;
	for (size_t i = 0; i < config->access_keys.count; i++) {
		const char *problem = open_key(&sessions->signers[sessions->signer_count++],
		    text_of(config->access_keys.items[i]));

		if (!problem)
			continue;
		report_add(report, REPORT_ERROR, config->origin,
		    "credential \"%s\": number %zu of \"access_keys\" %s", config->name, i + 1,
		    problem);
		return false;
	}
	for (size_t i = 0; i < config->secrets.count; i++)
		if (!open_secret(&sessions->signers[sessions->signer_count++],
		        text_of(config->secrets.items[i]), lifetime))
			return false;
	return true;
}

void session_access_close(struct sessions *sessions)
{
	for (size_t i = 0; i < sessions->signer_count; i++) {
		jwk_set_free(sessions->signers[i].set);
		signing_key_free(sessions->signers[i].own);
	}
	sessions->signer_count = 0;
}

struct text sessions_public_keys(const struct sessions *sessions, struct arena *arena)
{
	struct buffer out = buffer_start(arena);

	buffer_add_string(&out, "{\"keys\":[");
	for (size_t i = 0; i < sessions->signer_count && sessions->signers[i].own; i++) {
		if (i)
			buffer_add_byte(&out, ',');
		buffer_add(&out, signing_key_public(sessions->signers[i].own, arena));
	}
	buffer_add_string(&out, "]}");
	return buffer_text(&out);
}

static void add_string(struct buffer *out, const char *name, struct text value)
{
	if (!text_present(value))
		return;
	buffer_printf(out, ",\"%s\":", name);
	(void)json_add_string(out, value, JSON_PLAIN);
}

struct text sessions_access_token(struct sessions *sessions, const struct session *session,
    struct arena *arena, int64_t *lasts_seconds)
{
	const struct session_signer *signer = &sessions->signers[0];
	int64_t now = session_now(sessions) / SECONDS;
	int64_t left = session->expires / SECONDS - now;
	struct buffer claims = buffer_start(arena);

	*lasts_seconds = sessions->config->access_seconds;
	if (left < *lasts_seconds)
		*lasts_seconds = left > 0 ? left : 0;
	buffer_printf(&claims, "{\"iat\":%lld,\"exp\":%lld", (long long)now,
	    (long long)(now + *lasts_seconds));
	add_string(&claims, "iss", text_of(sessions->config->issuer));
	add_string(&claims, "aud", text_of(sessions->config->audience));
	add_string(&claims, "sub", session->user_id);
	add_string(&claims, "sid", session->id);
	buffer_add_byte(&claims, '}');
	return jwt_sign(signer->algorithm, signer->key, signer->kid, buffer_text(&claims), arena);
}

static const struct session_signer *find_signer(
    const struct sessions *sessions, const struct jwt *token)
{
	for (size_t i = 0; i < sessions->signer_count; i++) {
		const struct session_signer *signer = &sessions->signers[i];

		if (text_equal(signer->kid, token->kid) && signer->algorithm == token->algorithm)
			return signer;
	}
	return NULL;
}

/* The signature is judged before the claims are read, and the claims before the database is asked. */
static struct verdict read_access(struct sessions *sessions, struct text token, struct arena *arena,
    struct text *id, struct text *user_id)
{
	struct jwt_demands demands = {
	    .issuer = sessions->config->issuer, .audience = sessions->config->audience};
	const struct session_signer *signer;
	struct json_object claims;
	struct verdict verdict;
	const char *problem;
	struct jwt jwt;

	if (!jwt_read(token, arena, &jwt, &problem))
		return (struct verdict){OUTCOME_CREDENTIAL_MALFORMED, problem};
	signer = find_signer(sessions, &jwt);
	if (!signer)
		return (struct verdict){OUTCOME_TOKEN_MISMATCH, "signed with no secret of ours"};
	verdict = jwt_verify(&jwt, signer->key, arena, &claims);
	if (verdict_allows(verdict))
		verdict = jwt_judge(&claims, &demands, session_now(sessions) / SECONDS);
	*id = json_object_string(&claims, "sid");
	*user_id = json_object_string(&claims, "sub");
	return verdict;
}

struct verdict sessions_find_by_access(
    struct sessions *sessions, struct text token, struct arena *arena, struct session *session)
{
	struct text user_id = {0};
	struct text id = {0};
	struct verdict verdict = read_access(sessions, token, arena, &id, &user_id);

	*session = (struct session){0};
	if (verdict_allows(verdict))
		verdict = sessions_find_by_id(sessions, id, arena, session);
	if (verdict_allows(verdict) && !text_equal(session->user_id, user_id)) {
		*session = (struct session){0};
		return (struct verdict){
		    OUTCOME_TOKEN_MISMATCH, "the session is another user's by now"};
	}
	return verdict;
}
