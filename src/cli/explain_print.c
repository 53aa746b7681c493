/* An explanation for a person: one line a step, then the cure. */
#include "platform.h"
#include "cli/explain.h"

#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

#define LABEL_WIDTH 12

static void print_label(const char *label, const char *word)
{
	printf(" %-*s %-4s ", LABEL_WIDTH, label, word);
}

static const char *word_of(struct verdict verdict)
{
	if (verdict_allows(verdict))
		return "ok";
	return verdict_is_outage(verdict) ? "??" : "NO";
}

static void print_refusal(struct verdict verdict)
{
	if (verdict_allows(verdict))
		return;
	printf("%s", outcome_row(verdict.outcome)->reason);
	if (verdict.detail) {
		fputs(" (", stdout);
		terminal_text(stdout, text_of(verdict.detail));
		fputc(')', stdout);
	}
}

static void print_values(const struct named_value *values, size_t count, const char *before)
{
	for (size_t i = 0; i < count; i++) {
		fputs(i ? " " : before, stdout);
		terminal_text(stdout, values[i].name);
		fputc('=', stdout);
		terminal_value(stdout, values[i].value);
	}
}

static void print_route(const struct explanation *told, const struct trace_step *step)
{
	const struct endpoint *endpoint = told->call->endpoint;

	print_label("request", word_of(step->verdict));
	terminal_text(stdout, told->call->request.method);
	fputc(' ', stdout);
	terminal_text(stdout, step->subject);
	if (endpoint)
		printf("  (endpoint %s, %s, dialect %s)", endpoint->config->path,
		    endpoint->config->action, endpoint->config->dialect);
	print_values(told->call->path.values, told->call->path.count, "  ");
	fputc('\n', stdout);
	if (!endpoint) {
		print_label("", "");
		print_refusal(step->verdict);
		fputc('\n', stdout);
	}
}

/* Of these only a refusal is worth a line. */
static void print_if_refused(const char *label, const struct trace_step *step)
{
	if (verdict_allows(step->verdict))
		return;
	print_label(label, word_of(step->verdict));
	print_refusal(step->verdict);
	fputc('\n', stdout);
}

static void print_screen(const struct explanation *told, const struct trace_step *step)
{
	(void)told;
	print_if_refused("request", step);
}

static void print_limits(const struct explanation *told, const struct trace_step *step)
{
	print_label("throttle", word_of(step->verdict));
	print_refusal(step->verdict);
	if (verdict_allows(step->verdict))
		fputs("nothing held against the client", stdout);
	fputs(told->call->client.known ? "  address " : "  address unknown", stdout);
	if (told->call->client.known)
		terminal_text(stdout, told->call->client.text);
	fputc('\n', stdout);
}

static void print_places(const struct config_credential *config)
{
	fputs("looks at ", stdout);
	for (size_t i = 0; i < config->from.count; i++)
		printf("%s%s", i ? ", " : "", config->from.items[i]);
	if (!config->from.count)
		fputs(strcmp(config->kind, "better-auth") == 0 ? "its cookies, then bearer"
		                                               : "bearer",
		    stdout);
}

static void print_presented(const struct explanation *told, const struct trace_step *step)
{
	const struct endpoint *endpoint = told->call->endpoint;

	if (verdict_allows(step->verdict))
		return;
	print_if_refused("credential", step);
	for (size_t i = 0; i < endpoint->credential_count; i++) {
		print_label("", "");
		printf("%s: nothing came, ", endpoint->credentials[i]->config->name);
		print_places(endpoint->credentials[i]->config);
		fputc('\n', stdout);
	}
}

static void print_syntax(const struct explanation *told, const struct trace_step *step)
{
	const struct subscription *asked = &told->call->subscription;

	print_label("channel", word_of(step->verdict));
	print_refusal(step->verdict);
	if (verdict_allows(step->verdict) && asked->is_batch)
		printf("a batch of %zu", asked->count);
	else if (verdict_allows(step->verdict) && asked->count)
		printf("%zu bytes, prefix %s", asked->channels[0].length,
		    channel_kind_prefix(channel_name_kind(asked->channels[0])));
	if (verdict_allows(step->verdict) && !told->options->socket_id &&
	    told->options->from != EXPLAIN_STDIN_REQUEST)
		fputs(", some socket id", stdout);
	fputc('\n', stdout);
}

