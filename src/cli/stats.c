/* castgate stats: what all processes have counted, from the same list as the metrics action. */
#include "platform.h"
#include "cli/command.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "codec/json_write.h"
#include "endpoint/exposition.h"
#include "endpoint/service.h"

#define MOST_SECONDS 3600
#define CLEAR "\033[H\033[2J"

/* Decisions by what became of them. */
enum group { ALLOWED, REFUSED, THROTTLED, OUTAGES, OTHERS, GROUPS };
static const char *const group_names[GROUPS] = {
    "allowed", "refused", "throttled", "outages", "others"};

/* All numbers of one moment. */
struct snapshot {
	int64_t time_microseconds; /* wall clock */
	int64_t monotonic_microseconds;
	uint64_t groups[GROUPS];
	struct metrics_times times;
};

struct view {
	struct service *service;
	unsigned seconds;
	bool once;
	bool json;
	bool full; /* a terminal: the whole screen is ours */
	struct snapshot before;
	struct snapshot now;
};

static enum group group_of(int status)
{
	switch (status) {
	case 200:
	case 204:
		return ALLOWED;
	case 401:
	case 403:
		return REFUSED;
	case 429:
		return THROTTLED;
	case 503:
		return OUTAGES;
	default:
		return OTHERS;
	}
}

static void count_sample(void *context, const struct sample *sample)
{
	struct snapshot *snapshot = context;

	if (sample->reason)
		snapshot->groups[group_of(sample->status)] += sample->value;
}

static struct snapshot take(struct service *service)
{
	struct snapshot snapshot = {.time_microseconds = clock_now(&service->clock),
	    .monotonic_microseconds = clock_monotonic(&service->clock),
	    .times = metrics_times(service->metrics)};

	exposition_visit(service, count_sample, &snapshot);
	arena_wipe(service->memory);
	return snapshot;
}

static double seconds_between(const struct view *view)
{
	return (double)(view->now.monotonic_microseconds - view->before.monotonic_microseconds) /
	       1e6;
}

/* A second's worth; of the first snapshot there is none. */
static double rate(const struct view *view, enum group group)
{
	double seconds = seconds_between(view);
	uint64_t count = view->now.groups[group] - view->before.groups[group];

	return view->before.time_microseconds && seconds > 0 ? (double)count / seconds : 0;
}

static double all_rates(const struct view *view)
{
	double sum = 0;

	for (int i = 0; i < GROUPS; i++)
		sum += rate(view, (enum group)i);
	return sum;
}

/* The bound of the bucket in which the request at this part of all lies, in milliseconds: of those since the
 * snapshot before, or of all. Negative when it took longer than any bound, or there was none. */
static double quantile(const struct view *view, double part)
{
	uint64_t counts[METRICS_BUCKETS];
	uint64_t sum = 0;
	uint64_t below = 0;

	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		counts[i] = view->now.times.counts[i] - view->before.times.counts[i];
		sum += counts[i];
	}
	for (size_t i = 0; sum && i < METRICS_BUCKETS; i++) {
		below += counts[i];
		if ((double)below >= part * (double)sum && metrics_bound(i))
			return (double)metrics_bound(i) / 1000;
	}
	return -1;
}

static void print_quantile(const struct view *view, const char *name, double part)
{
	double milliseconds = quantile(view, part);

	if (milliseconds > 0)
		printf("  %s <= %g ms", name, milliseconds);
	else
		printf("  %s -", name);
}

static void print_time(const struct view *view)
{
	char time[CLOCK_RFC3339_BYTES] = "";

	(void)clock_format_rfc3339(view->now.time_microseconds, time);
	fputs(time, stdout);
}

/* One line, for a log or a pipe. */
static void print_line(const struct view *view)
{
	print_time(view);
	for (int i = 0; i < GROUPS; i++)
		printf("  %s %" PRIu64, group_names[i], view->now.groups[i]);
	if (view->before.time_microseconds)
		printf("  %.1f/s", all_rates(view));
	print_quantile(view, "p50", 0.5);
	print_quantile(view, "p99", 0.99);
	putchar('\n');
}

static void print_sample(void *context, const struct sample *sample)
{
	(void)context;
	if (sample->reason) {
		printf("%12" PRIu64 "  %d %-24s ", sample->value, sample->status, sample->reason);
		terminal_text(stdout, text_of(sample->endpoint));
		if (sample->rule) {
			putchar(' ');
			terminal_text(stdout, text_of(sample->rule));
		}
	} else {
		printf("%12" PRIu64 "  %s ", sample->value, sample->family->name);
		if (sample->labels)
			terminal_text(stdout, text_of(sample->labels));
	}
	putchar('\n');
}

