/* castgate show-config: the configuration in force, defaults included, secrets masked. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>

int command_show_config(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {{"config", required_argument, NULL, 'c'}, {0}};
	const char *config_path = NULL;
	struct config *config;
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (choice != 'c')
			return command_usage(command);
		config_path = optarg;
	}
	if (optind < argc)
		return command_usage(command);
	config = command_load(config_path);
	if (!config)
		return CLI_FAILED;
	config_show(config, stdout);
	config_free(config);
	return CLI_OK;
}