/* "token 17 ("phone"), owner ... 42, ..." where the kind tells that much, else "token 17, user 42". */
static void print_identity(const struct identity *identity, const char *about)
{
	if (text_present(identity->token_id)) {
		fputs("token ", stdout);
		terminal_text(stdout, identity->token_id);
		if (about) {
			terminal_text(stdout, text_of(about));
			return;
		}
		fputs(", ", stdout);
	}
	fputs("user ", stdout);
	terminal_value(stdout, identity->id);
}

static void print_expiry(const struct explanation *told, int64_t expires)
{
	int64_t left = expires - told->call->started_microseconds;
	char span[CLOCK_SPAN_BYTES];

	if (!expires)
		return;
	clock_format_span(left, span);
	if (left > 0)
		printf(", expires in %s", span);
	else
		printf(", expired %s ago", span);
}

/* What is known of the token that was presented, whatever became of it. */
static void print_token(const struct explanation *told, const struct trace_step *step)
{
	if (verdict_allows(step->verdict)) {
		print_identity(&told->call->identity, step->about);
	} else if (step->about) {
		terminal_text(stdout, text_of(step->about));
	}
	if (!step->about)
		print_expiry(told, step->expires_microseconds);
}

static void print_not_asked(const struct explanation *told, size_t from)
{
	const struct endpoint *endpoint = told->call->endpoint;

	for (size_t i = from; i < endpoint->credential_count; i++) {
		print_label("", "");
		printf("%s: not asked, the one before decided\n",
		    endpoint->credentials[i]->config->name);
	}
}

static void print_assumed(struct verdict verdict)
{
	if (verdict_allows(verdict) && verdict.detail) {
		fputs(", ", stdout);
		terminal_text(stdout, text_of(verdict.detail));
	}
	printf("%s: no credential was looked at",
	    verdict_allows(verdict) ? ", taken for proven" : "");
}

static void print_credential(const struct explanation *told, const struct trace_step *step)
{
	size_t index;
	const struct credential *credential = explain_credential(told->call, step->subject, &index);

	print_label("credential", word_of(step->verdict));
	terminal_text(stdout, step->subject);
	printf(" (%s): ", credential ? credential->config->kind : "?");
	print_refusal(step->verdict);
	print_token(told, step);
	if (told->options->user)
		print_assumed(step->verdict);
	if (step->verdict.outcome == OUTCOME_CREDENTIAL_MISSING && credential) {
		fputs(", ", stdout);
		print_places(credential->config);
	}
	fputc('\n', stdout);
	if (verdict_allows(step->verdict) || verdict_is_outage(step->verdict))
		print_not_asked(told, index + 1);
}

/* The chain has said its part; what is left is whether the credential is meant for this request. */
static void print_proven(const struct explanation *told, const struct trace_step *step)
{
	if (told->call->identity.id.kind != VALUE_NONE)
		print_if_refused("identity", step);
}

static void print_channel(const struct explanation *told, const struct trace_step *step)
{
	if (!told->call->subscription.is_batch)
		return;
	fputs("\n ", stdout);
	terminal_text(stdout, step->subject);
	fputc('\n', stdout);
}

static void print_later(const struct explanation *told, const struct trace_step *step)
{
	(void)told;
	print_label("", "");
	printf("not asked: %s  %.*s  matches too, but stands later in the file\n", step->title,
	    (int)step->subject.length, step->subject.data);
}

/* A rule that fits no further than the prefix is no near miss. Where another decided, one that has no more
 * in common than the beginning of a word is none either. */
static bool is_near(const struct explanation *told, struct text fits, size_t prefix)
{
	struct text common = text_skip(fits, prefix);

	if (fits.length <= prefix)
		return false;
	return !told->call->rule || text_find(common, '.') < common.length ||
	       text_find(common, '-') < common.length;
}