/* Everything, sample by sample, below the sums. */
static void print_screen(struct view *view)
{
	if (view->full && !view->once)
		fputs(CLEAR, stdout);
	fputs("castgate " PACKAGE_VERSION "  ", stdout);
	print_time(view);
	if (view->once)
		fputs("\n\n", stdout);
	else
		printf("  every %u s\n\n", view->seconds);
	for (int i = 0; i < GROUPS; i++)
		printf("%12" PRIu64 "  %-10s %10.1f/s\n", view->now.groups[i], group_names[i],
		    rate(view, (enum group)i));
	print_quantile(view, "p50", 0.5);
	print_quantile(view, "p95", 0.95);
	print_quantile(view, "p99", 0.99);
	fputs("\n\n", stdout);
	exposition_visit(view->service, print_sample, NULL);
}

static void add_json_sample(void *context, const struct sample *sample)
{
	struct buffer *out = context;

	if (out->length > 0 && out->data[out->length - 1] == '}')
		buffer_add_byte(out, ',');
	buffer_add_string(out, "{\"name\":");
	(void)json_add_string(out, text_of(sample->family->name), JSON_LOG);
	if (sample->labels && !sample->reason) {
		buffer_add_string(out, ",\"labels\":");
		(void)json_add_string(out, text_of(sample->labels), JSON_LOG);
	}
	if (sample->endpoint) {
		buffer_add_string(out, ",\"endpoint\":");
		(void)json_add_string(out, text_of(sample->endpoint), JSON_LOG);
	}
	if (sample->rule) {
		buffer_add_string(out, ",\"rule\":");
		(void)json_add_string(out, text_of(sample->rule), JSON_LOG);
	}
	if (sample->reason)
		buffer_printf(
		    out, ",\"status\":%d,\"reason\":\"%s\"", sample->status, sample->reason);
	buffer_printf(out, ",\"value\":%" PRIu64 "}", sample->value);
}

/* [BOUND,COUNT] in microseconds; the last one has no bound. */
static void add_bucket(struct buffer *out, size_t bucket, uint64_t count)
{
	buffer_add_string(out, bucket ? ",[" : "[");
	if (metrics_bound(bucket))
		buffer_add_number(out, (uint64_t)metrics_bound(bucket));
	else
		buffer_add_string(out, "null");
	buffer_printf(out, ",%" PRIu64 "]", count);
}

/* One object a snapshot, on one line. False when memory is out. */
static bool print_json(struct view *view)
{
	struct buffer out = buffer_start(view->service->memory);
	char time[CLOCK_RFC3339_BYTES] = "";
	struct text text;

	(void)clock_format_rfc3339(view->now.time_microseconds, time);
	buffer_printf(&out, "{\"time\":\"%s\",\"decisions\":{", time);
	for (int i = 0; i < GROUPS; i++)
		buffer_printf(
		    &out, "%s\"%s\":%" PRIu64, i ? "," : "", group_names[i], view->now.groups[i]);
	buffer_add_string(&out, "},\"durations\":[");
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		add_bucket(&out, i, view->now.times.counts[i]);
	buffer_printf(&out, "],\"duration_sum_microseconds\":%" PRIu64 ",\"samples\":[",
	    view->now.times.sum_microseconds);
	exposition_visit(view->service, add_json_sample, &out);
	buffer_add_string(&out, "]}\n");
	text = buffer_text(&out);
	if (!text_present(text))
		return false;
	fputs(text.data, stdout);
	return true;
}

static bool print_view(struct view *view)
{
	bool done = true;

	if (view->json)
		done = print_json(view);
	else if (view->full || view->once)
		print_screen(view);
	else
		print_line(view);
	arena_wipe(view->service->memory);
	return fflush(stdout) == 0 && done;
}

/* Until somebody ends it, or nobody reads any more. */
static int watch(struct view *view)
{
	struct timespec pause = {.tv_sec = view->seconds};

	for (;;) {
		view->now = take(view->service);
		if (!print_view(view)) {
			fputs("castgate stats: cannot write\n", stderr);
			return CLI_FAILED;
		}
		if (view->once)
			return CLI_OK;
		view->before = view->now;
		(void)nanosleep(&pause, NULL);
	}
}

static int show(const char *config_path, struct view *view)
{
	int status = CLI_FAILED;

	view->service = command_observe(config_path);
	if (!view->service)
		return CLI_FAILED;
	if (metrics_are_common(view->service->metrics))
		status = watch(view);
	else
		fputs("castgate stats: there is nothing to show: processes count together in "
		      "state_dir, which this user does not have or may not use\n",
		    stderr);
	service_free(view->service);
	return status;
}

int command_stats(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"interval", required_argument, NULL, 'i'},
	    {"once", no_argument, NULL, 'o'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	struct view view = {.seconds = 2, .full = isatty(STDOUT_FILENO) == 1};
	const char *config_path = NULL;
	uint64_t seconds = 2;
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (choice == 'c')
			config_path = optarg;
		else if (choice == 'o')
			view.once = true;
		else if (choice == 'j')
			view.json = true;
		else if (choice != 'i' ||
		         !text_to_u64(text_of(optarg), TEXT_DIGITS_CANONICAL, &seconds))
			return command_usage(command);
	}
	if (optind < argc || seconds < 1 || seconds > MOST_SECONDS)
		return command_usage(command);
	view.seconds = (unsigned)seconds;
	return show(config_path, &view);
}
