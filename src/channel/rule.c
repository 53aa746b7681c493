/* One channel rule: prefixes, a pattern with captures, a SELECT or a template, and what it grants. */
#include "platform.h"
#include "channel/rule.h"

#include <string.h>

#include "channel/template.h"

struct rule {
	const struct config_channel *config;
	const char *label;
	/* NULL when the title is only a name: a rule with a template alone */
	struct pattern *pattern;
	/* NULL without allow */
	struct query *query;
	/* one for each deny section, run only to explain a refusal */
	struct query **denies;
};

static bool open_denies(struct rule *rule, const struct pattern *path, struct db *db,
    struct arena *lifetime, struct report *report)
{
	const struct config_channel *config = rule->config;

	rule->denies = arena_array(lifetime, config->deny_count + 1, sizeof(*rule->denies));
	for (size_t i = 0; rule->denies && i < config->deny_count; i++) {
		struct query_source source = {.sql = config->denies[i].when,
		    .origin = config->denies[i].origin,
		    .purpose = {"deny", config->denies[i].label, rule->label},
		    .channel = rule->pattern,
		    .path = path,
		    .diagnostic = true};

		rule->denies[i] = query_open(&source, db, lifetime, report);
		if (!rule->denies[i] ||
		    (config->denies[i].cure &&
		        !template_check_sentence(config->denies[i].cure, "cure",
		            config->denies[i].origin, rule->pattern, path, report)))
			return false;
	}
	return rule->denies != NULL;
}

static bool check_capture_names(const struct config_channel *config, const struct pattern *pattern,
    const struct pattern *path, const struct config_list *identity_names, struct report *report)
{
	for (size_t i = 0; i < pattern_capture_count(pattern); i++) {
		struct text name = pattern_capture_name(pattern, i);
		bool taken = text_is(name, "user") || text_is(name, "now") ||
		             pattern_has_capture(path, name);

		for (size_t k = 0; k < identity_names->count; k++)
			taken = taken || text_is(name, identity_names->items[k]);
		if (!taken)
			continue;
		report_add(report, REPORT_ERROR, config->origin,
		    "capture \"%.*s\" has the name of another value; call it something else",
		    (int)name.length, name.data);
		return false;
	}
	return true;
}

static bool open_pattern(struct rule *rule, const struct pattern *path,
    const struct config_list *identity_names, struct arena *lifetime, struct report *report)
{
	const struct config_channel *config = rule->config;
	const char *problem;

	if (config->equals && !strchr(config->pattern, '{'))
		return true; /* the title is a name, the template is the whole channel */
	rule->pattern = pattern_compile(config->pattern, PATTERN_CHANNEL, lifetime, &problem);
	if (!rule->pattern) {
		report_add(report, REPORT_ERROR, config->origin, "channel \"%s\": %s",
		    config->pattern, problem);
		return false;
	}
	return check_capture_names(config, rule->pattern, path, identity_names, report);
}

static bool open_query(struct rule *rule, const struct pattern *path, struct db *db,
    struct arena *lifetime, struct report *report)
{
	const struct config_channel *config = rule->config;
	struct query_source source = {.sql = config->allow,
	    .origin = config->allow_origin,
	    .purpose = {"rule", config->pattern, rule->label},
	    .unproven = &config->unproven,
	    .channel = rule->pattern,
	    .path = path};

	if (!config->allow)
		return true;
	rule->query = query_open(&source, db, lifetime, report);
	if (!rule->query)
		return false;
	if (!strstr(config->allow, ":user"))
		report_add(report, REPORT_WARNING, config->allow_origin,
		    "channel \"%s\": the statement does not mention :user, so every valid "
		    "credential is allowed",
		    config->pattern);
	return true;
}

struct rule *rule_open(const struct config_channel *config, const struct pattern *path,
    const struct config_list *identity_names, struct db *db, struct arena *lifetime,
    struct report *report)
{
	struct rule *rule = arena_alloc(lifetime, sizeof(*rule));

	if (!rule) {
		report_add(report, REPORT_ERROR, config->origin, "out of memory");
		return NULL;
	}
	if (!config->allow && !config->equals) {
		report_add(report, REPORT_ERROR, config->origin,
		    "channel \"%s\" needs \"allow\" or \"equals\"", config->pattern);
		return NULL;
	}
	rule->config = config;
	rule->label = arena_printf(lifetime, "%s:%u",
	    config->origin.file ? config->origin.file : "rule", config->origin.line);
	if (!rule->label || !open_pattern(rule, path, identity_names, lifetime, report) ||
	    (config->equals && !template_check(config->equals, config->equals_origin, rule->pattern,
	                           path, report)) ||
	    !open_query(rule, path, db, lifetime, report) ||
	    !open_denies(rule, path, db, lifetime, report))
		return NULL;
	return rule;
}