static void print_miss(const struct explanation *told, const struct trace_step *step)
{
	struct text fits = told->call->channel;
	size_t prefix = strlen(channel_kind_prefix(channel_name_kind(fits)));

	if (step->reached > fits.length)
		return;
	fits.length = step->reached;
	if (!is_near(told, fits, prefix))
		return;
	print_label("", "");
	printf("near miss: %s  %.*s  differs at byte %zu, after ", step->title,
	    (int)step->subject.length, step->subject.data, step->reached);
	terminal_text(stdout, fits);
	fputc('\n', stdout);
}

static void print_rule(const struct explanation *told, const struct trace_step *step)
{
	(void)told;
	print_label("rule", word_of(step->verdict));
	printf("%s  %.*s", step->title, (int)step->subject.length, step->subject.data);
	print_values(step->values, step->value_count, "  ");
	fputc('\n', stdout);
	if (verdict_allows(step->verdict) || step->verdict.outcome == OUTCOME_NO_ROW ||
	    step->verdict.outcome == OUTCOME_ROW_NOT_PROVEN ||
	    step->verdict.outcome == OUTCOME_TEMPLATE_MISMATCH)
		return; /* statement or template say it */
	print_label("", "");
	print_refusal(step->verdict);
	fputc('\n', stdout);
}

static void print_template(const struct explanation *told, const struct trace_step *step)
{
	(void)told;
	print_label("template", word_of(step->verdict));
	fputs("this user's is ", stdout);
	terminal_text(stdout, step->subject);
	if (step->verdict.outcome == OUTCOME_TEMPLATE_MISMATCH)
		printf("  differs at byte %zu", step->reached);
	fputc('\n', stdout);
}

static void print_statement(const struct explanation *told, const struct trace_step *step)
{
	(void)told;
	print_label("statement", word_of(step->verdict));
	fputs(verdict_allows(step->verdict) ? "a row proves itself" : "", stdout);
	print_refusal(step->verdict);
	print_values(step->values, step->value_count, "  with ");
	fputc('\n', stdout);
}

/* The values that decide: those of the row that was found, and those it was looked for with. */
static void print_condition(const struct explanation *told, const struct trace_step *step)
{
	bool holds = verdict_allows(step->verdict);

	(void)told;
	print_label("condition", holds                                     ? "YES"
	                         : step->verdict.outcome == OUTCOME_NO_ROW ? "no"
	                                                                   : "??");
	terminal_text(stdout, step->subject);
	if (holds) {
		print_values(step->row, step->row_count, "  ");
		print_values(step->values, step->value_count, "  for ");
	} else if (step->verdict.outcome != OUTCOME_NO_ROW) {
		fputs("  ", stdout);
		print_refusal(step->verdict);
	}
	fputc('\n', stdout);
}

static void print_ticket(const struct explanation *told, const struct trace_step *step)
{
	print_label("ticket", word_of(step->verdict));
	print_refusal(step->verdict);
	if (verdict_allows(step->verdict))
		fputs(told->options->sign ? "signed" : "not shown without --sign", stdout);
	if (told->options->sign && text_present(step->subject)) {
		fputs("  channel_data ", stdout);
		terminal_text(stdout, step->subject);
	}
	fputc('\n', stdout);
}

static void print_entry(const struct explanation *told, const struct trace_step *step)
{
	print_label("entry", word_of(step->verdict));
	printf("%d  %s\n", call_status(told->call, step->verdict),
	    outcome_row(step->verdict.outcome)->reason);
}

static void (*const printers[TRACE_KINDS])(
    const struct explanation *told, const struct trace_step *step) = {
    [TRACE_ROUTE] = print_route,
    [TRACE_SCREEN] = print_screen,
    [TRACE_LIMITS] = print_limits,
    [TRACE_PRESENTED] = print_presented,
    [TRACE_SYNTAX] = print_syntax,
    [TRACE_CREDENTIAL] = print_credential,
    [TRACE_PROVEN] = print_proven,
    [TRACE_CHANNEL] = print_channel,
    [TRACE_MISS] = print_miss,
    [TRACE_RULE] = print_rule,
    [TRACE_LATER] = print_later,
    [TRACE_TEMPLATE] = print_template,
    [TRACE_STATEMENT] = print_statement,
    [TRACE_CONDITION] = print_condition,
    [TRACE_TICKET] = print_ticket,
    [TRACE_ENTRY] = print_entry,
};

