/* castgate check: everything a configuration needs to work, tried out before a user does. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>

#include "cli/doctor.h"
#include "endpoint/service.h"

static void print_overview(const struct service *service)
{
	const struct config *config = service->config;

	printf("configuration  %s\n", config->path);
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];

		printf("endpoint       %s  (%s, dialect %s, %zu rules)\n", endpoint->config->path,
		    endpoint->config->action, endpoint->config->dialect, endpoint->rule_count);
		for (size_t k = 0; k < endpoint->rule_count; k++)
			printf("  channel      %s  (%s)\n", endpoint->config->channels[k].pattern,
			    rule_label(endpoint->rules[k]));
	}
}

/* Load, and unless offline ask the database. Everything found is in the report. */
static bool run_check(const char *config_path, bool offline, struct report *report)
{
	struct arena *arena = arena_new(65536);
	const char *path = arena ? command_locate(config_path, arena, report) : NULL;
	struct service *service = path ? service_observe(path, clock_system(), report) : NULL;
	bool ok = service && !service->broken;
	bool outage = false;

	if (ok && !offline)
		ok = service_check(service, report, &outage);
	if (ok) {
		print_overview(service);
		if (!offline && service->config->database.origin.file)
			printf("database       %s\n", db_server_version(service->db));
		doctor_examine(service, offline, report);
	}
	service_free(service);
	arena_free(arena);
	return ok;
}

int command_check(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"offline", no_argument, NULL, 'o'},
	    {0},
	};
	const char *config_path = NULL;
	struct report *report = report_new();
	bool offline = false;
	bool ok;
	int choice;

	while (report && (choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (choice == 'c') {
			config_path = optarg;
		} else if (choice == 'o') {
			offline = true;
		} else {
			report_free(report);
			return command_usage(command);
		}
	}
	if (!report || optind < argc) {
		report_free(report);
		return command_usage(command);
	}
	ok = run_check(config_path, offline, report);
	report_print(report, stderr);
	if (ok)
		puts(offline ? "ok             (the database was not asked)" : "ok");
	report_free(report);
	return ok ? CLI_OK : CLI_FAILED;
}
