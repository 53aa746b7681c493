/* castgate show-config: the configuration in force, defaults included, secrets masked. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* Whose decision the configuration is shown for; NULL where not given. */
struct wanted {
	const char *config_path;
	const char *channel;
	const char *endpoint; /* a path as clients ask for it */
};

/* Is this the endpoint that is meant? Without a path every one is that decides about channels. */
static bool is_meant(
    const struct endpoint *endpoint, const struct wanted *wanted, struct captures *path)
{
	path->count = 0;
	if (strcmp(endpoint->config->action, "channel-auth") != 0)
		return false;
	for (size_t i = 0; wanted->endpoint && i < endpoint->path_count; i++)
		if (pattern_match(endpoint->paths[i], text_of(wanted->endpoint), path, NULL))
			return true;
	return !wanted->endpoint;
}

/* The rule that decides, as endpoint/channel_auth.c finds it. */
static bool show_for(const struct service *service, const struct wanted *wanted)
{
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const struct endpoint *endpoint = &service->endpoints[i];
		struct captures path;
		struct captures captures;

		if (!is_meant(endpoint, wanted, &path))
			continue;
		for (size_t k = 0; k < endpoint->rule_count; k++)
			if (rule_matches(endpoint->rules[k], &path, text_of(wanted->channel),
			        &captures, NULL)) {
				config_show_for(service->config, endpoint->config,
				    &endpoint->config->channels[k], stdout);
				return true;
			}
	}
	fputs("castgate show-config: no rule matches; castgate explain tells which nearly do\n",
	    stderr);
	return false;
}

static int show_part(const struct wanted *wanted)
{
	struct service *service = command_observe(wanted->config_path);
	bool shown = service && show_for(service, wanted);

	service_free(service);
	return shown ? CLI_OK : CLI_FAILED;
}

static int show_all(const struct wanted *wanted)
{
	struct config *config = command_load(wanted->config_path);

	if (!config)
		return CLI_FAILED;
	config_show(config, stdout);
	config_free(config);
	return CLI_OK;
}

/* "channel=NAME" or "endpoint=PATH" of --for. */
static bool add_wish(struct wanted *wanted, const char *wish)
{
	const char *value = strchr(wish, '=');
	const char **slot = strncmp(wish, "channel=", 8) == 0    ? &wanted->channel
	                    : strncmp(wish, "endpoint=", 9) == 0 ? &wanted->endpoint
	                                                         : NULL;

	if (!slot || *slot || !value[1])
		return false;
	*slot = value + 1;
	return true;
}

static bool read_options(int argc, char **argv, struct wanted *wanted)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"effective", no_argument, NULL, 'e'},
	    {"for", required_argument, NULL, 'f'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (choice == 'c')
			wanted->config_path = optarg;
		else if (choice == '?' || (choice == 'f' && !add_wish(wanted, optarg)))
			return false;
		/* there is no other configuration than the effective one */
	}
	return optind == argc && (wanted->channel || !wanted->endpoint);
}

int command_show_config(const struct command *command, int argc, char **argv)
{
	struct wanted wanted = {0};

	if (!read_options(argc, argv, &wanted))
		return command_usage(command);
	return wanted.channel ? show_part(&wanted) : show_all(&wanted);
}
