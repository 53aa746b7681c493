/* What does the throttle add to a request? Prints CPU nanoseconds for what each kind of request does. */
#include "platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guard/throttle.h"

#define ADDRESSES 10000u
#define ROUNDS 2000000u

static const struct text token = {"1|0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", 48};

struct bench {
	struct throttle *throttle;
	struct throttle_meter failures[2];
	struct throttle_meter requests[2];
	int64_t now;
};

/* What any request does: its address and its token are looked up. */
static unsigned look(struct bench *bench, struct text address)
{
	return throttle_look(bench->throttle, &bench->failures[0], address, bench->now).refused +
	       throttle_look(bench->throttle, &bench->failures[1], token, bench->now).refused;
}

/* Where requests are limited as well. */
static unsigned look_and_take(struct bench *bench, struct text address)
{
	return look(bench, address) +
	       throttle_take(bench->throttle, &bench->requests[0], address, bench->now).refused +
	       throttle_take(bench->throttle, &bench->requests[1], token, bench->now).refused;
}

/* A refused one is charged. */
static unsigned look_and_charge(struct bench *bench, struct text address)
{
	unsigned refused = look(bench, address);

	throttle_charge(bench->throttle, &bench->failures[0], address, 1, bench->now);
	throttle_charge(bench->throttle, &bench->failures[1], token, 1, bench->now);
	return refused;
}

static int64_t nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Requests from many addresses in turn, so that the words are not all in the cache. */
static void measure(struct bench *bench, const char *name,
    unsigned (*request)(struct bench *bench, struct text address))
{
	int64_t start = nanoseconds();
	unsigned refused = 0;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t address = i % ADDRESSES * 2654435761u;

		bench->now = 3600000000 + i;
		refused += request(bench, (struct text){(char *)&address, sizeof(address)});
	}
	printf("%-16s %6.1f ns  (%u refused)\n", name, (double)(nanoseconds() - start) / ROUNDS,
	    refused);
}

int main(int argc, char **argv)
{
	struct report *report = report_new();
	struct origin origin = {"throttle_cost", 1};
	struct bench bench = {.throttle = throttle_open(argc > 1 ? argv[1] : NULL, origin, report)};

	if (!bench.throttle)
		return EXIT_FAILURE;
	bench.failures[0] =
	    throttle_meter(bench.throttle, "/auth", "failures by address", 1000, 1000);
	bench.failures[1] = throttle_meter(bench.throttle, "/auth", "failures by token", 250, 250);
	bench.requests[0] = throttle_meter(bench.throttle, "/auth", "requests by address", 60, 60);
	bench.requests[1] = throttle_meter(bench.throttle, "/auth", "requests by token", 60, 60);
	report_print(report, stderr);
	measure(&bench, "look", look);
	measure(&bench, "look and take", look_and_take);
	measure(&bench, "look and charge", look_and_charge);
	throttle_close(bench.throttle);
	report_free(report);
	return EXIT_SUCCESS;
}
