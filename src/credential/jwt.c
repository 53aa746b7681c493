/* Form, algorithm, key, signature, claims: in this order, and the first that fails decides. */
#include "platform.h"
#include "credential/jwt.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/jwk.h"
#include "crypto/jwks.h"
#include "crypto/jwt.h"

#define CHECK_BYTES (1u << 20)
#define TOKEN_ID_BYTES_MAX 64u
#define LAST_SECOND 253402300800.0 /* of the year 9999 */

struct jwt_credential {
	const struct config_credential *config;
	const struct clock *clock;
	struct jwk_set *secret; /* NULL with a key set */
	struct jwks *jwks;      /* NULL with a secret */
	struct credential_names names;
};

static bool is_remote(const struct config_credential *config)
{
	return config->jwks && strncmp(config->jwks, "https://", 8) == 0;
}

/* The claims that become values. */
static bool gather_names(struct jwt_credential *jwt, struct arena *lifetime)
{
	const struct config_credential *config = jwt->config;
	struct config_list *values = &jwt->names.values;

	values->items = arena_array(lifetime, config->claim_count + 1, sizeof(*values->items));
	for (size_t i = 0; values->items && i < config->claim_count; i++)
		values->items[values->count++] = config->claims[i].name;
	return values->items != NULL;
}

static void *jwt_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report)
{
	struct jwt_credential *jwt = arena_alloc(context->lifetime, sizeof(*jwt));
	const struct jwks_settings settings = {.location = config->jwks,
	    .ca_file = config->jwks_ca,
	    .folder = context->state_folder,
	    .clock = context->clock};

	if (jwt)
		jwt->config = config;
	if (jwt && gather_names(jwt, context->lifetime)) {
		jwt->clock = context->clock;
		if (config->secret)
			jwt->secret = jwk_set_of_secret(text_of(config->secret));
		else if (config->jwks)
			jwt->jwks = jwks_open(&settings);
	}
	if (is_remote(config) && !context->state_folder)
		report_add(report, REPORT_WARNING, config->origin,
		    "credential \"%s\": without \"state_dir\" every process fetches the key set "
		    "for itself, a plain CGI program for every request",
		    config->name);
	if (jwt && (jwt->secret || jwt->jwks))
		return jwt;
	report_add(report, REPORT_ERROR, config->origin,
	    "credential \"%s\" has no key, or memory is out", config->name);
	return NULL;
}

static void jwt_close(void *state)
{
	struct jwt_credential *jwt = state;

	jwk_set_free(jwt->secret);
	jwks_close(jwt->jwks);
}

/* A file that cannot be used is an error. A server that is away may be back before the first token
 * comes; castgate then answers 503 until it is. */
static bool jwt_check(void *state, struct report *report, bool *outage)
{
	struct jwt_credential *jwt = state;
	const struct config_credential *config = jwt->config;
	bool remote = is_remote(config);
	struct arena *arena = arena_new(CHECK_BYTES);
	const char *problem = NULL;
	bool found = !jwt->jwks || (arena && jwks_current(jwt->jwks, arena, &problem));

	(void)outage; /* no database is asked */
	if (!found)
		report_add(report, remote ? REPORT_WARNING : REPORT_ERROR, config->origin,
		    "credential \"%s\": %s %s", config->name, config->jwks,
		    problem ? problem : "Memory is out.");
	else if (problem)
		report_add(report, REPORT_WARNING, config->origin,
		    "credential \"%s\": %s %s A key set that is %" PRId64 " s old is used.",
		    config->name, config->jwks, problem, jwks_age(jwt->jwks));
	arena_free(arena);
	return found || remote;
}

static bool jwt_presented(void *state, const struct request *request)
{
	const struct jwt_credential *jwt = state;

	return source_presented(&jwt->config->from, request);
}

static bool is_allowed(const struct config_list *algorithms, const struct jwa *algorithm)
{
	for (size_t i = 0; i < algorithms->count; i++)
		if (strcmp(algorithms->items[i], algorithm->name) == 0)
			return true;
	return false;
}

static struct verdict choose(
    const struct jwk_set *set, const struct jwt *token, struct evp_pkey_st **key)
{
	switch (jwk_set_choose(set, token->algorithm, token->kid, key)) {
	case JWK_ONE:
		return verdict_of(OUTCOME_ALLOWED);
	case JWK_SEVERAL:
		return (struct verdict){OUTCOME_KEY_UNKNOWN, "more than one key suits"};
	case JWK_NONE:
	default:
		return (struct verdict){OUTCOME_KEY_UNKNOWN, "no key suits"};
	}
}

/* Verify with the key set as it is now. */
static struct verdict verify_once(struct jwt_credential *jwt, const struct jwt *token,
    struct arena *arena, struct json_object *claims)
{
	const struct jwk_set *set = jwt->secret;
	struct evp_pkey_st *key;
	const char *problem;
	struct verdict verdict;

	if (jwt->jwks)
		set = jwks_current(jwt->jwks, arena, &problem);
	if (!set)
		return (struct verdict){OUTCOME_KEY_SET_UNAVAILABLE, problem};
	verdict = choose(set, token, &key);
	return verdict_allows(verdict) ? jwt_verify(token, key, arena, claims) : verdict;
}

/* Could a newer key set hold the key? A token that names no key may have been signed by the successor
 * of the one that was tried. */
