/* The table of subcommands, and how they find and load the configuration. */
#include "platform.h"
#include "cli/command.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCATE_BYTES 65536

static const struct command commands[] = {
    {"check",
        "[--config FILE] [--offline] [--json] [--url URL] [--verifier URL [--app NAME]] [--ca "
        "FILE] [--timeout SECONDS]",
        "read the configuration, prepare every statement, name what is wrong", command_check},
    {"explain",
        "[--config FILE] [--endpoint PATH] [--socket-id ID] [--ip ADDRESS] [--sign] [--json] "
        "(--channel NAME [--bearer-stdin | --cookie-stdin | --query-stdin | "
        "--user ID [--owner-type TYPE] [--value NAME=VALUE]...] | --request-stdin)",
        "decide as castgate.fcgi would, and tell every step", command_explain},
    {"why", "[--config FILE] [--log FILE] REQUEST-ID | TRACE-ID",
        "tell from the log what became of a request, and the likely cause", command_why},
    {"rules", "test [--config FILE] [--fixtures FILE] [--json] FILE",
        "compare what the rules decide with what is expected of them", command_rules},
    {"stats", "[--config FILE] [--interval SECONDS] [--once] [--json]",
        "show what all processes have counted, over and over", command_stats},
    {"sign",
        "[--config FILE] [--app NAME] --socket-id ID (--channel NAME [--channel-data JSON] | "
        "--user-data JSON)",
        "sign one subscription without deciding anything, for trying a WebSocket server",
        command_sign},
    {"token", "create|inspect|revoke ...", "make, look at and end Sanctum tokens", command_token},
    {"session", "list|revoke|prune ...", "look at and end castgate's own sessions",
        command_session},
    {"migrate", "check|status|plan|up|baseline|verify ...",
        "make castgate's tables, and compare those that are there", command_migrate},
    {"show-config", "[--config FILE] [--effective] [--for channel=NAME [--for endpoint=PATH]]",
        "print the configuration in force, secrets masked", command_show_config},
    {"version", "", "print the version", command_version},
};

size_t command_table(const struct command **rows)
{
	*rows = commands;
	return sizeof(commands) / sizeof(commands[0]);
}

int command_usage(const struct command *command)
{
	fprintf(
	    stderr, "usage: castgate %s %s\nSee castgate(8).\n", command->name, command->arguments);
	return CLI_USAGE;
}

const char *command_locate(const char *explicit_path, struct arena *arena, struct report *report)
{
	const struct passwd *user = getpwuid(geteuid());
	struct config_search search = {.explicit_path = explicit_path,
	    .environment_path = getenv("CASTGATE_CONFIG"),
	    .home = user ? user->pw_dir : NULL};

	return config_locate(&search, arena, report);
}

/* Complain of what was found; nothing without a word. */
static void complain(const struct report *report, bool failed)
{
	if (report)
		report_print(report, stderr);
	if (failed && !(report && report_failed(report)))
		fputs("castgate: out of memory\n", stderr);
}

struct config *command_load(const char *explicit_path)
{
	struct report *report = report_new();
	struct arena *arena = arena_new(LOCATE_BYTES);
	const char *path = report && arena ? command_locate(explicit_path, arena, report) : NULL;
	struct config *config = path ? config_load(path, report) : NULL;

	complain(report, !config);
	arena_free(arena);
	report_free(report);
	return config;
}

struct service *command_observe(const char *explicit_path)
{
	struct report *report = report_new();
	struct arena *arena = arena_new(LOCATE_BYTES);
	const char *path = report && arena ? command_locate(explicit_path, arena, report) : NULL;
	struct service *service = path ? service_observe(path, clock_system(), report) : NULL;

	complain(report, !service);
	if (service && service->broken) {
		service_free(service);
		service = NULL;
	}
	arena_free(arena);
	report_free(report);
	return service;
}

const struct config_app *command_find_app(const struct config *config, const char *name)
{
	if (!name && config->app_count == 1)
		return &config->apps[0];
	for (size_t i = 0; name && i < config->app_count; i++)
		if (strcmp(config->apps[i].name, name) == 0)
			return &config->apps[i];
	return NULL;
}

int command_version(const struct command *command, int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return command_usage(command);
	puts("castgate " PACKAGE_VERSION);
	return CLI_OK;
}
