/* Which subcommands does the operator's tool have, and what do they share? */
#ifndef CASTGATE_CLI_COMMAND_H
#define CASTGATE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/report.h"
#include "config/config.h"
#include "endpoint/service.h"

/* Exit statuses of every subcommand. */
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* A subcommand. `run` gets argv with argv[0] the subcommand's name and returns an exit status. */
struct command {
	const char *name;
	const char *arguments; /* for the usage line */
	const char *summary;
	int (*run)(const struct command *command, int argc, char **argv);
};

/* All subcommands, in the order of castgate(8). */
size_t command_table(const struct command **rows);

/* Print "usage: castgate NAME ARGUMENTS" to standard error and return CLI_USAGE. */
int command_usage(const struct command *command);

/* Find the configuration file as castgate.fcgi would outside a web server. NULL with an error in
 * the report. */
const char *command_locate(const char *explicit_path, struct arena *arena, struct report *report);

/* Load the configuration, print complaints to standard error. NULL when it has errors. */
struct config *command_load(const char *explicit_path);

/* The same for the service that it makes (service_observe), which the caller ends with service_free. */
struct service *command_observe(const char *explicit_path);

/* The app of this name; without a name (NULL) the only one. NULL when there is none. */
const struct config_app *command_find_app(const struct config *config, const char *name);

int command_check(const struct command *command, int argc, char **argv);
int command_explain(const struct command *command, int argc, char **argv);
int command_rules(const struct command *command, int argc, char **argv);
int command_stats(const struct command *command, int argc, char **argv);
int command_sign(const struct command *command, int argc, char **argv);
int command_token(const struct command *command, int argc, char **argv);
int command_session(const struct command *command, int argc, char **argv);
int command_migrate(const struct command *command, int argc, char **argv);
int command_show_config(const struct command *command, int argc, char **argv);
int command_why(const struct command *command, int argc, char **argv);
int command_version(const struct command *command, int argc, char **argv);

#endif
