/* castgate: the operator's tool; picks a subcommand from its table. */
#include "platform.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/environment.h"
#include "cli/command.h"

static int usage(FILE *stream, int status)
{
	const struct command *rows;
	size_t count = command_table(&rows);

	fputs("usage: castgate COMMAND ...\n\n", stream);
	for (size_t i = 0; i < count; i++)
		fprintf(stream, "  %-12s %s\n", rows[i].name, rows[i].summary);
	fputs("\nSee castgate(8).\n", stream);
	return status;
}

int main(int argc, char **argv)
{
	struct rlimit none = {0, 0};
	const struct command *rows;
	size_t count = command_table(&rows);

	(void)setrlimit(RLIMIT_CORE, &none);
	/* what it tells must be what castgate.fcgi, started by a web server, would do */
	if (!environment_withdraw())
		return CLI_FAILED;
	if (argc < 2)
		return usage(stderr, CLI_USAGE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return usage(stdout, CLI_OK);
	if (strcmp(argv[1], "--version") == 0)
		argv[1] += 2;
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, argv[1]) == 0)
			return rows[i].run(&rows[i], argc - 1, argv + 1);
	fprintf(stderr, "castgate: unknown command \"%s\"\n", argv[1]);
	return usage(stderr, CLI_USAGE);
}
