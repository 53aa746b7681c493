/* Liveness, readiness and counters, for the machines that look after this one. */
#include "platform.h"
#include "endpoint/status_action.h"

#include <inttypes.h>

#include "base/buffer.h"

/* Loopback, unless the endpoint lists others. */
static bool is_welcome(const struct call *call)
{
	const struct address *address = &call->client.address;
	struct network loopback;

	if (!call->client.known || call->client.doubtful)
		return false;
	if (call->endpoint->config->clients.count)
		return network_list_has(&call->endpoint->clients, address);
	return (network_parse(TEXT("127.0.0.0/8"), &loopback) && network_has(&loopback, address)) ||
	       (network_parse(TEXT("::1"), &loopback) && network_has(&loopback, address));
}

static bool admit(struct call *call)
{
	call->unmeasured = true;
	call->verdict = verdict_of(is_welcome(call) ? OUTCOME_ALLOWED : OUTCOME_CLIENT_NOT_ALLOWED);
	return verdict_allows(call->verdict);
}

/* What is asked every few seconds is no decision to remember. */
static void answer(struct call *call, struct text body)
{
	call->body = body;
	call->audited = text_present(body);
	if (!text_present(body))
		call->verdict = verdict_of(OUTCOME_RESOURCES_EXHAUSTED);
}

void live_serve(struct call *call)
{
	if (admit(call))
		answer(call, TEXT("{\"status\":\"live\"}"));
}

void ready_serve(struct call *call)
{
	struct service *service = call->service;

	if (!admit(call))
		return;
	if (!call_can_record(call))
		call->verdict = verdict_of(OUTCOME_AUDIT_FAILED);
	else if (service->config->database.origin.file && !db_ping(service->db))
		call->verdict = db_verdict(service->db, call->arena);
	else
		answer(call, TEXT("{\"status\":\"ready\"}"));
}

/* As the format wants a label's value. */
static void add_label(struct buffer *out, const char *value)
{
	for (; value && *value; value++) {
		if (*value == '"' || *value == '\\')
			buffer_add_byte(out, '\\');
		if (*value == '\n')
			buffer_add_string(out, "\\n");
		else
			buffer_add_byte(out, *value);
	}
}

/* Every reason at one rule, or at none, of one endpoint. */
static void add_decisions(struct buffer *out, const struct call *call, const char *rule)
{
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		struct verdict verdict = verdict_of((enum outcome)i);
		struct metrics_kind kind = {call->endpoint ? call->endpoint->config->path : NULL,
		    rule, outcome_row(verdict.outcome)->reason};
		uint64_t count = metrics_read(call->service->metrics, &kind);

		if (!count)
			continue;
		buffer_add_string(out, "castgate_decisions_total{endpoint=\"");
		add_label(out, kind.endpoint);
		buffer_add_string(out, "\",rule=\"");
		add_label(out, rule);
		buffer_printf(out, "\",status=\"%d\",reason=\"%s\"} %" PRIu64 "\n",
		    call_status(call, verdict), kind.reason, count);
	}
}

static void add_endpoint(struct buffer *out, struct service *service, struct endpoint *endpoint)
{
	struct call call = {.service = service, .endpoint = endpoint};

	add_decisions(out, &call, NULL);
	for (size_t i = 0; endpoint && i < endpoint->rule_count; i++)
		add_decisions(out, &call, rule_label(endpoint->rules[i]));
}

void metrics_serve(struct call *call)
{
	struct buffer out = buffer_start(call->arena);
	struct service *service = call->service;

	if (!admit(call))
		return;
	buffer_add_string(&out,
	    "# HELP castgate_build_info The version that answers.\n"
	    "# TYPE castgate_build_info gauge\n"
	    "castgate_build_info{version=\"" PACKAGE_VERSION "\"} 1\n"
	    "# HELP castgate_decisions_total Decisions, each channel of a batch counted.\n"
	    "# TYPE castgate_decisions_total counter\n");
	add_endpoint(&out, service, NULL);
	for (size_t i = 0; i < service->endpoint_count; i++)
		add_endpoint(&out, service, &service->endpoints[i]);
	buffer_add_string(&out,
	    "# HELP castgate_log_lines_lost_total Lines of the log that could not be written.\n"
	    "# TYPE castgate_log_lines_lost_total counter\n"
	    "castgate_log_lines_lost_total ");
	buffer_add_number(&out, metrics_counted(service->metrics, METRICS_AUDIT_LOST));
	buffer_add_byte(&out, '\n');
	metrics_write_times(service->metrics, &out);
	call->content_type = "text/plain; version=0.0.4; charset=utf-8";
	answer(call, buffer_text(&out));
}
