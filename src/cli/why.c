/* castgate why: the log's line about one request as a story, with its likely cause. */
#include "platform.h"
#include "cli/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/verdict.h"
#include "cli/audit_log.h"
#include "cli/terminal.h"
#include "cli/why_now.h"
#include "endpoint/mount.h"

#define ARENA_BYTES (1024u * 1024)
/* So many like it, and it is no single client's trouble. */
#define MANY 5

struct story {
	const struct config *config; /* NULL: not needed, the log was named */
	struct why_now *now;         /* NULL: nothing can be tried out */
	const struct audit_line *line;
	const struct audit_run *run;
	struct arena *arena;
};

static enum outcome outcome_named(struct text reason)
{
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (text_is(reason, outcome_row((enum outcome)i)->reason))
			return (enum outcome)i;
	return OUTCOME_UNDECIDED;
}

static bool is_everybodys(const struct audit_run *run)
{
	return run->count >= MANY && run->clients > 1;
}

static const char *why_missing(const struct story *story)
{
	const struct mount *mount = mount_named(story->line->mount);

	if (!is_everybodys(story->run))
		return "this client was not signed in; or the web server drops the header, which "
		       "one client's requests\n"
		       "              cannot tell apart: castgate check --url URL does";
	if (!mount || text_is(story->line->mount, "other"))
		return "the web server drops the Authorization header. For Apache add:\n"
		       "              SetEnvIf Authorization \"(.+)\" HTTP_AUTHORIZATION=$1";
	if (!mount->line)
		return arena_printf(story->arena, "%s: %s", mount->name, mount->place);
	return arena_printf(story->arena,
	    "%s drops the Authorization header. Add\n              %s\n              %s",
	    mount->name, mount->line, mount->place);
}

static const char *why_no_row(const struct story *story)
{
	if (is_everybodys(story->run))
		return "the rule lets nobody in: castgate reads another database than the "
		       "application, or clients\n              build the channel's name of "
		       "other values than the tables hold";
	return NULL;
}

static const char *why_expired(const struct story *story)
{
	if (is_everybodys(story->run))
		return "everybody's tokens are taken for expired: the database's time_zone is not "
		       "the zone\n              in which the application writes its times; see "
		       "castgate check";
	return "the token was used beyond its time; the client must sign in again";
}

static const char *why_unknown(const struct story *story)
{
	if (is_everybodys(story->run))
		return "nobody's token is found: castgate reads another database or table than the "
		       "application";
	return "the token was revoked, or comes from another installation";
}

static const char *why_tenant(const struct story *story)
{
	(void)story;
	return "tenant mismatch: the address or the channel names another company, hotel or user\n"
	       "              than the credential belongs to";
}

static const char *why_path(const struct story *story)
{
	const struct config *config = story->config;
	struct text path = story->line->path;

	for (size_t i = 0; config && i < config->endpoint_count; i++) {
		struct text known = text_of(config->endpoints[i].path);
		size_t extra = path.length > known.length ? path.length - known.length : 0;

		if (extra && text_equal(text_skip(path, extra), known))
			return "wrong mount: clients ask below a folder that the endpoint does not "
			       "name; add the\n              whole path to the endpoint's \"also\" "
			       "list";
	}
	return "wrong mount, or a client with a wrong authEndpoint: compare the path with the "
	       "endpoints\n              that castgate check prints";
}

static const char *why_method(const struct story *story)
{
	(void)story;
	return "a redirect on the way (to https, to a trailing slash, to another host) turned "
	       "POST\n"
	       "              into GET: give clients the address that is not redirected";
}

/* What castgate's own table cannot know: what the neighbours in the log say. */
static const struct {
	enum outcome outcome;
	const char *(*likely)(const struct story *story);
} causes[] = {
    {OUTCOME_CREDENTIAL_MISSING, why_missing},
    {OUTCOME_TOKEN_EXPIRED, why_expired},
    {OUTCOME_TOKEN_UNKNOWN, why_unknown},
    {OUTCOME_NO_ROW, why_no_row},
    {OUTCOME_VALUE_DISAGREES, why_tenant},
    {OUTCOME_TEMPLATE_MISMATCH, why_tenant},
    {OUTCOME_ENDPOINT_UNKNOWN, why_path},
    {OUTCOME_METHOD_NOT_ALLOWED, why_method},
};

static void print_member(const char *before, struct text text)
{
	if (!text_present(text))
		return;
	fputs(before, stdout);
	terminal_text(stdout, text);
}

