/* One credential that proves the same whatever comes, in place of an endpoint's own. */
#include "platform.h"
#include "cli/assumed.h"

/* In place of one endpoint's chain. */
struct assumed {
	const struct assumed_user *user;
	struct credential **chain;
	size_t count;
};

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

static struct verdict load(const struct credential *credential, const struct assumed_user *user,
    struct arena *arena, struct identity *identity)
{
	struct credential_user wanted = {user->given.id, user->type};
	struct verdict verdict = verdict_of(OUTCOME_UNDECIDED);

	if (credential->kind->load)
		verdict = credential->kind->load(credential->state, &wanted, arena, identity);
	if (verdict_allows(verdict))
		verdict.detail = arena_printf(
		    arena, "%s of credential \"%s\"", verdict.detail, credential->config->name);
	else if (credential->kind->load && verdict.outcome == OUTCOME_UNDECIDED)
		verdict.detail = "of which type is not known, see --owner-type";
	return verdict;
}

/* Where one credential cannot say who its users are, the others cannot say that there is no such user. */
static struct verdict look_up(
    const struct assumed *assumed, struct arena *arena, struct identity *identity)
{
	struct verdict refusal = {OUTCOME_OWNER_TYPE_UNKNOWN, assumed->user->type};
	struct verdict unknown = verdict_of(OUTCOME_ALLOWED);
	bool all = true;

	for (size_t i = 0; i < assumed->count; i++) {
		struct verdict verdict =
		    load(assumed->chain[i], assumed->user, arena, identity);

		if (verdict_allows(verdict) || verdict_is_outage(verdict))
			return verdict;
		if (verdict.outcome == OUTCOME_UNDECIDED) {
			all = false;
			unknown.detail = unknown.detail ? unknown.detail : verdict.detail;
		} else if (verdict.outcome != OUTCOME_OWNER_TYPE_UNKNOWN) {
			refusal = verdict;
		}
	}
	return all || assumed->user->type ? refusal : unknown;
}

/* What was given counts before what was found. */
static bool add_given(
    struct identity *identity, const struct identity *given, struct arena *arena)
{
	size_t count = given->value_count + identity->value_count;
	struct named_value *values = arena_array(arena, count + 1, sizeof(*values));

	if (!values)
		return false;
	for (size_t i = 0; i < count; i++)
		values[i] = i < given->value_count ? given->values[i]
		                                   : identity->values[i - given->value_count];
	if (identity->id.kind == VALUE_NONE)
		identity->id = given->id;
	identity->values = values;
	identity->value_count = count;
	identity->carrier = given->carrier;
	return true;
}

static struct verdict assumed_prove(
    void *state, const struct request *request, struct arena *arena, struct identity *identity)
{
	const struct assumed *assumed = state;
	struct verdict verdict = verdict_of(OUTCOME_ALLOWED);

	(void)request;
	if (assumed->user->looked_up)
		verdict = look_up(assumed, arena, identity);
	if (verdict_allows(verdict) && !add_given(identity, &assumed->user->given, arena))
		verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	return verdict;
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

static bool replace_chain(
    struct endpoint *endpoint, const struct assumed_user *user, struct arena *arena)
{
	static const struct config_credential named = {.name = "--user", .kind = "assumed"};
	struct assumed *assumed = arena_alloc(arena, sizeof(*assumed));
	struct credential *credential = arena_alloc(arena, sizeof(*credential));
	struct credential **chain = arena_array(arena, 2, sizeof(struct credential *));

	if (!assumed || !credential || !chain)
		return false;
	*assumed = (struct assumed){user, endpoint->credentials, endpoint->credential_count};
	*credential = (struct credential){&named, &assumed_kind, assumed};
	chain[0] = credential;
	endpoint->credentials = chain;
	endpoint->credential_count = 1;
	return true;
}

bool assumed_install(
    struct service *service, const struct assumed_user *user, struct arena *arena)
{
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (service->endpoints[i].credential_count &&
		    !replace_chain(&service->endpoints[i], user, arena))
			return false;
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