const char *explain_cure(const struct explanation *told)
{
	const char *own = told->call->why.cure;

	if (told->options->user && told->call->verdict.outcome == OUTCOME_VALUE_MISSING)
		return "Name the value with --value NAME=VALUE; if real credentials lack it, too, give "
		       "the credential's owner the column, or correct the rule.";
	return own ? own : outcome_row(told->call->verdict.outcome)->cure;
}

const char *explain_statement(const struct explanation *told)
{
	const char *sql = NULL;

	if (verdict_allows(told->call->verdict))
		return NULL;
	for (const struct trace_step *step = told->trace->first; step; step = step->next)
		if (step->kind == TRACE_STATEMENT)
			sql = step->sql;
	return sql;
}

static void print_cure(const struct explanation *told)
{
	const char *sql = explain_statement(told);

	if (told->call->why.message) {
		print_label("reason", "");
		printf("%s: %s\n", told->call->why.label, told->call->why.message);
	}
	print_label("cure", "");
	terminal_text(stdout, text_of(explain_cure(told)));
	fputc('\n', stdout);
	if (!sql)
		return;
	print_label("", "");
	printf("The same question in SQL:\n%s;\n", sql);
}

static void print_cost(const struct explanation *told)
{
	unsigned long decisive = told->asked.decisive;

	printf("%lu %s", decisive, decisive == 1 ? "query" : "queries");
	if (told->asked.idle)
		printf(" and %lu to explain", told->asked.idle);
	printf(", %.1f ms\n", (double)told->microseconds / 1000);
}

enum explain_end explain_end(const struct explanation *told)
{
	struct verdict verdict = told->call->verdict;

	if (verdict_is_outage(verdict) || verdict.outcome == OUTCOME_UNDECIDED)
		return EXPLAIN_UNKNOWN;
	for (const struct trace_step *step = told->trace->first; step; step = step->next)
		if (step->kind == TRACE_ENTRY && !verdict_allows(step->verdict))
			return EXPLAIN_REFUSED;
	if (told->status != 200 && told->status != 204)
		return EXPLAIN_REFUSED;
	return told->trace->truncated ? EXPLAIN_UNKNOWN : EXPLAIN_ALLOWED;
}

static void print_headline(const struct explanation *told, enum explain_end end)
{
	static const struct {
		const char *word;
		const char *of_batch; /* where the request as a whole was allowed */
	} rows[] = {
	    [EXPLAIN_REFUSED] = {"DENY", "a channel of the batch was refused"},
	    [EXPLAIN_ALLOWED] = {"ALLOW", "allowed"},
	    [EXPLAIN_UNKNOWN] = {"UNKNOWN", "allowed as far as the steps fit into memory"},
	};
	const struct call *call = told->call;

	printf("%s %d  %s", verdict_is_outage(call->verdict) ? "OUTAGE" : rows[end].word,
	    told->status,
	    verdict_allows(call->verdict) ? rows[end].of_batch
	                                  : outcome_row(call->verdict.outcome)->reason);
	if (!verdict_allows(call->verdict) && call->why.label)
		printf(" %s", call->why.label);
	printf("   rule %s   ", call->rule ? call->rule : "-");
	print_cost(told);
}

void explain_print(const struct explanation *told)
{
	const struct call *call = told->call;
	enum explain_end end = explain_end(told);

	print_headline(told, end);
	for (const struct trace_step *step = told->trace->first; step; step = step->next)
		printers[step->kind](told, step);
	if (call->verdict.detail && !call->endpoint)
		printf(" %s\n", call->verdict.detail);
	if (end != EXPLAIN_ALLOWED && !verdict_allows(call->verdict))
		print_cure(told);
	if (told->options->sign && text_present(call->body))
		printf("%.*s\n", (int)call->body.length, call->body.data);
}
