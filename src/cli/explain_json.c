/* An explanation for a program: one JSON object, its steps in their order. */
#include "platform.h"
#include "cli/explain.h"

#include <stdio.h>

#include "base/buffer.h"

static const char *const kinds[TRACE_KINDS] = {
    [TRACE_ROUTE] = "route",
    [TRACE_SCREEN] = "screen",
    [TRACE_LIMITS] = "throttle",
    [TRACE_PRESENTED] = "presented",
    [TRACE_SYNTAX] = "syntax",
    [TRACE_CREDENTIAL] = "credential",
    [TRACE_PROVEN] = "identity",
    [TRACE_CHANNEL] = "channel",
    [TRACE_MISS] = "no match",
    [TRACE_RULE] = "rule",
    [TRACE_LATER] = "later match",
    [TRACE_TEMPLATE] = "template",
    [TRACE_STATEMENT] = "statement",
    [TRACE_CONDITION] = "condition",
    [TRACE_TICKET] = "ticket",
    [TRACE_ENTRY] = "entry",
};

/* Bytes that are no UTF-8 are left out rather than spoil the document. */
static void add_text(struct buffer *out, const char *name, struct text text)
{
	if (!text_present(text) || !text_is_utf8(text))
		return;
	if (out->length && out->data[out->length - 1] != '{')
		buffer_add_byte(out, ',');
	buffer_printf(out, "\"%s\":", name);
	(void)json_add_string(out, text, JSON_LOG);
}

static void add_values(
    struct buffer *out, const char *name, const struct named_value *values, size_t count)
{
	bool first = true;

	if (!count)
		return;
	buffer_printf(out, ",\"%s\":{", name);
	for (size_t i = 0; i < count; i++) {
		struct value value = values[i].value;

		if (!text_is_utf8(values[i].name))
			continue;
		buffer_add_string(out, first ? "" : ",");
		first = false;
		(void)json_add_string(out, values[i].name, JSON_LOG);
		buffer_add_byte(out, ':');
		if (value.kind == VALUE_NONE || value.kind == VALUE_BINARY ||
		    !text_is_utf8(value.text))
			buffer_add_string(out, "null");
		else
			(void)json_add_string(out, value.text, JSON_LOG);
	}
	buffer_add_byte(out, '}');
}

static void add_step(struct buffer *out, const struct trace_step *step, bool sign)
{
	char expires[CLOCK_RFC3339_BYTES];

	buffer_add_byte(out, '{');
	add_text(out, "step", text_of(kinds[step->kind]));
	if (sign || step->kind != TRACE_TICKET)
		add_text(out, "subject", step->subject);
	add_text(out, "title", text_of(step->title));
	if (step->kind == TRACE_MISS || step->kind == TRACE_TEMPLATE)
		buffer_printf(out, ",\"reached\":%zu", step->reached);
	else
		add_text(out, "reason", text_of(outcome_row(step->verdict.outcome)->reason));
	add_text(out, "detail", text_of(step->verdict.detail));
	add_text(out, "about", text_of(step->about));
	if (step->expires_microseconds && clock_format_rfc3339(step->expires_microseconds, expires))
		add_text(out, "expires", text_of(expires));
	add_text(out, "sql", text_of(step->sql));
	add_values(out, "values", step->values, step->value_count);
	add_values(out, "row", step->row, step->row_count);
	buffer_add_byte(out, '}');
}

static void add_decision(struct buffer *out, const struct explanation *told)
{
	static const char *const allows[] = {
	    [EXPLAIN_REFUSED] = "false", [EXPLAIN_ALLOWED] = "true", [EXPLAIN_UNKNOWN] = "null"};
	const struct call *call = told->call;
	enum explain_end end = explain_end(told);

	buffer_printf(out,
	    "{\"status\":%d,\"allows\":%s,\"microseconds\":%lld,\"queries\":%lu,"
	    "\"queries_to_explain\":%lu",
	    told->status, allows[end], (long long)told->microseconds, told->asked.decisive,
	    told->asked.idle);
	add_text(out, "reason", text_of(outcome_row(call->verdict.outcome)->reason));
	add_text(out, "detail", text_of(call->verdict.detail));
	/* those of a batch that was answered say nothing of its channels */
	if (end == EXPLAIN_ALLOWED || !verdict_allows(call->verdict)) {
		add_text(out, "meaning", text_of(outcome_row(call->verdict.outcome)->meaning));
		add_text(out, "cure", text_of(explain_cure(told)));
	}
	add_text(out, "sql", text_of(explain_statement(told)));
	add_text(out, "endpoint", text_of(call->endpoint ? call->endpoint->config->path : NULL));
	add_text(out, "channel", call->channel);
	add_text(out, "rule", text_of(call->rule));
	add_text(out, "deny", text_of(call->why.label));
	add_text(out, "message", text_of(call->why.message));
	add_text(out, "credential", text_of(call->identity.credential));
	add_text(out, "token_id", call->identity.token_id);
	add_text(out, "user", call->identity.id.text);
	add_values(out, "values", call->identity.values, call->identity.value_count);
}

bool explain_print_json(const struct explanation *told, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	struct text text;

	add_decision(&out, told);
	buffer_add_string(&out, ",\"steps\":[");
	for (const struct trace_step *step = told->trace->first; step; step = step->next) {
		buffer_add_string(&out, step == told->trace->first ? "" : ",");
		add_step(&out, step, told->options->sign);
	}
	buffer_add_byte(&out, ']');
	if (told->options->sign && text_present(told->call->body)) {
		buffer_add_string(&out, ",\"ticket\":");
		buffer_add(&out, told->call->body);
	}
	buffer_add_byte(&out, '}');
	text = buffer_text(&out);
	if (text_present(text))
		printf("%s\n", text.data);
	return text_present(text);
}
