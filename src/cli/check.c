/* castgate check: everything a configuration needs to work, tried out before a user does. */
#include "platform.h"
#include "cli/check.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/check_url.h"
#include "cli/check_verifier.h"
#include "cli/command.h"
#include "cli/doctor.h"

#define ARENA_BYTES (4u * 1024 * 1024)
#define LINE_BYTES 2048
#define DEFAULT_SECONDS 10
#define MOST_SECONDS 600

struct check_options {
	const char *config_path;
	const char *url;
	const char *verifier;
	const char *app;
	const char *ca_file;
	unsigned seconds;
	bool offline;
	bool json;
};

void check_say(const struct check *check, const char *label, const char *format, ...)
{
	struct teller_field field = {"text", {0}};
	char text[LINE_BYTES];
	char line[LINE_BYTES + 32];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_defuse(text);
	(void)snprintf(line, sizeof(line), "%-14s %s", label, text);
	field.value = text_of(text);
	teller_say(&check->teller, line, label + strspn(label, " "), &field, 1);
}

static void say_overview(const struct check *check)
{
	const struct service *service = check->service;
	const struct config *config = service->config;

	check_say(check, "configuration", "%s", config->path);
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];

		check_say(check, "endpoint", "%s  (%s, dialect %s, %zu rules)",
		    endpoint->config->path, endpoint->config->action, endpoint->config->dialect,
		    endpoint->rule_count);
		for (size_t k = 0; k < endpoint->rule_count; k++)
			check_say(check, "  channel", "%s  (%s)",
			    endpoint->config->channels[k].pattern, rule_label(endpoint->rules[k]));
	}
}

/* What can be asked although the database is away or a rule is wrong is asked. */
static void ask_others(const struct check *check, const struct check_options *options)
{
	if (options->url)
		check_url(check, options->url);
	if (options->verifier)
		check_verifier(check, options->verifier);
}

static void examine(struct check *check, const struct check_options *options)
{
	struct service *service = check->service;
	bool outage = false;
	bool ok = !service->broken;

	if (ok && !check->offline)
		ok = service_check(service, check->report, &outage);
	if (ok) {
		say_overview(check);
		if (!check->offline && service->config->database.origin.file)
			check_say(check, "database", "%s", db_server_version(service->db));
		doctor_examine(check);
	}
	if (service->config && !service->broken)
		ask_others(check, options);
}

/* Load, ask, and gather everything found in the report. False only when there is no service. */
static bool run_check(const struct check_options *options, struct check *check)
{
	const char *path = command_locate(options->config_path, check->arena, check->report);

	check->service = path ? service_observe(path, clock_system(), check->report) : NULL;
	if (!check->service)
		return false;
	examine(check, options);
	service_free(check->service);
	return true;
}

static void say_report(const struct check *check)
{
	if (!check->teller.json)
		report_print(check->report, stderr);
	for (size_t i = 0; check->teller.json && i < report_count(check->report); i++) {
		struct teller_field field = {"text", text_of(report_line(check->report, i))};
		bool warns = report_level(check->report, i) == REPORT_WARNING;

		teller_say(&check->teller, NULL, warns ? "warning" : "error", &field, 1);
	}
}

static int conclude(const struct check *check, bool ran)
{
	bool ok = ran && !report_failed(check->report);
	struct teller_field field = {"text", text_of(ok ? "ok" : "failed")};

	say_report(check);
	teller_say(&check->teller,
	    !ok              ? NULL
	    : check->offline ? "ok             (the database was not asked)"
	                     : "ok",
	    "end", &field, 1);
	return ok ? CLI_OK : CLI_FAILED;
}

static bool read_seconds(const char *text, unsigned *seconds)
{
	uint64_t number;

	if (!text_to_u64(text_of(text), TEXT_DIGITS_CANONICAL, &number) || number == 0 ||
	    number > MOST_SECONDS)
		return false;
	*seconds = (unsigned)number;
	return true;
}

static bool read_options(int argc, char **argv, struct check_options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"url", required_argument, NULL, 'u'},
	    {"verifier", required_argument, NULL, 'v'},
	    {"app", required_argument, NULL, 'n'},
	    {"ca", required_argument, NULL, 'a'},
	    {"timeout", required_argument, NULL, 't'},
	    {"offline", no_argument, NULL, 'o'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		const char **slot = choice == 'c'   ? &options->config_path
		                    : choice == 'u' ? &options->url
		                    : choice == 'v' ? &options->verifier
		                    : choice == 'n' ? &options->app
		                    : choice == 'a' ? &options->ca_file
		                                    : NULL;

		if (slot && !*slot)
			*slot = optarg;
		else if (choice == 'o')
			options->offline = true;
		else if (choice == 'j')
			options->json = true;
		else if (choice != 't' || !read_seconds(optarg, &options->seconds))
			return false;
	}
	return optind == argc;
}

int command_check(const struct command *command, int argc, char **argv)
{
	struct check_options options = {.seconds = DEFAULT_SECONDS};
	struct check check = {0};
	int status = CLI_FAILED;

	if (!read_options(argc, argv, &options))
		return command_usage(command);
	check.report = report_new();
	check.arena = arena_new(ARENA_BYTES);
	check.teller = (struct teller){.name = "check", .json = options.json, .arena = check.arena};
	check.offline = options.offline;
	check.app = options.app;
	check.ca_file = options.ca_file;
	check.seconds = options.seconds;
	if (check.report && check.arena)
		status = conclude(&check, run_check(&options, &check));
	arena_free(check.arena);
	report_free(check.report);
	return status;
}
