/* castgate migrate: the command line, the account and the connection; then one verb of the table. */
#include "platform.h"
#include "cli/migrate.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/source.h"

#define ARENA_BYTES (64u * 1024 * 1024)
#define MOST_PASSWORD 4096

static const struct verb {
	const char *name;
	int (*run)(struct migrate *migrate);
	bool needs_server;
} verbs[] = {
    {"check", migrate_check, true},
    {"status", migrate_status, true},
    {"plan", migrate_plan, true},
    {"up", migrate_up, true},
    {"baseline", migrate_baseline, true},
    {"verify", migrate_verify, true},
    {"down", migrate_down, false},
};

static int usage(void)
{
	fputs("usage: castgate migrate check|status|plan|up|baseline|verify --set NAME\n"
	      "       castgate migrate plan --offline --set NAME\n"
	      "       castgate migrate down --set NAME   (prints which files to run)\n"
	      "       each also takes [--dir FOLDER] [--json] and, but for the last two,\n"
	      "       [--config FILE] [--user ACCOUNT [--password-file FILE|-]]\n"
	      "See castgate(8).\n",
	    stderr);
	return CLI_USAGE;
}

static bool read_options(int argc, char **argv, struct migrate_options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"set", required_argument, NULL, 's'},
	    {"dir", required_argument, NULL, 'd'},
	    {"user", required_argument, NULL, 'u'},
	    {"password-file", required_argument, NULL, 'p'},
	    {"offline", no_argument, NULL, 'o'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		const char **slot = choice == 'c'   ? &options->config_path
		                    : choice == 's' ? &options->set
		                    : choice == 'd' ? &options->directory
		                    : choice == 'u' ? &options->user
		                    : choice == 'p' ? &options->password_file
		                                    : NULL;
		bool *flag = choice == 'o'   ? &options->offline
		             : choice == 'j' ? &options->json
		                             : NULL;

		if (flag && !*flag)
			*flag = true;
		else if (slot && !*slot)
			*slot = optarg;
		else
			return false;
	}
	return optind == argc && options->set && (options->user || !options->password_file);
}

/* The first line of standard input. NULL with a complaint. */
static const char *read_standard_input(struct migrate *migrate)
{
	char *password = arena_alloc(migrate->arena, MOST_PASSWORD + 1);
	size_t used = 0;
	ssize_t got = 0;

	while (password && used < MOST_PASSWORD && !memchr(password, '\n', used)) {
		got = read(STDIN_FILENO, password + used, MOST_PASSWORD - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	if (!password || got < 0 || used == MOST_PASSWORD) {
		teller_complain(&migrate->teller, "cannot read a password from standard input");
		return NULL;
	}
	password[strcspn(password, "\r\n")] = '\0';
	return password;
}

static const char *read_password(struct migrate *migrate)
{
	const char *path = migrate->options->password_file;
	struct source source;
	const char *cure;

	if (!path)
		return "";
	if (strcmp(path, "-") == 0)
		return read_standard_input(migrate);
	if (!source_read(path, (struct origin){path, 1}, migrate->arena, migrate->report, &source))
		return NULL;
	cure = source_exposure(&source.status);
	if (cure) {
		teller_complain(
		    &migrate->teller, "the password can be read by others: %s %s", cure, path);
		return NULL;
	}
	source.text[strcspn(source.text, "\r\n")] = '\0';
	return source.text;
}

/* Who are we to which server? Said before anything else, so that a mistake is seen in time. */
static bool tell_server(struct migrate *migrate)
{
	struct console_rows rows;
	const struct text *is;

	if (!console_run(migrate->console,
	        TEXT("SELECT CURRENT_USER(), DATABASE(), @@hostname, @@port, VERSION(),"
	             " @@global.read_only"),
	        NULL, 1, migrate->arena, &rows) ||
	    rows.row_count != 1)
		return migrate_fail(migrate, "cannot ask the server who it is");
	is = rows.values;
	migrate->server_is_read_only = !text_is(is[5], "0");
	teller_say(&migrate->teller,
	    arena_printf(migrate->arena, "%.*s, database %.*s on %.*s:%.*s (%.*s)%s",
	        (int)is[0].length, is[0].data, (int)is[1].length, is[1].data, (int)is[2].length,
	        is[2].data, (int)is[3].length, is[3].data, (int)is[4].length, is[4].data,
	        migrate->server_is_read_only ? ", read-only" : ""),
	    "server",
	    (const struct teller_field[]){{"account", is[0]}, {"database", is[1]}, {"host", is[2]},
	        {"port", is[3]}, {"version", is[4]},
	        {"read_only", migrate->server_is_read_only ? TEXT("yes") : TEXT("no")}},
	    6);
	return true;
}

static bool open_server(struct migrate *migrate, struct config_database *settings)
{
	struct db_error error;

	migrate->config = command_load(migrate->options->config_path);
	if (!migrate->config) {
		teller_complain(&migrate->teller, "the configuration cannot be used");
		return false;
	}
	*settings = migrate->config->database;
	if (!settings->origin.file || !settings->name) {
		teller_complain(&migrate->teller, "the configuration names no database");
		return false;
	}
	if (migrate->options->user) {
		settings->user = migrate->options->user;
		settings->password = read_password(migrate);
		if (!settings->password)
			return false;
	}
	migrate->console = console_open(settings, &error);
	if (!migrate->console) {
		teller_complain(&migrate->teller, "cannot connect as %s: %s (%u)", settings->user,
		    error.message, error.code);
		return false;
	}
	return tell_server(migrate);
}

static int run(const struct verb *verb, const struct migrate_options *options)
{
	struct migrate migrate = {
	    .options = options, .arena = arena_new(ARENA_BYTES), .report = report_new()};
	struct config_database settings;
	int status = CLI_FAILED;

	migrate.teller = (struct teller){.name = "migrate",
	    .json = options->json,
	    .live = !options->json && isatty(STDOUT_FILENO),
	    .arena = migrate.arena};
	if (migrate.arena && migrate.report &&
	    migration_set_read(options->directory ? options->directory : CASTGATE_SQLDIR,
	        options->set, migrate.arena, migrate.report, &migrate.set) &&
	    (!verb->needs_server || options->offline || open_server(&migrate, &settings)))
		status = verb->run(&migrate);
	for (size_t i = 0; migrate.report && i < report_count(migrate.report); i++)
		teller_complain(&migrate.teller, "%s", report_line(migrate.report, i));
	console_close(migrate.console);
	config_free(migrate.config);
	report_free(migrate.report);
	arena_free(migrate.arena);
	return status;
}

int command_migrate(const struct command *command, int argc, char **argv)
{
	struct migrate_options options = {0};
	const char *verb = argc > 1 ? argv[1] : "";

	(void)command;
	if (argc < 2 || !read_options(argc - 1, argv + 1, &options))
		return usage();
	if (options.offline && strcmp(verb, "plan") != 0)
		return usage();
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return run(&verbs[i], &options);
	return usage();
}
