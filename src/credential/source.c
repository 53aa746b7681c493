/* Reads a token from the places an operator listed; copies that disagree are refused. */
#include "platform.h"
#include "credential/source.h"

#include <string.h>

#include "codec/subscription_syntax.h"
#include "crypto/digest.h"

static struct text from_field(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (fields->items[i].kind == FIELD_TEXT && text_is(fields->items[i].name, name))
			return fields->items[i].value;
	return (struct text){0};
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

		if (byte >= 'a' && byte <= 'z')
			byte = (char)(byte - 'a' + 'A');
		variable[i] = byte == '-' ? '_' : byte;
	}
	return request_header(request, variable);
}

static struct text from_place(const char *place, const struct request *request)
{
	if (strcmp(place, "bearer") == 0)
		return bearer_token(request->authorization);
	if (strncmp(place, "header:", 7) == 0)
		return from_header(request, place + 7);
	if (strncmp(place, "query:", 6) == 0)
		return from_field(&request->query_fields, place + 6);
	if (strncmp(place, "form:", 5) == 0)
		return from_field(&request->fields, place + 5);
	return (struct text){0};
}

bool source_check(const struct config_credential *config, struct report *report)
{
	static const char *const known[] = {"header:", "query:", "form:"};
	bool ok = true;

	for (size_t i = 0; i < config->from.count; i++) {
		const char *place = config->from.items[i];
		bool served = strcmp(place, "bearer") == 0;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			served = served || strncmp(place, known[k], strlen(known[k])) == 0;
		if (served)
			continue;
		report_add(report, REPORT_ERROR, config->origin,
		    "credential \"%s\": \"%s\" is not served by this version of castgate",
		    config->name, place);
		ok = false;
	}
	return ok;
}

static enum carrier carrier_of(const char *place)
{
	return strncmp(place, "cookie", 6) == 0 ? CARRIER_COOKIE : CARRIER_DELIBERATE;
}

enum source_result source_find(
    const struct config_list *from, const struct request *request, struct source_token *found)
{
	const char *bearer = "bearer";
	const char *const *places = from->count ? from->items : &bearer;
	size_t count = from->count ? from->count : 1;

	*found = (struct source_token){0};
	for (size_t i = 0; i < count; i++) {
		struct text token = from_place(places[i], request);

		if (token.length == 0)
			continue;
		if (text_present(found->text) && !secret_equal(found->text, token)) {
			*found = (struct source_token){0};
			return SOURCE_CONFLICT;
		}
		found->text = token;
		if (carrier_of(places[i]) == CARRIER_DELIBERATE)
			found->carrier = CARRIER_DELIBERATE;
	}
	return text_present(found->text) ? SOURCE_FOUND : SOURCE_ABSENT;
}
