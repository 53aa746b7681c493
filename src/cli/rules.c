/* castgate rules test: what the rules decide, compared with what somebody wrote down. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/assumed.h"
#include "cli/expectation.h"
#include "cli/explain.h"
#include "cli/fixture.h"
#include "cli/teller.h"
#include "endpoint/serve.h"

#define ARENA_BYTES (32u * 1024 * 1024)
#define LINE_BYTES (8u * 1024 * 1024)
/* Nobody waits at a page for these answers. */
#define PATIENCE_MILLISECONDS 5000

struct rules_options {
	const char *config_path;
	const char *file;
	const char *fixtures;
	bool json;
};

struct run {
	const struct rules_options *options;
	struct service *service;
	struct assumed_user user; /* who asks, as the line in hand says */
	struct arena *arena;      /* of the whole run */
	struct arena *line;       /* of the line in hand */
	struct teller teller;
	unsigned long good;
	unsigned long bad;
	unsigned long unknown; /* nothing could be found out */
};

enum found { FOUND_UNKNOWN, FOUND_OTHERWISE, FOUND_AS_EXPECTED };

/* Is it a credential or a rule that refuses? Not where the line says too little of the user to try the rule, and
 * not what a slip in a path or a channel meets. */
static bool is_refusal(enum outcome outcome)
{
	static const enum outcome others[] = {OUTCOME_CROSS_SITE_REQUEST,
	    OUTCOME_CLIENT_NOT_ALLOWED, OUTCOME_CHANNEL_NOT_GUARDED, OUTCOME_CHANNEL_EMPTY,
	    OUTCOME_NO_RULE, OUTCOME_VALUE_MISSING};
	int status = outcome_row(outcome)->status;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (outcome == others[i])
			return false;
	return status == 401 || status == 403;
}

static bool is_reason(const struct call *call, struct text reason)
{
	if (!text_present(reason))
		return verdict_allows(call->verdict) || is_refusal(call->verdict.outcome);
	return text_is(reason, outcome_row(call->verdict.outcome)->reason) ||
	       (call->why.label && text_is(reason, call->why.label));
}

static enum found judge(const struct expectation *expected, const struct call *call)
{
	bool allows = verdict_allows(call->verdict);

	if (verdict_is_outage(call->verdict) || call->verdict.outcome == OUTCOME_UNDECIDED)
		return FOUND_UNKNOWN;
	return allows == expected->allows && is_reason(call, expected->reason) ? FOUND_AS_EXPECTED
	                                                                       : FOUND_OTHERWISE;
}

/* What to write where another end than a credential's or a rule's refusal is meant; "" elsewhere. */
static const char *write_advice(
    const struct expectation *expected, const struct call *call, struct arena *arena)
{
	const char *advice = NULL;

	if (!expected->allows && !verdict_allows(call->verdict) && !text_present(expected->reason))
		advice = arena_printf(arena, "; write [%s] if that is meant",
		    outcome_row(call->verdict.outcome)->reason);
	return advice ? advice : "";
}

/* "403 no_row NOT_A_PARTICIPANT (detail), rule FILE:LINE" */
static const char *write_got(const struct call *call, struct arena *arena)
{
	const char *detail = call->verdict.detail;

	return arena_printf(arena, "%d %s%s%s%s%s%s, rule %s", call_status(call, call->verdict),
	    outcome_row(call->verdict.outcome)->reason, call->why.label ? " " : "",
	    call->why.label ? call->why.label : "", detail ? " (" : "", detail ? detail : "",
	    detail ? ")" : "", call->rule ? call->rule : "none");
}

static void tell(const struct run *run, const struct expectation *expected, enum found found,
    const struct call *call)
{
	static const char *const words[] = {"unknown", "otherwise", "as expected"};
	const char *got = write_got(call, run->line);
	const char *line = arena_printf(run->line, "%s:%u: %.*s: %s%s%s", run->options->file,
	    expected->line, (int)expected->written.length, expected->written.data,
	    found == FOUND_UNKNOWN ? "could not be found out: " : "got ", got ? got : "?",
	    found == FOUND_OTHERWISE ? write_advice(expected, call, run->line) : "");
	struct teller_field fields[] = {{"file", text_of(run->options->file)},
	    {"line", text_of(arena_printf(run->line, "%u", expected->line))},
	    {"expectation", expected->written}, {"result", text_of(words[found])},
	    {"expected", text_of(expected->allows ? "allow" : "deny")},
	    {"got", text_of(verdict_allows(call->verdict) ? "allow" : "deny")},
	    {"status", text_of(arena_printf(run->line, "%d", call_status(call, call->verdict)))},
	    {"reason", text_of(outcome_row(call->verdict.outcome)->reason)},
	    {"deny", text_of(call->why.label)}, {"detail", text_of(call->verdict.detail)},
	    {"rule", text_of(call->rule)}};

	teller_say(&run->teller, found == FOUND_AS_EXPECTED ? NULL : line, "expectation", fields,
	    sizeof(fields) / sizeof(fields[0]));
}