static bool may_be_newer(
    const struct jwt_credential *jwt, const struct jwt *token, struct verdict verdict)
{
	return jwt->jwks &&
	       (verdict.outcome == OUTCOME_KEY_UNKNOWN ||
	           (verdict.outcome == OUTCOME_SIGNATURE_INVALID && !text_present(token->kid)));
}

static struct verdict verify(struct jwt_credential *jwt, const struct jwt *token,
    struct arena *arena, struct json_object *claims)
{
	struct verdict verdict = verify_once(jwt, token, arena, claims);
	const char *problem;

	if (!may_be_newer(jwt, token, verdict))
		return verdict;
	switch (jwks_renew(jwt->jwks, arena, &problem)) {
	case JWKS_CHANGED:
		return verify_once(jwt, token, arena, claims);
	case JWKS_UNCHANGED:
		return verdict;
	case JWKS_UNREACHABLE:
	default:
		return (struct verdict){OUTCOME_KEY_SET_UNAVAILABLE, problem};
	}
}

/* Strings and integers can be compared with a column; what else a claim may be cannot. */
static struct value value_of(const struct json_member *claim, struct arena *arena)
{
	if (claim && claim->kind == JSON_MEMBER_STRING)
		return (struct value){VALUE_TEXT, claim->string};
	if (claim && claim->kind == JSON_MEMBER_INTEGER) {
		struct text digits = text_of(arena_printf(arena, "%" PRId64, claim->integer));

		if (text_present(digits))
			return (struct value){VALUE_INTEGER, digits};
	}
	return (struct value){0};
}

/* When a verified token ends; 0 for a moment no calendar has. */
static int64_t expiry_of(const struct json_object *claims)
{
	const struct json_member *end = json_object_member(claims, TEXT("exp"));
	double seconds = 0;

	if (end)
		seconds = end->kind == JSON_MEMBER_INTEGER ? (double)end->integer : end->real;
	return seconds > 0 && seconds < LAST_SECOND ? (int64_t)(seconds * 1e6) : 0;
}

static struct verdict fill_identity(const struct jwt_credential *jwt,
    const struct json_object *claims, struct arena *arena, struct identity *identity)
{
	const struct config_credential *config = jwt->config;
	struct text token_id = json_object_string(claims, "jti");

	identity->values = arena_array(arena, config->claim_count + 1, sizeof(*identity->values));
	if (!identity->values)
		return verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	identity->id = (struct value){VALUE_TEXT, json_object_string(claims, "sub")};
	identity->value_count = config->claim_count;
	for (size_t i = 0; i < config->claim_count; i++)
		identity->values[i] = (struct named_value){text_of(config->claims[i].name),
		    value_of(jwt_claim(claims, text_of(config->claims[i].value)), arena)};
	if (token_id.length <= TOKEN_ID_BYTES_MAX)
		identity->token_id = token_id;
	return verdict_of(OUTCOME_ALLOWED);
}

/* A claim that says no says as much as none. */
static bool says_something(const struct json_member *claim)
{
	return claim && claim->kind != JSON_MEMBER_NULL &&
	       !(claim->kind == JSON_MEMBER_BOOLEAN && !claim->boolean);
}

static struct verdict refuse_claims(
    const struct jwt_credential *jwt, const struct json_object *claims)
{
	const struct config_list *names = &jwt->config->refuse_claims;

	for (size_t i = 0; i < names->count; i++)
		if (says_something(jwt_claim(claims, text_of(names->items[i]))))
			return (struct verdict){OUTCOME_CLAIM_MISMATCH, names->items[i]};
	return verdict_of(OUTCOME_ALLOWED);
}

static struct verdict judge(
    struct jwt_credential *jwt, struct text text, struct arena *arena, struct identity *identity)
{
	const struct jwt_demands demands = {.issuer = jwt->config->issuer,
	    .audience = jwt->config->audience,
	    .role = jwt->config->require_role};
	int64_t now = clock_now(jwt->clock) / 1000000;
	struct json_object claims;
	struct verdict verdict;
	const char *problem;
	struct jwt token;

	if (!jwt_read(text, arena, &token, &problem))
		return (struct verdict){OUTCOME_CREDENTIAL_MALFORMED, problem};
	if (!is_allowed(&jwt->config->algorithms, token.algorithm))
		return (struct verdict){OUTCOME_ALGORITHM_NOT_ALLOWED, token.algorithm->name};
	verdict = verify(jwt, &token, arena, &claims);
	if (verdict_allows(verdict)) {
		identity->expires_microseconds = expiry_of(&claims);
		verdict = jwt_judge(&claims, &demands, now);
	}
	if (verdict_allows(verdict))
		verdict = refuse_claims(jwt, &claims);
	if (verdict_allows(verdict))
		verdict = fill_identity(jwt, &claims, arena, identity);
	return verdict;
}

static struct verdict jwt_prove(
    void *state, const struct request *request, struct arena *arena, struct identity *identity)
{
	struct jwt_credential *jwt = state;
	struct source_token token;
	struct verdict verdict =
	    source_verdict(source_find(&jwt->config->from, request, arena, &token));

	if (!verdict_allows(verdict))
		return verdict;
	identity->carrier = token.carrier;
	return judge(jwt, token.text, arena, identity);
}

static const struct credential_names *jwt_names(void *state)
{
	const struct jwt_credential *jwt = state;

	return &jwt->names;
}

const struct credential_kind credential_jwt = {
    .name = "jwt",
    .open = jwt_open,
    .check = jwt_check,
    .presented = jwt_presented,
    .prove = jwt_prove,
    .names = jwt_names,
    .close = jwt_close,
};
