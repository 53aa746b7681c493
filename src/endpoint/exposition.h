/* What has been counted so far, number by number? One list, for the metrics action and castgate stats. */
#ifndef CASTGATE_ENDPOINT_EXPOSITION_H
#define CASTGATE_ENDPOINT_EXPOSITION_H

#include <stdint.h>

#include "base/buffer.h"

struct service;

/* What numbers of one name mean. */
struct family {
	const char *name; /* "castgate_decisions_total" */
	const char *type; /* "counter", "gauge", "histogram" */
	const char *help;
};

/* One number. `labels` is what stands between the braces in Prometheus' format, NULL for none; of a decision the parts are given as well. Texts live as long as the
 * call. */
struct sample {
	const struct family *family;
	const char *labels;
	uint64_t value;
	const char *endpoint; /* of decisions only, as all below; NULL: none */
	const char *rule;
	const char *reason;
	int status;
};

/* Tell each sample to `see`, those of one family together, but for the histogram, which is metrics_times. A decision
 * that never came to pass is left out. There are as many as the configuration has endpoints and rules,
 * times the reasons: nothing a client sends adds one. No query. */
void exposition_visit(struct service *service,
    void (*see)(void *context, const struct sample *sample), void *context);

/* Append all of it, the histogram of times as well, in Prometheus' text format (0.0.4). */
void exposition_write(struct service *service, struct buffer *out);

#endif
