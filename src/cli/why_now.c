/* The rehearsal of castgate explain, for a user whose id is all that is known. */
#include "platform.h"
#include "cli/why_now.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "cli/assumed.h"
#include "cli/explain.h"
#include "cli/terminal.h"
#include "codec/subscription_syntax.h"
#include "endpoint/serve.h"

#define ARENA_BYTES (8u * 1024 * 1024)

struct why_now {
	struct service *service;
	struct arena *lifetime;
	struct arena *arena; /* of one line */
	struct assumed_user user;
};

void why_now_close(struct why_now *now)
{
	if (!now)
		return;
	service_free(now->service);
	arena_free(now->lifetime);
	arena_free(now->arena);
	free(now);
}

/* What the configuration is complained of has been told when it was read for the log's place. */
struct why_now *why_now_open(const char *config_path)
{
	struct why_now *now = calloc(1, sizeof(*now));
	struct report *report = report_new();

	if (now && report) {
		now->user.looked_up = true;
		now->lifetime = arena_new(ARENA_BYTES);
		now->arena = arena_new(ARENA_BYTES);
		now->service = service_observe(config_path, clock_system(), report);
	}
	report_free(report);
	if (now && now->service && !now->service->broken && now->lifetime && now->arena &&
	    assumed_install(now->service, &now->user, now->lifetime))
		return now;
	why_now_close(now);
	return NULL;
}

/* Safe to be pasted into a shell. */
static bool is_word(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!ascii_is_word(text.data[i], "-_./=@,"))
			return false;
	return text.length > 0 && text.data[0] != '-';
}

static void print_decision(const struct call *call, struct text user)
{
	const struct outcome_row *row = outcome_row(call->verdict.outcome);
	const char *cure = call->why.cure ? call->why.cure : row->cure;

	printf("user %.*s, whatever they bring: %d %s%s%s\n", (int)user.length, user.data,
	    call_status(call, call->verdict), row->reason, call->why.label ? " " : "",
	    call->why.label ? call->why.label : "");
	if (verdict_allows(call->verdict))
		return;
	fputs("              ", stdout);
	if (call->verdict.outcome == OUTCOME_VALUE_MISSING) {
		printf("the log does not have the user's ");
		terminal_text(stdout, text_of(call->verdict.detail));
		fputs(": add --value NAME=VALUE to", stdout);
	} else {
		terminal_text(stdout, text_of(cure));
	}
	putchar('\n');
}

static void decide(struct why_now *now, const struct audit_line *line)
{
	size_t max_body = service_responder(now->service).max_body;
	struct explain_options asked = {
	    .endpoint = arena_copy(now->arena, line->path.data, line->path.length),
	    .channel = arena_copy(now->arena, line->channel.data, line->channel.length)};
	struct trace trace = {.arena = now->arena};
	struct exchange exchange;
	const char *problem = NULL;
	struct call call;

	now->user.given = assumed_identity(assumed_value(line->user), NULL, 0);
	if (asked.endpoint && asked.channel &&
	    explain_request(&asked, now->service, max_body, now->arena, &exchange, &problem)) {
		service_rehearse(now->service, &exchange, &trace, &call);
		print_decision(&call, line->user);
		service_finish(now->service);
	} else {
		puts("could not be found out");
	}
	arena_wipe(now->arena);
}

void why_now_tell(struct why_now *now, const struct audit_line *line)
{
	bool has_user = is_word(line->user);

	if (!is_word(line->channel) || !is_word(line->path) ||
	    !channel_name_valid(line->channel, CHANNEL_NAME_CEILING))
		return;
	fputs(" now          ", stdout);
	if (has_user && now)
		decide(now, line);
	else
		puts("the log has no token to try, and must not; with one of the user's:");
	printf("              castgate explain --endpoint %.*s --channel %.*s ",
	    (int)line->path.length, line->path.data, (int)line->channel.length, line->channel.data);
	if (has_user)
		printf("--user %.*s\n", (int)line->user.length, line->user.data);
	else
		puts("--bearer-stdin");
}