bool rule_check_names(
    const struct rule *rule, const struct config_list *identity_names, struct report *report)
{
	return !rule->pattern ||
	       check_capture_names(rule->config, rule->pattern, NULL, identity_names, report);
}

bool rule_check(struct rule *rule, struct report *report, bool *outage)
{
	bool away = false;
	bool wrong = rule->query && !query_check(rule->query, report, &away) && !away;

	for (size_t i = 0; i < rule->config->deny_count && !away; i++)
		wrong = (!query_check(rule->denies[i], report, &away) && !away) || wrong;
	*outage = away && !wrong; /* what is wrong will be so when the database is back */
	return !away && !wrong;
}

void rule_check_plan(const struct rule *rule, struct report *report)
{
	if (rule->query)
		query_check_plan(rule->query, report);
}

void rule_accompany(struct rule *rule, struct credential *credential, struct arena *lifetime)
{
	/* what a template refuses is never asked, so it does not ride along either */
	if (rule->query && !rule->config->equals)
		query_accompany(rule->query, rule->config->allow, credential, lifetime);
}

bool rule_bring(const struct rule *rule, const struct scope *scope, struct arena *arena,
    struct companion_ask *ask)
{
	return rule->query && query_bring(rule->query, scope, arena, ask);
}

void rule_group(struct rule *rule, struct db *db, const struct clock *clock, struct arena *lifetime)
{
	if (rule->query && rule->pattern && !rule->config->equals)
		query_group(rule->query, rule->config->allow, rule->pattern, db, clock, lifetime);
}

struct verdict rule_ask_together(const struct rule *rule, const struct scope *scopes, size_t count,
    struct arena *arena, struct question_answer *answers)
{
	if (count < 2 || !rule->query || !query_is_grouped(rule->query))
		return verdict_of(OUTCOME_ALLOWED);
	return query_ask_together(rule->query, scopes, count, arena, answers);
}

/* Take one prefix off and match the rest. */
static bool matches_after(const struct rule *rule, struct text channel, enum channel_kind prefix,
    struct captures *captures, size_t *reached)
{
	const char *text = channel_kind_prefix(prefix);
	size_t taken = strlen(text);
	size_t fits = 0;

	if ((rule->config->prefixes & prefix) == 0 || !text_starts_with(channel, text))
		return false;
	if (pattern_match(rule->pattern, text_skip(channel, taken), captures, &fits))
		return true;
	if (reached && *reached < taken + fits)
		*reached = taken + fits;
	return false;
}

bool rule_matches(const struct rule *rule, const struct captures *path, struct text channel,
    struct captures *captures, size_t *reached)
{
	enum channel_kind kind = channel_name_kind(channel);

	captures->count = 0;
	if (reached)
		*reached = 0;
	if (kind == CHANNEL_PUBLIC)
		return false;
	if (!rule->pattern) /* the template decides; it speaks of names that begin as it does */
		return template_begins(rule->config->equals, path, channel);
	if (matches_after(rule, channel, kind, captures, reached))
		return true;
	/* Laravel's way: a cache channel seen as a private or presence one named "cache-..." */
	if (kind == CHANNEL_PRIVATE_CACHE)
		return matches_after(rule, channel, CHANNEL_PRIVATE, captures, reached);
	if (kind == CHANNEL_PRESENCE_CACHE)
		return matches_after(rule, channel, CHANNEL_PRESENCE, captures, reached);
	return false;
}

static bool wants_channel_data(const struct rule *rule, struct text channel)
{
	return channel_kind_has_presence(channel_name_kind(channel)) ||
	       rule->config->channel_data == CONFIG_CHANNEL_DATA_ALWAYS;
}

static struct verdict run_template(
    const struct rule *rule, const struct scope *scope, struct text channel, struct arena *arena)
{
	const char *template = rule->config->equals;
	struct verdict verdict = template_compare(template, scope, channel, arena);
	struct trace_step *step;
	struct text built;

	if (!scope->trace)
		return verdict;
	built = text_of(template_write_sentence(template, scope, scope->trace->arena));
	step = trace_add(scope->trace, TRACE_TEMPLATE);
	step->subject = built;
	step->verdict = verdict;
	while (step->reached < built.length && step->reached < channel.length &&
	       built.data[step->reached] == channel.data[step->reached])
		step->reached++;
	return verdict;
}

static struct verdict run_allow(
    struct rule *rule, const struct scope *scope, struct arena *arena, struct query_row *row)
{
	struct verdict verdict = query_run(rule->query, scope, arena, row);
	struct trace_step *step;

