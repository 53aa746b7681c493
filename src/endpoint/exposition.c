/* A table of families and where their numbers come from; everything is read from the shared files. */
#include "platform.h"
#include "endpoint/exposition.h"

#include <inttypes.h>

#include "db/outage.h"
#include "endpoint/call.h"

struct visit {
	struct service *service;
	const struct family *family;
	void (*see)(void *context, const struct sample *sample);
	void *context;
};

static void tell(const struct visit *visit, const char *labels, uint64_t value)
{
	struct sample sample = {.family = visit->family, .labels = labels, .value = value};

	visit->see(visit->context, &sample);
}

static void tell_build(const struct visit *visit)
{
	tell(visit, "version=\"" PACKAGE_VERSION "\"", 1);
}

static void tell_common(const struct visit *visit)
{
	tell(visit, NULL, metrics_are_common(visit->service->metrics));
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

static void tell_decision(const struct visit *visit, struct sample *sample)
{
	struct buffer labels = buffer_start(visit->service->memory);

	buffer_add_string(&labels, "endpoint=\"");
	add_label(&labels, sample->endpoint);
	buffer_add_string(&labels, "\",rule=\"");
	add_label(&labels, sample->rule);
	buffer_printf(&labels, "\",status=\"%d\",reason=\"%s\"", sample->status, sample->reason);
	sample->labels = buffer_text(&labels).data;
	if (sample->labels)
		visit->see(visit->context, sample);
}

/* Every reason at one rule, or at none, of one endpoint. */
static void tell_reasons(const struct visit *visit, struct endpoint *endpoint, const char *rule)
{
	const struct call call = {.service = visit->service, .endpoint = endpoint};

	for (int i = 0; i < OUTCOME_COUNT; i++) {
		struct verdict verdict = verdict_of((enum outcome)i);
		struct metrics_kind kind = {endpoint ? endpoint->config->path : NULL, rule,
		    outcome_row(verdict.outcome)->reason};
		struct sample sample = {.family = visit->family,
		    .value = metrics_read(visit->service->metrics, &kind),
		    .endpoint = kind.endpoint,
		    .rule = kind.rule,
		    .reason = kind.reason,
		    .status = call_status(&call, verdict)};

		if (sample.value)
			tell_decision(visit, &sample);
	}
}

static void tell_decisions(const struct visit *visit)
{
	tell_reasons(visit, NULL, NULL);
	for (size_t i = 0; i < visit->service->endpoint_count; i++) {
		struct endpoint *endpoint = &visit->service->endpoints[i];

		tell_reasons(visit, endpoint, NULL);
		for (size_t k = 0; k < endpoint->rule_count; k++)
			tell_reasons(visit, endpoint, rule_label(endpoint->rules[k]));
	}
}

static void tell_counter(const struct visit *visit, enum metrics_counter counter)
{
	tell(visit, NULL, metrics_counted(visit->service->metrics, counter));
}

static void tell_uncounted(const struct visit *visit)
{
	tell_counter(visit, METRICS_UNCOUNTED);
}

static void tell_lost(const struct visit *visit)
{
	tell_counter(visit, METRICS_AUDIT_LOST);
}

static void tell_charged(const struct visit *visit)
{
	tell_counter(visit, METRICS_THROTTLE_CHARGED);
}

static uint64_t shared_count(const struct visit *visit, enum shared_word word)
{
	return atomic_load(shared_word(visit->service->shared, word));
}

/* Numbers that there are of the primary servers, and of replicas where there are any. */
static void tell_servers(
    const struct visit *visit, enum shared_word primary, enum shared_word replica)
{
	tell(visit, "server=\"primary\"", shared_count(visit, primary));
	if (visit->service->config->database.replicas.count)
		tell(visit, "server=\"replica\"", shared_count(visit, replica));
}

static void tell_failures(const struct visit *visit)
{
	tell_servers(visit, SHARED_PRIMARY_FAILURES, SHARED_REPLICA_FAILURES);
}

static void tell_connects(const struct visit *visit)
{
	tell_servers(visit, SHARED_PRIMARY_CONNECTS, SHARED_REPLICA_CONNECTS);
}

static void tell_holds(const struct visit *visit)
{
	tell(visit, NULL, shared_count(visit, SHARED_HOLDS));
}

static void tell_fast(const struct visit *visit)
{
	tell(visit, NULL, shared_count(visit, SHARED_FAST_FAILURES));
}

static void tell_outage(const struct visit *visit)
{
	struct service *service = visit->service;
	const struct config_database *database = &service->config->database;
	int64_t now = clock_monotonic(&service->clock) / 1000;

	tell(visit, "server=\"primary\"",
	    outage_lasts(shared_word(service->shared, SHARED_DATABASE_OUTAGE), now,
	        database->hold_milliseconds));
	if (database->replicas.count)
		tell(visit, "server=\"replica\"",
		    outage_lasts(shared_word(service->shared, SHARED_REPLICA_OUTAGE), now, 0));
}

static const struct row {
	struct family family;
	void (*tell)(const struct visit *visit); /* NULL: the histogram */
} rows[] = {
    {{"castgate_build_info", "gauge", "The version that answers."}, tell_build},
    {{"castgate_state_shared", "gauge", "Whether the counts are those of all processes."},
        tell_common},
    {{"castgate_decisions_total", "counter", "Decisions, each channel of a batch counted."},
        tell_decisions},
    {{"castgate_decisions_uncounted_total", "counter",
         "Decisions for which the table of counts had no place."},
        tell_uncounted},
    {{"castgate_log_lines_lost_total", "counter", "Lines of the log that could not be written."},
        tell_lost},
    {{"castgate_throttle_charged_total", "counter",
         "Refusals charged to the address that asked, and to its credential."},
        tell_charged},
    {{"castgate_database_connects_total", "counter", "Connections opened."}, tell_connects},
    {{"castgate_database_failures_total", "counter",
         "Tries to connect, prepare or ask that failed."},
        tell_failures},
    {{"castgate_database_holds_total", "counter",
         "Questions that were held and put again after a failure."},
        tell_holds},
    {{"castgate_database_fast_failures_total", "counter",
         "Questions that were not put because the database was known to be away."},
        tell_fast},
    {{"castgate_database_outage", "gauge",
         "Whether the database has been away for longer than requests are held."},
        tell_outage},
    {{"castgate_request_duration_seconds", "histogram", "Time from request to reply."}, NULL},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

void exposition_visit(
    struct service *service, void (*see)(void *context, const struct sample *sample), void *context)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct visit visit = {service, &rows[i].family, see, context};

		if (rows[i].tell)
			rows[i].tell(&visit);
	}
}

