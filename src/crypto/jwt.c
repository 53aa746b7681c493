/* Form first, then the signature, then the claims: nothing is believed out of turn. */
#include "platform.h"
#include "crypto/jwt.h"

#include "base/buffer.h"
#include "codec/base64.h"
#include "codec/json_write.h"

#define KID_BYTES_MAX 256u

static bool refuse(const char **problem, const char *sentence)
{
	*problem = sentence;
	return false;
}

static struct text before(struct text text, size_t length)
{
	return (struct text){text.data, length};
}

/* Cut the token at its two dots. */
static bool cut(struct text token, struct text *header, struct jwt *jwt, struct text *signature)
{
	size_t first = text_find(token, '.');
	struct text rest;
	size_t second;

	if (first == token.length)
		return false;
	rest = text_skip(token, first + 1);
	second = text_find(rest, '.');
	if (second == rest.length)
		return false;
	*header = before(token, first);
	*signature = text_skip(rest, second + 1);
	jwt->payload = before(rest, second);
	jwt->signing_input = before(token, first + 1 + second);
	return first > 0 && second > 0 && signature->length > 0;
}

/* The name of a media type is compared without case, and "application/" may be left out (RFC 7515,
 * section 4.1.9). */
static bool is_token_type(struct text type)
{
	return text_is_nocase(type, "JWT") || text_is_nocase(type, "application/jwt") ||
	       text_is_nocase(type, "at+jwt") || text_is_nocase(type, "application/at+jwt");
}

static bool check_header(const struct json_object *header, const char **problem)
{
	static const struct {
		const char *name;
		const char *sentence;
	} refused[] = {
	    {"crit", "The token asks for an extension (crit)."},
	    {"b64", "The token asks for an unencoded payload (b64)."},
	    {"jwk", "The token brings its own key (jwk)."},
	    {"jku", "The token points to its own key (jku)."},
	    {"x5c", "The token brings its own certificate (x5c)."},
	    {"x5u", "The token points to its own certificate (x5u)."},
	    {"zip", "The token is compressed (zip)."},
	    {"enc", "The token is encrypted (enc)."},
	    {"cty", "The token holds another token (cty)."},
	};
	const struct json_member *type = json_object_member(header, TEXT("typ"));

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (json_object_member(header, text_of(refused[i].name)))
			return refuse(problem, refused[i].sentence);
	if (type && !is_token_type(type->string))
		return refuse(problem, "The token was made for something else (typ).");
	return true;
}

static bool read_header(
    struct text encoded, struct arena *arena, struct jwt *jwt, const char **problem)
{
	const struct json_member *kid;
	struct json_object header;
	struct text json;

	if (!base64url_decode(encoded, arena, &json))
		return refuse(problem, "The token's header is not base64url.");
	if (!json_object_read(json, JWT_BYTES_MAX, arena, &header, problem) ||
	    !check_header(&header, problem))
		return false;
	jwt->algorithm = jwa_named(json_object_string(&header, "alg"));
	if (!jwt->algorithm)
		return refuse(problem, "The token names no algorithm that castgate knows (alg).");
	kid = json_object_member(&header, TEXT("kid"));
	if (!kid)
		return true;
	if (kid->kind != JSON_MEMBER_STRING || kid->string.length > KID_BYTES_MAX)
		return refuse(problem, "The token's key id is no short string (kid).");
	jwt->kid = kid->string;
	return true;
}

bool jwt_read(struct text token, struct arena *arena, struct jwt *jwt, const char **problem)
{
	struct text header;
	struct text signature;

	*jwt = (struct jwt){0};
	*problem = NULL;
	if (token.length > JWT_BYTES_MAX)
		return refuse(problem, "The token is longer than 8 KiB.");
	if (!token.data || !cut(token, &header, jwt, &signature))
		return refuse(problem, "The token does not have three parts.");
	/* a third dot ends up here, and no base64 has one */
	if (!base64url_decode(signature, arena, &jwt->signature))
		return refuse(problem, "The token's signature is not base64url.");
	if (read_header(header, arena, jwt, problem))
		return true;
	*jwt = (struct jwt){0};
	return false;
}

struct verdict jwt_verify(
    const struct jwt *jwt, struct evp_pkey_st *key, struct arena *arena, struct json_object *claims)
{
	const char *problem;
	struct text json;

	*claims = (struct json_object){0};
	if (!jwt->algorithm || !jwa_verify(jwt->algorithm, key, jwt->signing_input, jwt->signature))
		return verdict_of(OUTCOME_SIGNATURE_INVALID);
	if (!base64url_decode(jwt->payload, arena, &json))
		return (struct verdict){
		    OUTCOME_CREDENTIAL_MALFORMED, "The token's payload is not base64url."};
	if (!json_object_read(json, JWT_BYTES_MAX, arena, claims, &problem))
		return (struct verdict){OUTCOME_CREDENTIAL_MALFORMED, problem};
	return verdict_of(OUTCOME_ALLOWED);
}

/* RFC 7519, section 2: a NumericDate is a number, with or without a fraction. */
static bool read_date(const struct json_member *member, double *seconds)
{
	if (member->kind == JSON_MEMBER_INTEGER)
		*seconds = (double)member->integer;
	else if (member->kind == JSON_MEMBER_REAL)
		*seconds = member->real;
	else
		return false;
	return true;
}