	if (!scope->trace)
		return verdict;
	step = trace_add(scope->trace, TRACE_STATEMENT);
	step->subject = text_of(rule->label);
	step->verdict = verdict;
	query_trace(rule->query, scope, step);
	return verdict;
}

struct verdict rule_decide(struct rule *rule, const struct scope *scope, struct text channel,
    struct arena *arena, struct rule_grant *grant)
{
	const struct config_channel *config = rule->config;
	struct member_source source = {.query = rule->query, .json = &config->json};
	struct ticket_member *members;
	struct query_row row = {0};
	struct verdict verdict = scope_agrees(scope, arena);

	*grant = (struct rule_grant){0};
	if (verdict_allows(verdict) && config->equals)
		verdict = run_template(rule, scope, channel, arena);
	if (verdict_allows(verdict) && rule->query)
		verdict = run_allow(rule, scope, arena, &row);
	if (!verdict_allows(verdict) || !wants_channel_data(rule, channel))
		return verdict;
	source.listed = config->has_user_info ? &config->user_info : NULL;
	verdict = members_collect(&source, &row, scope, arena, &members, &grant->member_count);
	if (!verdict_allows(verdict)) {
		*grant = (struct rule_grant){0};
		return verdict;
	}
	grant->members = members;
	grant->wants_channel_data = true;
	return verdict;
}

/* The number in "SELECT 1", which says nothing. */
static bool is_placeholder(const struct query_row *row, size_t column)
{
	return row->columns[column].base_table.length == 0 &&
	       text_equal(row->columns[column].name, row->values[column].text);
}

/* The row's names belong to the statement, the next of which is about to be run. */
static void trace_condition(struct rule *rule, size_t index, const struct scope *scope,
    struct verdict verdict, const struct query_row *row)
{
	struct trace_step *step = trace_add(scope->trace, TRACE_CONDITION);
	struct named_value *shown =
	    arena_array(scope->trace->arena, row->count + 1, sizeof(*shown));
	size_t count = 0;

	step->subject = text_of(rule->config->denies[index].label);
	step->title = rule->config->denies[index].message;
	step->verdict = verdict;
	query_trace(rule->denies[index], scope, step);
	for (size_t i = 0; shown && i < row->count; i++)
		if (!is_placeholder(row, i))
			shown[count++] = (struct named_value){row->columns[i].name, row->values[i]};
	step->row = shown ? trace_copy(scope->trace, shown, count) : NULL;
	step->row_count = step->row ? count : 0;
}

static enum rule_explained try_condition(struct rule *rule, size_t index, const struct scope *scope,
    struct arena *arena, struct rule_reason *reason)
{
	const struct config_deny *deny = &rule->config->denies[index];
	struct query_row row;
	struct verdict verdict = query_run(rule->denies[index], scope, arena, &row);

	if (scope->trace)
		trace_condition(rule, index, scope, verdict, &row);
	if (verdict_is_outage(verdict))
		return RULE_EXPLAIN_BROKEN;
	if (!verdict_allows(verdict))
		return RULE_UNEXPLAINED;
	*reason = (struct rule_reason){.label = deny->label, .message = deny->message, .row = row};
	if (scope->trace && deny->cure)
		reason->cure = template_write_sentence(deny->cure, scope, scope->trace->arena);
	return RULE_EXPLAINED;
}

enum rule_explained rule_explain(
    struct rule *rule, const struct scope *scope, struct arena *arena, struct rule_reason *reason)
{
	enum rule_explained explained = RULE_UNEXPLAINED;

	*reason = (struct rule_reason){0};
	for (size_t i = 0; i < rule->config->deny_count && explained == RULE_UNEXPLAINED; i++)
		explained = try_condition(rule, i, scope, arena, reason);
	return explained;
}

enum rule_explained rule_explain_all(
    struct rule *rule, const struct scope *scope, struct arena *arena, struct rule_reason *reason)
{
	enum rule_explained answer = RULE_UNEXPLAINED;

	*reason = (struct rule_reason){0};
	for (size_t i = 0; i < rule->config->deny_count; i++) {
		struct rule_reason found;
		enum rule_explained explained = try_condition(rule, i, scope, arena, &found);

		if (answer != RULE_UNEXPLAINED)
			continue;
		answer = explained;
		if (explained == RULE_EXPLAINED)
			*reason = found;
	}
	return answer;
}

const char *rule_title(const struct rule *rule)
{
	return rule->config->pattern;
}

const char *rule_label(const struct rule *rule)
{
	return rule->label;
}
