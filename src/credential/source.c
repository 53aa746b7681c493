/* Reads a token from the places an operator listed; copies that disagree are refused. */
#include "platform.h"
#include "credential/source.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/cookies.h"
#include "codec/percent.h"
#include "codec/subscription_syntax.h"
#include "crypto/digest.h"

enum carrier source_carrier(const char *place)
{
	return strncmp(place, "cookie", 6) == 0 ? CARRIER_COOKIE : CARRIER_DELIBERATE;
}

struct source_walk source_walk_start(const char *place, const struct request *request)
{
	return (struct source_walk){.place = place, .request = request};
}

/* "header:X-Auth-Token" names the variable HTTP_X_AUTH_TOKEN. */
static struct text from_header(const struct request *request, const char *name)
{
	char variable[64];
	size_t length = strlen(name);

	if (length >= sizeof(variable))
		return (struct text){0};
	for (size_t i = 0; i <= length; i++) {
		char byte = name[i];

		if (ascii_is_lower(byte))
			byte = (char)(byte - 'a' + 'A');
		variable[i] = byte == '-' ? '_' : byte;
	}
	return request_header(request, variable);
}

/* A place that holds one text at most. */
static bool next_single(struct source_walk *walk, struct text single, struct text *text)
{
	*text = single;
	return walk->index++ == 0 && single.length > 0;
}

static bool next_field(
    struct source_walk *walk, const struct fields *fields, const char *name, struct text *text)
{
	*text = (struct text){0};
	if (walk->request->problem)
		return walk->index++ == 0;
	while (walk->index < fields->count) {
		const struct field *field = &fields->items[walk->index++];

		if (!text_is(field->name, name))
			continue;
		if (field->kind != FIELD_TEXT)
			return true;
		if (field->value.length == 0)
			continue;
		*text = field->value;
		return true;
	}
	return false;
}

/* Some servers hand over one variable for each Cookie line. */
static bool next_cookie(struct source_walk *walk, const char *name, struct text *text)
{
	const struct exchange *exchange = walk->request->exchange;

	for (;;) {
		while (cookie_take(&walk->cookies, name, text))
			if (text->length)
				return true;
		walk->cookies = exchange_variable_at(exchange, "HTTP_COOKIE", walk->index++);
		if (!text_present(walk->cookies))
			return false;
	}
}

bool source_walk_next(struct source_walk *walk, struct text *text)
{
	const struct request *request = walk->request;
	const char *colon = strchr(walk->place, ':');
	const char *name = colon ? colon + 1 : "";

	if (strcmp(walk->place, "bearer") == 0)
		return next_single(walk, bearer_token(request->authorization), text);
	if (strncmp(walk->place, "header:", 7) == 0)
		return next_single(walk, from_header(request, name), text);
	if (strncmp(walk->place, "cookie:", 7) == 0)
		return next_cookie(walk, name, text);
	if (strncmp(walk->place, "query:", 6) == 0)
		return next_field(walk, &request->query_fields, name, text);
	if (strncmp(walk->place, "form:", 5) == 0)
		return next_field(walk, &request->fields, name, text);
	*text = (struct text){0};
	return false;
}

/* Take one more copy. False when it is not the token found before. */
static bool add_copy(struct source_token *found, struct text text, enum carrier carrier)
{
	if (!text_present(text))
		return false;
	if (text_present(found->text) && !secret_equal(found->text, text))
		return false;
	found->text = text;
	if (carrier == CARRIER_DELIBERATE)
		found->carrier = carrier;
	return true;
}

static bool add_place(const char *place, const struct request *request, struct arena *arena,
    struct source_token *found)
{
	struct source_walk walk = source_walk_start(place, request);
	enum carrier carrier = source_carrier(place);
	struct text text;

	while (source_walk_next(&walk, &text)) {
		if (carrier == CARRIER_COOKIE && text_find(text, '%') < text.length &&
		    !percent_decode(text, PERCENT_PLUS_STAYS, arena, &text))
			return false;
		if (!add_copy(found, text, carrier))
			return false;
	}
	return true;
}

/* The places to look at; "bearer" where none is listed. */
static const char *const *places_of(const struct config_list *from, size_t *count)
{
	static const char *const bearer[] = {"bearer"};

	*count = from->count ? from->count : 1;
	return from->count ? from->items : bearer;
}

enum source_result source_find(const struct config_list *from, const struct request *request,
    struct arena *arena, struct source_token *found)
{
	size_t count;
	const char *const *places = places_of(from, &count);

	*found = (struct source_token){0};
	for (size_t i = 0; i < count; i++)
		if (!add_place(places[i], request, arena, found)) {
			*found = (struct source_token){0};
			return SOURCE_CONFLICT;
		}
	return text_present(found->text) ? SOURCE_FOUND : SOURCE_ABSENT;
}

struct verdict source_verdict(enum source_result result)
{
	switch (result) {
	case SOURCE_FOUND:
		return verdict_of(OUTCOME_ALLOWED);
	case SOURCE_ABSENT:
		return verdict_of(OUTCOME_CREDENTIAL_MISSING);
	case SOURCE_CONFLICT:
	default:
		return (struct verdict){
		    OUTCOME_CREDENTIAL_MALFORMED, "two different tokens, or one that is no text"};
	}
}

bool source_presented(const struct config_list *from, const struct request *request)
{
	size_t count;
	const char *const *places = places_of(from, &count);

	for (size_t i = 0; i < count; i++) {
		struct source_walk walk = source_walk_start(places[i], request);
		struct text text;

		if (source_walk_next(&walk, &text))
			return true;
	}
	return false;
}
