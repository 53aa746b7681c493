/* castgate token: Sanctum tokens made, looked at and ended without booting the framework. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/token_database.h"

static bool read_options(int argc, char **argv, struct token_options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"credential", required_argument, NULL, 'k'},
	    {"owner-type", required_argument, NULL, 't'},
	    {"owner", required_argument, NULL, 'o'},
	    {"name", required_argument, NULL, 'n'},
	    {"expires-in", required_argument, NULL, 'e'},
	    {"id", required_argument, NULL, 'i'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		const char **slot = choice == 'c'   ? &options->config_path
		                    : choice == 'k' ? &options->credential
		                    : choice == 't' ? &options->owner_type
		                    : choice == 'o' ? &options->owner
		                    : choice == 'n' ? &options->name
		                    : choice == 'e' ? &options->expires_in
		                    : choice == 'i' ? &options->id
		                                    : NULL;

		if (!slot || *slot)
			return false;
		*slot = optarg;
	}
	return optind == argc;
}

static int usage(void)
{
	fputs("usage: castgate token create --owner ID [--owner-type TYPE] [--name NAME] "
	      "[--expires-in 30d]\n"
	      "       castgate token inspect   (reads the token from standard input)\n"
	      "       castgate token revoke --id ID\n"
	      "       each also takes [--config FILE] [--credential NAME]\n"
	      "See castgate(8).\n",
	    stderr);
	return CLI_USAGE;
}

/* The sanctum credential that is meant: the named one, or the only one. */
static const struct config_credential *find_credential(
    const struct config *config, const char *name)
{
	const struct config_credential *found = NULL;

	for (size_t i = 0; i < config->credential_count; i++) {
		const struct config_credential *candidate = &config->credentials[i];

		if (strcmp(candidate->kind, "sanctum") != 0 ||
		    (name && strcmp(candidate->name, name) != 0))
			continue;
		if (found)
			return NULL;
		found = candidate;
	}
	return found;
}

static int run(const char *verb, const struct token_options *options)
{
	static const struct {
		const char *verb;
		int (*run)(const struct token_session *session);
	} verbs[] = {
	    {"create", token_create},
	    {"inspect", token_inspect},
	    {"revoke", token_revoke},
	};
	struct token_session session = {.options = options};
	struct clock clock = clock_system();
	int status = CLI_FAILED;

	session.config = command_load(options->config_path);
	if (!session.config)
		return CLI_FAILED;
	session.credential = find_credential(session.config, options->credential);
	session.db = db_new(&session.config->database, &clock, NULL);
	session.arena = arena_new(1024 * 1024);
	if (session.db)
		db_insist_on_primary(session.db); /* what was just written is read */
	if (!session.credential)
		fprintf(stderr,
		    "castgate token: no sanctum credential, or several: choose one with "
		    "--credential\n");
	else if (session.db && session.arena &&
	         clock_zone_parse(session.config->database.time_zone, &session.zone))
		for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
			if (strcmp(verbs[i].verb, verb) == 0)
				status = verbs[i].run(&session);
	db_free(session.db);
	arena_free(session.arena);
	config_free(session.config);
	return status;
}

int command_token(const struct command *command, int argc, char **argv)
{
	struct token_options options = {0};
	const char *verb = argc > 1 ? argv[1] : "";
	bool creates = strcmp(verb, "create") == 0;
	bool revokes = strcmp(verb, "revoke") == 0;

	(void)command;
	if (!creates && !revokes && strcmp(verb, "inspect") != 0)
		return usage();
	if (!read_options(argc - 1, argv + 1, &options))
		return usage();
	if ((creates && !options.owner) || (revokes && !options.id))
		return usage();
	return run(verb, &options);
}