/* Decide with the responder's own code, and compare. */
static bool run_one(struct run *run, const struct expectation *expected, const char **problem)
{
	struct explain_options asked = {
	    .endpoint = expected->endpoint.data, .channel = expected->channel.data};
	struct trace trace = {.arena = run->line};
	struct exchange exchange;
	struct call call;
	enum found found;

	run->user.given =
	    assumed_identity(expected->user, expected->values, expected->value_count);
	if (!explain_request(&asked, run->service, service_responder(run->service).max_body,
	        run->line, &exchange, problem))
		return false;
	service_rehearse(run->service, &exchange, &trace, &call);
	found = judge(expected, &call);
	run->good += found == FOUND_AS_EXPECTED;
	run->bad += found == FOUND_OTHERWISE;
	run->unknown += found == FOUND_UNKNOWN;
	tell(run, expected, found, &call);
	service_finish(run->service);
	arena_wipe(run->line);
	return true;
}

static int tell_end(const struct run *run)
{
	const char *good = arena_printf(run->line, "%lu", run->good);
	const char *bad = arena_printf(run->line, "%lu", run->bad);
	const char *unknown = arena_printf(run->line, "%lu", run->unknown);

	teller_say(&run->teller,
	    arena_printf(run->line, "%s as expected, %s otherwise, %s could not be found out", good,
	        bad, unknown),
	    "end",
	    (const struct teller_field[]){{"as_expected", text_of(good)},
	        {"otherwise", text_of(bad)}, {"unknown", text_of(unknown)}},
	    3);
	if (run->unknown)
		return CLI_FAILED;
	return run->bad ? CLI_USAGE : CLI_OK;
}

static int run_all(struct run *run, const struct expectations *expectations, struct report *report)
{
	for (size_t i = 0; i < expectations->count; i++) {
		const char *problem = NULL;

		if (run_one(run, &expectations->items[i], &problem))
			continue;
		report_add(report, REPORT_ERROR,
		    (struct origin){run->options->file, expectations->items[i].line}, "%s",
		    problem);
		return CLI_FAILED;
	}
	return tell_end(run);
}

/* The first connection has to take all of the fixtures in. */
static void be_patient(struct config_database *database)
{
	if (database->deadline_milliseconds < PATIENCE_MILLISECONDS)
		database->deadline_milliseconds = PATIENCE_MILLISECONDS;
	if (database->hold_milliseconds < PATIENCE_MILLISECONDS)
		database->hold_milliseconds = PATIENCE_MILLISECONDS;
}

/* Load everything before the first question, so that a mistake anywhere is told at once. */
static int prepare_and_run(struct run *run, const char *config_path, struct report *report)
{
	const char *file = run->options->file;
	struct expectations expectations;
	struct fixture fixture;
	struct source source;
	bool ok;

	if (!source_read(file, (struct origin){file, 1}, run->arena, report, &source))
		return CLI_FAILED;
	ok = expectations_read(&source, run->arena, report, &expectations);
	ok = fixture_read(run->options->fixtures, run->arena, report, &fixture) && ok;
	run->service = ok ? service_observe(config_path, clock_system(), report) : NULL;
	if (!run->service || run->service->broken)
		return CLI_FAILED;
	be_patient(&run->service->config->database);
	if (run->options->fixtures && !fixture_try(&fixture, run->options->fixtures,
	                                  &run->service->config->database, run->arena, report))
		return CLI_FAILED;
	db_begin_with(run->service->db, fixture.statements, fixture.count);
	if (!assumed_install(run->service, &run->user, run->arena))
		return CLI_FAILED;
	return run_all(run, &expectations, report);
}

static int test(const struct rules_options *options)
{
	struct report *report = report_new();
	struct run run = {
	    .options = options, .arena = arena_new(ARENA_BYTES), .line = arena_new(LINE_BYTES)};
	const char *path = NULL;
	int status = CLI_FAILED;

	run.teller = (struct teller){.name = "rules", .json = options->json, .arena = run.line};
	if (report && run.arena && run.line)
		path = command_locate(options->config_path, run.arena, report);
	if (path)
		status = prepare_and_run(&run, path, report);
	if (report)
		report_print(report, stderr);
	service_free(run.service);
	arena_free(run.arena);
	arena_free(run.line);
	report_free(report);
	return status;
}

static bool read_options(int argc, char **argv, struct rules_options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"fixtures", required_argument, NULL, 'f'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		const char **slot = choice == 'c'   ? &options->config_path
		                    : choice == 'f' ? &options->fixtures
		                                    : NULL;

		if (choice == 'j')
			options->json = true;
		else if (!slot || *slot)
			return false;
		else
			*slot = optarg;
	}
	options->file = optind + 1 == argc ? argv[optind] : NULL;
	return options->file != NULL;
}

int command_rules(const struct command *command, int argc, char **argv)
{
	struct rules_options options = {0};

	if (argc < 2 || strcmp(argv[1], "test") != 0 ||
	    !read_options(argc - 1, argv + 1, &options)) {
		(void)command_usage(command);
		return CLI_FAILED; /* 2 says that something is not as expected */
	}
	return test(&options);
}
