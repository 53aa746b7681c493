/* castgate sign: one signature made with an app's keys, to try a WebSocket server without a user. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ticket/ticket.h"

struct sign_options {
	const char *config_path;
	const char *app;
	const char *socket_id;
	const char *channel;
	const char *channel_data;
	const char *user_data;
};

static struct verdict sign(const struct sign_options *options, const struct ticket_app *app,
    struct arena *arena, struct ticket *ticket)
{
	if (options->user_data)
		return ticket_sign_user(
		    app, text_of(options->socket_id), text_of(options->user_data), arena, ticket);
	return ticket_sign_channel(app, text_of(options->socket_id), text_of(options->channel),
	    text_of(options->channel_data), arena, ticket);
}

static int print_ticket(const struct sign_options *options, const struct config_app *config_app)
{
	struct arena *arena = arena_new(1024 * 1024);
	struct ticket_app app = {.key = text_of(config_app->key),
	    .hmac = config_app->secret && *config_app->secret
	                ? hmac_key_new(text_of(config_app->secret))
	                : NULL,
	    .master_key = config_app->has_master_key ? config_app->master_key : NULL,
	    .verifier = ticket_verifier_named(config_app->verifier)};
	struct verdict verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
	struct ticket ticket;

	if (arena)
		verdict = sign(options, &app, arena, &ticket);
	if (verdict_allows(verdict))
		printf("%s\n", ticket_body(&ticket, JSON_PLAIN, arena).data);
	else
		fprintf(stderr, "castgate sign: %s: %s\n", outcome_row(verdict.outcome)->reason,
		    outcome_row(verdict.outcome)->meaning);
	hmac_key_free(app.hmac);
	arena_free(arena);
	return verdict_allows(verdict) ? CLI_OK : CLI_FAILED;
}

static bool read_options(int argc, char **argv, struct sign_options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"app", required_argument, NULL, 'a'},
	    {"socket-id", required_argument, NULL, 's'},
	    {"channel", required_argument, NULL, 'n'},
	    {"channel-data", required_argument, NULL, 'd'},
	    {"user-data", required_argument, NULL, 'u'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		const char **slot = choice == 'c'   ? &options->config_path
		                    : choice == 'a' ? &options->app
		                    : choice == 's' ? &options->socket_id
		                    : choice == 'n' ? &options->channel
		                    : choice == 'd' ? &options->channel_data
		                    : choice == 'u' ? &options->user_data
		                                    : NULL;

		if (!slot || *slot)
			return false;
		*slot = optarg;
	}
	return optind == argc && options->socket_id && (!options->channel != !options->user_data) &&
	       !(options->channel_data && options->user_data);
}

int command_sign(const struct command *command, int argc, char **argv)
{
	struct sign_options options = {0};
	const struct config_app *app;
	struct config *config;
	int status = CLI_FAILED;

	if (!read_options(argc, argv, &options))
		return command_usage(command);
	config = command_load(options.config_path);
	if (!config)
		return CLI_FAILED;
	app = command_find_app(config, options.app);
	if (app)
		status = print_ticket(&options, app);
	else
		fprintf(stderr, "castgate sign: %s\n",
		    options.app ? "no app has this name" : "several apps: choose one with --app");
	config_free(config);
	return status;
}