struct writing {
	struct buffer *out;
	const struct family *family; /* whose head was written last */
};

static void write_head(struct writing *writing, const struct family *family)
{
	if (writing->family != family)
		buffer_printf(writing->out, "# HELP %s %s\n# TYPE %s %s\n", family->name,
		    family->help, family->name, family->type);
	writing->family = family;
}

static void write_sample(void *context, const struct sample *sample)
{
	struct writing *writing = context;

	write_head(writing, sample->family);
	buffer_add_string(writing->out, sample->family->name);
	if (sample->labels) {
		buffer_add_byte(writing->out, '{');
		buffer_add_string(writing->out, sample->labels);
		buffer_add_byte(writing->out, '}');
	}
	buffer_add_byte(writing->out, ' ');
	buffer_add_number(writing->out, sample->value);
	buffer_add_byte(writing->out, '\n');
}

static void write_times(struct writing *writing, const struct metrics *metrics)
{
	const struct family *family = &rows[ROWS - 1].family;
	struct metrics_times times = metrics_times(metrics);
	uint64_t count = 0;

	write_head(writing, family);
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		count += times.counts[i];
		if (metrics_bound(i))
			buffer_printf(writing->out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n",
			    family->name, (double)metrics_bound(i) / 1e6, count);
		else
			buffer_printf(writing->out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n",
			    family->name, count);
	}
	buffer_printf(writing->out, "%s_sum %.6f\n%s_count %" PRIu64 "\n", family->name,
	    (double)times.sum_microseconds / 1e6, family->name, count);
}

void exposition_write(struct service *service, struct buffer *out)
{
	struct writing writing = {.out = out};

	exposition_visit(service, write_sample, &writing);
	write_times(&writing, service->metrics);
}
