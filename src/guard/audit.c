/* Decisions as JSON lines with Elastic Common Schema names, each written whole or not at all. */
#include "platform.h"
#include "guard/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/json_write.h"

struct audit {
	int fd; /* -1: syslog */
	bool owns_fd;
	char *path;         /* of a log file, NULL for others */
	unsigned long lost; /* lines since the last one that was written whole */
	int lost_error;     /* errno of the first of them */
	bool torn;          /* the last line ends in its middle */
};

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
}

struct audit *audit_open(const char *destination, struct origin origin, struct report *report)
{
	struct audit *audit = calloc(1, sizeof(*audit));

	if (!audit)
		return NULL;
	audit->fd = STDERR_FILENO;
	if (!destination || strcmp(destination, "stderr") == 0)
		return audit;
	if (strcmp(destination, "syslog") == 0) {
		openlog("castgate", LOG_PID | LOG_NDELAY, LOG_DAEMON);
		audit->fd = -1;
		return audit;
	}
	audit->path = strdup(destination);
	audit->fd = open_file(destination);
	audit->owns_fd = audit->fd >= 0;
	if (audit->fd < 0) {
		report_add(report, REPORT_WARNING, origin,
		    "cannot open the log %s (%s); writing to standard error instead", destination,
		    strerror(errno));
		audit->fd = STDERR_FILENO;
	}
	return audit;
}

void audit_close(struct audit *audit)
{
	if (!audit)
		return;
	if (audit->fd < 0)
		closelog();
	else if (audit->owns_fd)
		close(audit->fd);
	free(audit->path);
	free(audit);
}

void audit_reopen(struct audit *audit)
{
	int fd = audit->path ? open_file(audit->path) : -1;

	if (fd < 0)
		return;
	if (audit->owns_fd)
		close(audit->fd);
	audit->fd = fd;
	audit->owns_fd = true;
}

void audit_succeed(struct audit *audit, const struct audit *before)
{
	audit->lost = before->lost;
	audit->lost_error = before->lost_error;
	audit->torn = before->torn;
}

/* All of it or a loss. */
static bool write_whole(struct audit *audit, struct text text)
{
	ssize_t written;

	do
		written = write(audit->fd, text.data, text.length);
	while (written < 0 && errno == EINTR);
	if (written == (ssize_t)text.length)
		return true;
	if (audit->lost++ == 0)
		audit->lost_error = written < 0 ? errno : ENOSPC;
	audit->torn = audit->torn || written > 0;
	return false;
}

static void add_name(struct buffer *line, const char *name)
{
	buffer_add_string(line, ",\"");
	buffer_add_string(line, name);
	buffer_add_string(line, "\":");
}

/* A client's bytes may be anything; what is not UTF-8 is shown in hexadecimal. */
static void add_text(struct buffer *line, const char *name, struct text text)
{
	if (!text_present(text))
		return;
	add_name(line, name);
	if (text_is_utf8(text)) {
		(void)json_add_string(line, text, JSON_LOG);
		return;
	}
	buffer_add_string(line, "\"hex:");
	for (size_t i = 0; i < text.length && i < 256; i++)
		buffer_printf(line, "%02x", (unsigned)(unsigned char)text.data[i]);
	buffer_add_byte(line, '"');
}

static void add_string(struct buffer *line, const char *name, const char *string)
{
	add_text(line, name, text_of(string));
}

/* Not negative: the clock of durations never runs backwards. */
static void add_number(struct buffer *line, const char *name, int64_t number)
{
	add_name(line, name);
	buffer_add_number(line, (uint64_t)number);
}

static struct text shortened(struct text text, size_t most)
{
	if (text.length > most)
		text.length = most;
	return text;
}

static void add_start(struct buffer *line, int64_t time_microseconds, const char *level)
{
	char time[CLOCK_RFC3339_BYTES] = "";

	(void)clock_format_rfc3339(time_microseconds, time);
	buffer_add_string(line, "{\"@timestamp\":\"");
	buffer_add_string(line, time);
	buffer_add_string(line, "\",\"log.level\":\"");
	buffer_add_string(line, level);
	buffer_add_string(line, "\",\"event.module\":\"castgate\"");
}

/* Say what was lost, on a line of its own even after a torn one. */
static bool write_loss(struct audit *audit, int64_t time_microseconds, struct arena *arena)
{
	struct buffer line = buffer_start(arena);
	struct text text;

	if (audit->torn)
		buffer_add_byte(&line, '\n');
	add_start(&line, time_microseconds, "error");
	buffer_printf(&line, ",\"message\":\"%lu lines of this log were lost: %s\"}\n", audit->lost,
	    strerror(audit->lost_error));
	text = buffer_text(&line);
	if (!text_present(text) || !write_whole(audit, text))
		return false;
	audit->lost = 0;
	audit->torn = false;
	return true;
}

/* End the line that was started at `time_microseconds` and write it. */
static bool write_line(struct audit *audit, int64_t time_microseconds, struct buffer *line)
{
	struct text text;

	buffer_add_string(line, audit->fd < 0 ? "}" : "}\n");
	text = buffer_text(line);
	if (!text_present(text))
		return false;
	if (audit->fd < 0) {
		syslog(LOG_INFO, "%s", text.data);
		return true;
	}
	if (audit->lost && !write_loss(audit, time_microseconds, line->arena))
		return false;
	return write_whole(audit, text);
}

static const char *outcome_word(int status)
{
	if (status == 200 || status == 204)
		return "success";
	return status == 503 ? "unknown" : "failure";
}

bool audit_write(struct audit *audit, const struct audit_entry *entry, struct arena *arena)
{
	const struct outcome_row *row = outcome_row(entry->verdict.outcome);
	struct buffer line = buffer_start(arena);

	add_start(&line, entry->time_microseconds, entry->status == 503 ? "error" : "info");
	add_string(&line, "event.outcome", outcome_word(entry->status));
	add_string(&line, "event.reason", row->reason);
	add_number(&line, "http.response.status_code", entry->status);
	add_number(&line, "event.duration", entry->duration_microseconds * 1000);
	add_text(&line, "http.request.id", entry->request_id);
	add_text(&line, "client.ip", shortened(entry->client_address, 64));
	add_text(&line, "http.request.method", shortened(entry->method, 32));
	add_text(&line, "url.path", shortened(entry->path, 512));
	add_text(&line, "http.request.origin", shortened(entry->origin, 256));
	add_string(&line, "castgate.endpoint", entry->endpoint);
	add_text(&line, "castgate.channel", shortened(entry->channel, 256));
	add_string(&line, "castgate.rule", entry->rule);
	add_string(&line, "castgate.credential", entry->credential);
	add_text(&line, "castgate.token_id", shortened(entry->token_id, 255));
	add_text(&line, "user.id", shortened(entry->user_id, 255));
	add_text(&line, "castgate.detail", shortened(text_of(entry->verdict.detail), 1024));
	add_string(&line, "castgate.deny", entry->deny);
	add_string(&line, "message", row->meaning);
	if (entry->tell_cure)
		add_string(&line, "castgate.cure", row->cure);
	return write_line(audit, entry->time_microseconds, &line);
}

bool audit_note(struct audit *audit, int64_t time_microseconds, const char *level,
    const char *message, struct arena *arena)
{
	struct buffer line = buffer_start(arena);

	add_start(&line, time_microseconds, level);
	add_string(&line, "message", message);
	return write_line(audit, time_microseconds, &line);
}