static struct verdict judge_times(const struct json_object *claims, double now)
{
	static const char *const starts[] = {"nbf", "iat"};
	const struct json_member *end = json_object_member(claims, TEXT("exp"));
	double seconds;

	if (!end)
		return (struct verdict){OUTCOME_CLAIM_MISSING, "exp"};
	if (!read_date(end, &seconds))
		return (struct verdict){OUTCOME_CLAIM_MISMATCH, "exp"};
	if (now >= seconds + JWT_LEEWAY_SECONDS)
		return verdict_of(OUTCOME_TOKEN_EXPIRED);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		const struct json_member *start = json_object_member(claims, text_of(starts[i]));

		if (!start)
			continue;
		if (!read_date(start, &seconds))
			return (struct verdict){OUTCOME_CLAIM_MISMATCH, starts[i]};
		if (seconds > now + JWT_LEEWAY_SECONDS)
			return (struct verdict){OUTCOME_TOKEN_NOT_YET_VALID, starts[i]};
	}
	return verdict_of(OUTCOME_ALLOWED);
}

/* Is the claim the wanted text, or, for the audience, a list of texts with it? */
static bool claim_is(const struct json_member *claim, const char *wanted, bool list)
{
	bool found = false;

	if (claim->kind == JSON_MEMBER_STRING)
		return text_is(claim->string, wanted);
	if (!list || claim->kind != JSON_MEMBER_LIST)
		return false;
	for (size_t i = 0; i < claim->inside.count; i++) {
		const struct json_member *item = &claim->inside.members[i];

		if (item->kind != JSON_MEMBER_STRING)
			return false;
		found = found || text_is(item->string, wanted);
	}
	return found;
}

struct verdict jwt_judge(
    const struct json_object *claims, const struct jwt_demands *demands, int64_t now_seconds)
{
	const struct {
		const char *name;
		const char *wanted;
		bool list;
	} rows[] = {
	    {"iss", demands->issuer, false},
	    {"aud", demands->audience, true},
	    {"role", demands->role, false},
	};
	const struct json_member *subject = json_object_member(claims, TEXT("sub"));
	struct verdict verdict = judge_times(claims, (double)now_seconds);

	if (!verdict_allows(verdict))
		return verdict;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct json_member *claim = json_object_member(claims, text_of(rows[i].name));

		if (!rows[i].wanted)
			continue;
		if (!claim)
			return (struct verdict){OUTCOME_CLAIM_MISSING, rows[i].name};
		if (!claim_is(claim, rows[i].wanted, rows[i].list))
			return (struct verdict){OUTCOME_CLAIM_MISMATCH, rows[i].name};
	}
	if (!subject)
		return (struct verdict){OUTCOME_CLAIM_MISSING, "sub"};
	/* RFC 7519, section 4.1.2: a string. The number 7 and the text "7" may be two people. */
	if (subject->kind != JSON_MEMBER_STRING || subject->string.length == 0)
		return (struct verdict){OUTCOME_CLAIM_MISMATCH, "sub"};
	return verdict_of(OUTCOME_ALLOWED);
}

const struct json_member *jwt_claim(const struct json_object *claims, struct text path)
{
	const struct json_member *member = NULL;

	if (!text_starts_with(path, "/"))
		return json_object_member(claims, path);
	while (text_starts_with(path, "/")) {
		struct text name;

		path = text_skip(path, 1);
		name = before(path, text_find(path, '/'));
		path = text_skip(path, name.length);
		if (member && member->kind != JSON_MEMBER_OBJECT)
			return NULL;
		member = json_object_member(member ? &member->inside : claims, name);
		if (!member)
			return NULL;
	}
	return member;
}

static struct text write_header(const struct jwa *algorithm, struct text kid, struct arena *arena)
{
	struct buffer json = buffer_start(arena);

	buffer_printf(&json, "{\"alg\":\"%s\",\"typ\":\"JWT\"", algorithm->name);
	if (text_present(kid)) {
		buffer_add_string(&json, ",\"kid\":");
		(void)json_add_string(&json, kid, JSON_PLAIN); /* seen in the buffer at the end */
	}
	buffer_add_byte(&json, '}');
	return buffer_text(&json);
}

/* Nothing is appended in place of an absent text, so that one look at the end is enough. */
static void add_encoded(struct buffer *token, struct text bytes)
{
	struct text encoded = {0};

	if (text_present(bytes))
		encoded = base64url_encode(bytes, token->arena);
	if (text_present(encoded))
		buffer_add(token, encoded);
	else
		token->failed = true;
}

struct text jwt_sign(const struct jwa *algorithm, struct evp_pkey_st *key, struct text kid,
    struct text payload, struct arena *arena)
{
	struct buffer token = buffer_start(arena);
	struct text input;

	add_encoded(&token, write_header(algorithm, kid, arena));
	buffer_add_byte(&token, '.');
	add_encoded(&token, payload);
	input = buffer_text(&token);
	if (!text_present(input))
		return input;
	buffer_add_byte(&token, '.');
	add_encoded(&token, jwa_sign(algorithm, key, input, arena));
	return buffer_text(&token);
}
