/* castgate explain: the responder's own decision, step by step, without its effects. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>

#include "cli/assumed.h"
#include "cli/explain.h"
#include "endpoint/serve.h"

#define ARENA_BYTES (8u * 1024 * 1024)

static bool assume_user(
    struct service *service, struct explain_options *options, struct arena *arena)
{
	struct assumed_user *user = arena_alloc(arena, sizeof(*user));

	if (!user)
		return false;
	user->given = assumed_identity(
	    assumed_value(text_of(options->user)), options->values, options->value_count);
	user->type = options->owner_type;
	user->looked_up = true;
	return assumed_install(service, user, arena);
}

/* A refusal is not a failure of the tool: scripts tell them apart. */
static int exit_status(const struct explanation *told)
{
	static const int statuses[] = {[EXPLAIN_REFUSED] = CLI_USAGE,
	    [EXPLAIN_ALLOWED] = CLI_OK,
	    [EXPLAIN_UNKNOWN] = CLI_FAILED};

	return statuses[explain_end(told)];
}

/* Told instead of a decision: there was none. */
static bool was_left_alone(const struct call *call)
{
	return call->endpoint && call->endpoint->action->changes &&
	       call->verdict.outcome == OUTCOME_UNDECIDED;
}

const struct credential *explain_credential(
    const struct call *call, struct text name, size_t *index)
{
	const struct endpoint *endpoint = call->endpoint;

	for (*index = 0; *index < endpoint->credential_count; ++*index)
		if (text_is(name, endpoint->credentials[*index]->config->name))
			return endpoint->credentials[*index];
	return NULL;
}

/* After the decision, which this must not disturb. */
static void describe_tokens(const struct call *call, struct trace *trace)
{
	for (struct trace_step *step = trace->first; step; step = step->next) {
		const struct credential *credential;
		size_t index;

		if (step->kind != TRACE_CREDENTIAL || !text_present(step->token_id))
			continue;
		credential = explain_credential(call, step->subject, &index);
		if (credential && credential->kind->describe)
			step->about = credential->kind->describe(
			    credential->state, step->token_id, trace->arena);
	}
}

static int rehearse(struct service *service, const struct exchange *exchange,
    const struct explain_options *options, struct arena *arena)
{
	struct trace trace = {.arena = arena};
	struct explanation explanation = {.options = options, .trace = &trace};
	struct call call;
	bool told = true;

	service_rehearse(service, exchange, &trace, &call);
	explanation.call = &call;
	explanation.status = call_status(&call, call.verdict);
	explanation.microseconds =
	    clock_monotonic(&service->clock) - call.started_monotonic_microseconds;
	if (service->db)
		explanation.asked = db_asked(service->db);
	describe_tokens(&call, &trace);
	if (was_left_alone(&call)) {
		fprintf(stderr, "castgate explain: %s: %s\n", call.endpoint->config->action,
		    call.verdict.detail);
		told = false;
	} else if (options->json)
		told = explain_print_json(&explanation, arena);
	else
		explain_print(&explanation);
	if (trace.truncated)
		fputs("castgate explain: some steps did not fit into memory\n", stderr);
	service_finish(service);
	return told ? exit_status(&explanation) : CLI_FAILED;
}

static int explain(struct explain_options *options, struct arena *arena)
{
	struct service *service = command_observe(options->config_path);
	struct exchange exchange;
	const char *problem = NULL;
	int status = CLI_FAILED;

	if (!service)
		return CLI_FAILED;
	if (options->user && !assume_user(service, options, arena))
		problem = "out of memory";
	else if (explain_request(options, service, service_responder(service).max_body, arena,
	             &exchange, &problem))
		status = rehearse(service, &exchange, options, arena);
	if (problem)
		fprintf(stderr, "castgate explain: %s\n", problem);
	service_free(service);
	return status;
}

static bool add_value(struct explain_options *options, const char *argument)
{
	if (options->value_count == EXPLAIN_MAX_VALUES ||
	    !assumed_pair(text_of(argument), &options->values[options->value_count]))
		return false;
	options->value_count++;
	return true;
}

static bool add_source(struct explain_options *options, enum explain_stdin from)
{
	if (options->from != EXPLAIN_STDIN_NONE)
		return false;
	options->from = from;
	return true;
}

static bool add_text(struct explain_options *options, int choice, const char *argument)
{
	const char **slot = choice == 'c'   ? &options->config_path
	                    : choice == 'n' ? &options->channel
	                    : choice == 'e' ? &options->endpoint
	                    : choice == 's' ? &options->socket_id
	                    : choice == 'i' ? &options->ip
	                    : choice == 'u' ? &options->user
	                    : choice == 't' ? &options->owner_type
	                                    : NULL;

	if (!slot || *slot)
		return false;
	*slot = argument;
	return true;
}

static bool add_option(struct explain_options *options, int choice, const char *argument)
{
	switch (choice) {
	case 'B':
		return add_source(options, EXPLAIN_STDIN_BEARER);
	case 'C':
		return add_source(options, EXPLAIN_STDIN_COOKIE);
	case 'Q':
		return add_source(options, EXPLAIN_STDIN_QUERY);
	case 'R':
		return add_source(options, EXPLAIN_STDIN_REQUEST);
	case 'v':
		return add_value(options, argument);
	case 'S':
		return options->sign = true;
	case 'j':
		return options->json = true;
	default:
		return add_text(options, choice, argument);
	}
}

/* A whole request says itself what it asks for; a user who is assumed brings no credential. */
static bool fit_together(const struct explain_options *options)
{
	if (options->from == EXPLAIN_STDIN_REQUEST)
		return !options->channel && !options->endpoint && !options->socket_id &&
		       !options->owner_type && !options->value_count;
	return options->channel && (!options->user || options->from == EXPLAIN_STDIN_NONE) &&
	       (options->user || (!options->owner_type && !options->value_count));
}

static bool read_options(int argc, char **argv, struct explain_options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"channel", required_argument, NULL, 'n'},
	    {"endpoint", required_argument, NULL, 'e'},
	    {"socket-id", required_argument, NULL, 's'},
	    {"ip", required_argument, NULL, 'i'},
	    {"user", required_argument, NULL, 'u'},
	    {"owner-type", required_argument, NULL, 't'},
	    {"value", required_argument, NULL, 'v'},
	    {"bearer-stdin", no_argument, NULL, 'B'},
	    {"cookie-stdin", no_argument, NULL, 'C'},
	    {"query-stdin", no_argument, NULL, 'Q'},
	    {"request-stdin", no_argument, NULL, 'R'},
	    {"sign", no_argument, NULL, 'S'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1)
		if (!add_option(options, choice, optarg))
			return false;
	return optind == argc && fit_together(options);
}

int command_explain(const struct command *command, int argc, char **argv)
{
	struct explain_options options = {0};
	struct arena *arena;
	int status;

	if (!read_options(argc, argv, &options)) {
		(void)command_usage(command);
		return CLI_FAILED; /* 2 says that the request would be refused */
	}
	arena = arena_new(ARENA_BYTES);
	status = arena ? explain(&options, arena) : CLI_FAILED;
	arena_free(arena);
	return status;
}