static void print_line(const struct audit_line *line, const struct outcome_row *row)
{
	printf("%lld ", (long long)line->status);
	terminal_text(stdout, line->reason);
	print_member("  ", line->deny);
	print_member("   ", line->time);
	print_member("  ", line->method);
	print_member(" ", line->path);
	print_member("  from ", line->client);
	print_member("  mount ", line->mount);
	printf("\n seen         %s\n", row->meaning);
	if (text_present(line->channel) || text_present(line->rule)) {
		print_member("              channel ", line->channel);
		print_member("  rule ", line->rule);
		putchar('\n');
	}
	if (text_present(line->credential)) {
		print_member("              credential ", line->credential);
		print_member(", token ", line->token_id);
		print_member(", user ", line->user);
		putchar('\n');
	}
	if (line->connection || text_present(line->trace_id)) {
		if (line->connection)
			printf(
			    "              database connection %lld", (long long)line->connection);
		print_member(
		    line->connection ? ", trace " : "              trace ", line->trace_id);
		putchar('\n');
	}
	if (text_present(line->detail)) {
		print_member("              ", line->detail);
		putchar('\n');
	}
}

static void print_run(const struct audit_run *run)
{
	printf(" pattern      %lu identical %s from %lu%s %s between %s and %s\n", run->count,
	    run->count == 1 ? "refusal" : "refusals", run->clients,
	    run->clients == AUDIT_LOG_MOST_CLIENTS ? " or more" : "",
	    run->clients == 1 ? "client" : "clients", run->first, run->last);
	fputs("              none allowed in between", stdout);
	if (*run->allowed_before)
		printf("; the last before: %s", run->allowed_before);
	if (*run->allowed_after)
		printf("; the next after: %s", run->allowed_after);
	putchar('\n');
}

static void tell(struct story story, FILE *log, const struct audit_line *line, struct arena *arena)
{
	enum outcome outcome = outcome_named(line->reason);
	const struct outcome_row *row = outcome_row(outcome);
	struct audit_run run = {0};
	const char *likely = NULL;

	story.line = line;
	story.run = &run;
	story.arena = arena;
	print_line(line, row);
	if (line->status / 100 == 2)
		return;
	run = audit_log_run(log, line, arena);
	print_run(&run);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].outcome == outcome)
			likely = causes[i].likely(&story);
	if (likely)
		printf(" likely       %s\n", likely);
	if (outcome != OUTCOME_CREDENTIAL_MISSING)
		printf(" cure         %s\n", row->cure);
	why_now_tell(story.now, line);
}

/* A batch has one line for each channel, and a trace one for each request; each is told. */
static int tell_all(struct story story, FILE *log, const char *id)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct audit_line line;
	unsigned told = 0;

	while (
	    arena && told < AUDIT_LOG_MOST_LINES && audit_log_next(log, id, NULL, arena, &line)) {
		long place = ftell(log);

		if (!text_is(line.request_id, id) && !text_is(line.trace_id, id))
			continue;
		if (told++)
			putchar('\n');
		tell(story, log, &line, arena);
		if (place < 0 || fseek(log, place, SEEK_SET) != 0)
			break;
	}
	arena_free(arena);
	if (told)
		return CLI_OK;
	fputs("castgate why: the log has no such request; older ones may be in a rotated file: "
	      "--log FILE\n",
	    stderr);
	return CLI_FAILED;
}

static const char *find_log(const struct config *config, const char *named)
{
	const char *path = named;

	if (!path && config)
		path = config->audit ? config->audit : config->log;
	if (path && *path == '/')
		return path;
	if (named)
		return named;
	fputs("castgate why: the log goes to standard error or syslog, so name the file it ends up "
	      "in: --log FILE\n",
	    stderr);
	return NULL;
}

static int why(const char *config_path, const char *named, const char *id)
{
	struct config *config = command_load(config_path);
	const char *path = config || named ? find_log(config, named) : NULL;
	FILE *log = path ? fopen(path, "re") : NULL;
	int status = CLI_FAILED;

	if (path && !log)
		fprintf(stderr, "castgate why: %s: %s\n", path, strerror(errno));
	if (log) {
		struct why_now *now = config ? why_now_open(config->path) : NULL;

		status = tell_all((struct story){.config = config, .now = now}, log, id);
		why_now_close(now);
		(void)fclose(log);
	}
	config_free(config);
	return status;
}

int command_why(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"log", required_argument, NULL, 'l'},
	    {0},
	};
	const char *config_path = NULL;
	const char *log = NULL;
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (choice == 'c')
			config_path = optarg;
		else if (choice == 'l')
			log = optarg;
		else
			return command_usage(command);
	}
	if (optind + 1 != argc || !*argv[optind] || strpbrk(argv[optind], "\"\\"))
		return command_usage(command);
	return why(config_path, log, argv[optind]);
}
