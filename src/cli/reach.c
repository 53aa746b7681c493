/* A stream whose every failure is told with its cause and what to do. */
#include "platform.h"
#include "cli/reach.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HEAD_BYTES 16384u
#define COMPLAINT_BYTES 1024
#define MICROSECONDS 1000000

static const char *const cures[STREAM_FAILURES] = {
    [STREAM_FAILED] = "cannot be asked: TLS cannot be set up on this machine",
    [STREAM_NAME_UNKNOWN] = "has a name that is not known: correct the address, or the DNS entry",
    [STREAM_UNREACHABLE] = "cannot be reached: look for a firewall, or a wrong address",
    [STREAM_REFUSED] = "refuses the connection: nothing listens there; is it running, and is this "
                       "its port?",
    [STREAM_CA_UNREADABLE] = "cannot be asked: the file of --ca, or the system's CA certificates, "
                             "cannot be read",
    [STREAM_CERTIFICATE] = "shows a certificate that is not good for this name, so clients refuse "
                           "it as well: renew it with its whole chain, or name its CA with --ca",
    [STREAM_TLS_REFUSED] =
        "does not speak TLS 1.2 or newer there: is it the port of http, or of ws?",
    [STREAM_CLOSED] = "closed the connection while it was asked: look in its error log",
    [STREAM_BROKEN_OFF] = "broke the connection off: look in its error log",
    [STREAM_LATE] = "did not answer in time: look whether it hangs, or raise --timeout",
};

void reach_complain(const struct reach *reach, const char *format, ...)
{
	char text[COMPLAINT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	report_add(reach->check->report, REPORT_ERROR, (struct origin){0}, "%s %s:%s %s",
	    reach->who, reach->address.host, reach->address.port, text);
}

static void complain_of(const struct reach *reach, const struct stream_problem *problem)
{
	if (problem->detail)
		reach_complain(reach, "%s (%s)", cures[problem->failure], problem->detail);
	else
		reach_complain(reach, "%s", cures[problem->failure]);
}

bool reach_open(struct reach *reach, const struct check *check, const char *who, const char *url,
    const char *const schemes[2])
{
	const struct clock *clock = &check->service->clock;
	struct stream_problem problem;

	*reach = (struct reach){.check = check, .who = who};
	if (!web_address_read(url, &reach->address) ||
	    (strcmp(reach->address.scheme, schemes[0]) != 0 &&
	        strcmp(reach->address.scheme, schemes[1]) != 0)) {
		report_add(check->report, REPORT_ERROR, (struct origin){0},
		    "not an address of the form %s://HOST[:PORT]/PATH or %s://...", schemes[0],
		    schemes[1]);
		return false;
	}
	reach->settings = (struct stream_settings){
	    check->ca_file, clock, clock_monotonic(clock) + (int64_t)check->seconds * MICROSECONDS};
	reach->stream = stream_open(&reach->address, &reach->settings, &problem);
	if (!reach->stream)
		complain_of(reach, &problem);
	return reach->stream != NULL;
}

void reach_close(struct reach *reach)
{
	stream_close(reach->stream);
	reach->stream = NULL;
}

bool reach_send(struct reach *reach, struct text bytes)
{
	struct stream_problem problem;

	if (stream_write(reach->stream, bytes, &problem))
		return true;
	complain_of(reach, &problem);
	return false;
}

long reach_receive(struct reach *reach, char *data, size_t room)
{
	struct stream_problem problem;
	long got = stream_read(reach->stream, data, room, &problem);

	if (got < 0)
		complain_of(reach, &problem);
	return got;
}

bool reach_read_head(struct reach *reach, struct https_head *head, struct text *rest)
{
	char *data = arena_alloc(reach->check->arena, HEAD_BYTES);
	const char *problem = "Memory ran out while asking the server.";
	size_t length = 0;
	long got = 1;

	while (data && got > 0) {
		*rest = (struct text){data, length};
		switch (https_head_read(rest, head, &problem)) {
		case HTTPS_REPLY_COMPLETE:
			return true;
		case HTTPS_REPLY_BROKEN:
			reach_complain(reach, "does not answer as a web server does: %s", problem);
			return false;
		case HTTPS_REPLY_INCOMPLETE:
			break;
		}
		if (length == HEAD_BYTES) {
			reach_complain(
			    reach, "answers with headers of more than %u bytes", HEAD_BYTES);
			return false;
		}
		got = reach_receive(reach, data + length, HEAD_BYTES - length);
		length += got > 0 ? (size_t)got : 0;
	}
	if (!data)
		reach_complain(reach, "cannot be asked: out of memory");
	else if (got == 0)
		reach_complain(
		    reach, "ended the connection without an answer: look in its error log");
	return false;
}
