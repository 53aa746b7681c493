/* castgate session: who is signed in, ended by the operator, and rows that nobody needs any more. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"
#include "db/db.h"
#include "session/session.h"

#define ARENA_BYTES (4u * 1024 * 1024)
#define DAY_MICROSECONDS (24 * 60 * 60 * INT64_C(1000000))
#define KEEP_DAYS "30"
#define MOST_DAYS 36500
/* The responder's deadline is for clients who wait; a batch of old rows may have to come from a disk. */
#define PATIENT_MILLISECONDS (60u * 1000)

struct options {
	const char *config_path;
	const char *user;
	const char *id;
	const char *keep_days;
	const char *forget_revoked_days;
};

/* What every verb works with. */
struct desk {
	const struct options *options;
	struct clock clock;
	struct db *db;
	struct arena *arena;
	struct sessions *sessions;
};

static int usage(void)
{
	fputs("usage: castgate session list --user ID\n"
	      "       castgate session revoke --id ID | --user ID\n"
	      "       castgate session prune [--keep-days N] [--forget-revoked-days N]\n"
	      "       each also takes [--config FILE]\n"
	      "See castgate(8).\n",
	    stderr);
	return CLI_USAGE;
}

static bool read_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"user", required_argument, NULL, 'u'},
	    {"id", required_argument, NULL, 'i'},
	    {"keep-days", required_argument, NULL, 'k'},
	    {"forget-revoked-days", required_argument, NULL, 'f'},
	    {0},
	};
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		const char **slot = choice == 'c'   ? &options->config_path
		                    : choice == 'u' ? &options->user
		                    : choice == 'i' ? &options->id
		                    : choice == 'k' ? &options->keep_days
		                    : choice == 'f' ? &options->forget_revoked_days
		                                    : NULL;

		if (!slot || *slot)
			return false;
		*slot = optarg;
	}
	return optind == argc;
}

static int tell(const struct desk *desk, struct verdict verdict)
{
	fprintf(stderr, "castgate session: %s: %s\n", outcome_row(verdict.outcome)->reason,
	    verdict_is_outage(verdict) ? db_error(desk->db)->message
	                               : outcome_row(verdict.outcome)->meaning);
	return CLI_FAILED;
}

static void print_time(int64_t moment)
{
	char text[CLOCK_RFC3339_BYTES];

	printf("%s  ", clock_format_rfc3339(moment, text) ? text : "-");
}

static int list(const struct desk *desk)
{
	struct session *found;
	size_t count;
	struct verdict verdict = sessions_of_user(
	    desk->sessions, text_of(desk->options->user), desk->arena, &found, &count);

	if (!verdict_allows(verdict))
		return tell(desk, verdict);
	for (size_t i = 0; i < count; i++) {
		printf("%.*s  ", (int)found[i].id.length, found[i].id.data);
		print_time(found[i].created);
		print_time(found[i].last_seen);
		print_time(found[i].expires);
		terminal_text(stdout, found[i].ip_address);
		fputs("  ", stdout);
		terminal_text(stdout, found[i].user_agent);
		putchar('\n');
	}
	return CLI_OK;
}

/* One session by its id; whose it is says the row. */
static struct verdict end_one(const struct desk *desk, unsigned long long *ended)
{
	struct session session;
	struct verdict verdict =
	    sessions_find_by_id(desk->sessions, text_of(desk->options->id), desk->arena, &session);

	*ended = 0;
	if (!verdict_allows(verdict))
		return verdict;
	return sessions_end(desk->sessions, session.user_id, session.id, SESSION_ENDED_BY_OPERATOR,
	    desk->arena, ended);
}

static int revoke(const struct desk *desk)
{
	unsigned long long ended;
	struct verdict verdict =
	    desk->options->id ? end_one(desk, &ended)
	                      : sessions_end_all(desk->sessions, text_of(desk->options->user),
	                            SESSION_ENDED_BY_OPERATOR, desk->arena, &ended);

	if (!verdict_allows(verdict))
		return tell(desk, verdict);
	printf("%llu ended\n", ended);
	return ended ? CLI_OK : CLI_FAILED;
}

/* The moment so many days ago; unchanged without the option. False for what is no number of days. */
static bool read_days(const struct desk *desk, const char *days, int64_t *moment)
{
	uint64_t number;

	if (!days)
		return true;
	if (!text_to_u64(text_of(days), TEXT_DIGITS_CANONICAL, &number) || number > MOST_DAYS)
		return false;
	*moment = clock_now(&desk->clock) - (int64_t)number * DAY_MICROSECONDS;
	return true;
}

static int prune(const struct desk *desk)
{
	struct session_pruning pruning = {0};
	struct session_pruned pruned;
	bool done;

	(void)read_days(desk, KEEP_DAYS, &pruning.over_before);
	if (!read_days(desk, desk->options->keep_days, &pruning.over_before) ||
	    !read_days(desk, desk->options->forget_revoked_days, &pruning.revoked_before))
		return usage();
	done = sessions_prune(desk->sessions, &pruning, desk->arena, &pruned);
	printf("%llu refresh tokens and %llu sessions deleted\n", pruned.tokens, pruned.ended);
	if (pruning.revoked_before)
		printf("%llu revoked sessions forgotten\n", pruned.revoked);
	if (!done)
		fprintf(stderr, "castgate session: the database says: %s\n",
		    db_error(desk->db)->message);
	return done ? CLI_OK : CLI_FAILED;
}

static const struct config_credential *find_credential(const struct config *config)
{
	for (size_t i = 0; i < config->credential_count; i++)
		if (strcmp(config->credentials[i].kind, "session") == 0)
			return &config->credentials[i];
	fputs("castgate session: the configuration has no credential of kind session\n", stderr);
	return NULL;
}

static int run(int (*verb)(const struct desk *), const struct options *options)
{
	struct desk desk = {.options = options, .clock = clock_system()};
	struct config *config = command_load(options->config_path);
	const struct config_credential *credential = config ? find_credential(config) : NULL;
	struct report *report = credential ? report_new() : NULL;
	int status = CLI_FAILED;

	if (report) {
		config->database.deadline_milliseconds = PATIENT_MILLISECONDS;
		desk.db = db_new(&config->database, &desk.clock, NULL);
		desk.arena = arena_new(ARENA_BYTES);
	}
	if (desk.db && desk.arena)
		desk.sessions = sessions_open(credential, desk.db, &desk.clock, desk.arena, report);
	if (report)
		report_print(report, stderr);
	if (desk.sessions)
		status = verb(&desk);
	sessions_close(desk.sessions);
	db_free(desk.db);
	arena_free(desk.arena);
	report_free(report);
	config_free(config);
	return status;
}

int command_session(const struct command *command, int argc, char **argv)
{
	struct options options = {0};
	const char *verb = argc > 1 ? argv[1] : "";

	bool prunes;

	(void)command;
	if (argc < 2 || !read_options(argc - 1, argv + 1, &options))
		return usage();
	prunes = options.keep_days || options.forget_revoked_days;
	if (strcmp(verb, "list") == 0 && options.user && !options.id && !prunes)
		return run(list, &options);
	if (strcmp(verb, "revoke") == 0 && !options.user != !options.id && !prunes)
		return run(revoke, &options);
	if (strcmp(verb, "prune") == 0 && !options.user && !options.id)
		return run(prune, &options);
	return usage();
}
