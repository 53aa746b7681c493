/* One credential that always proves the same, in place of an endpoint's own. */
#include "platform.h"
#include "cli/assumed.h"

static void *assumed_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report)
{
	(void)config;
	(void)context;
	(void)report;
	return NULL;
}

static bool assumed_presented(void *state, const struct request *request)
{
	(void)state;
	(void)request;
	return true;
}

static struct verdict assumed_prove(
    void *state, const struct request *request, struct arena *arena, struct identity *identity)
{
	(void)request;
	(void)arena;
	*identity = *(const struct identity *)state;
	return verdict_of(OUTCOME_ALLOWED);
}

/* There is no lookup that a rule's question could ride along with. */
static void assumed_bring(void *state, struct companion_ask *ask)
{
	(void)state;
	(void)ask;
}

static const struct credential_kind assumed_kind = {
    .name = "assumed",
    .open = assumed_open,
    .presented = assumed_presented,
    .prove = assumed_prove,
    .bring = assumed_bring,
};

bool assumed_install(struct service *service, struct identity *identity, struct arena *arena)
{
	static const struct config_credential named = {.name = "--user", .kind = "assumed"};
	struct credential *credential = arena_alloc(arena, sizeof(*credential));
	struct credential **chain = arena_array(arena, 2, sizeof(struct credential *));

	if (!credential || !chain)
		return false;
	*credential = (struct credential){&named, &assumed_kind, identity};
	chain[0] = credential;
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (service->endpoints[i].credential_count) {
			service->endpoints[i].credentials = chain;
			service->endpoints[i].credential_count = 1;
		}
	return true;
}

struct value assumed_value(struct text text)
{
	uint64_t number;

	if (!text.length)
		return (struct value){0};
	return (struct value){
	    text_to_u64(text, TEXT_DIGITS_CANONICAL, &number) ? VALUE_INTEGER : VALUE_TEXT, text};
}

bool assumed_pair(struct text pair, struct named_value *out)
{
	size_t equals = text_find(pair, '=');

	if (equals == 0 || equals == pair.length)
		return false;
	*out =
	    (struct named_value){{pair.data, equals}, assumed_value(text_skip(pair, equals + 1))};
	return true;
}

struct identity assumed_identity(struct value id, struct named_value *values, size_t value_count)
{
	return (struct identity){
	    .id = id, .values = values, .value_count = value_count, .carrier = CARRIER_DELIBERATE};
}
