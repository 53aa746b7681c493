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
	char *path; /* of a log file, NULL for others */
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

static bool write_line(struct audit *audit, struct buffer *line)
{
	struct text text;
	ssize_t written;

	if (audit->fd >= 0)
		buffer_add_byte(line, '\n');
	text = buffer_text(line);
	if (!text_present(text))
		return false;
	if (audit->fd < 0) {
		syslog(LOG_INFO, "%s", text.data);
		return true;
	}
	do
		written = write(audit->fd, text.data, text.length);
	while (written < 0 && errno == EINTR);
	return written == (ssize_t)text.length;
}

/* A client's bytes may be anything; what is not UTF-8 is shown in hexadecimal. */
static void add_text(struct buffer *line, const char *name, struct text text)
{
	if (!text_present(text))
		return;
	buffer_printf(line, ",\"%s\":", name);
	if (text_is_utf8(text)) {
		(void)json_add_string(line, text, JSON_PLAIN);
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
	buffer_printf(line,
	    "{\"@timestamp\":\"%s\",\"log.level\":\"%s\",\"event.module\":\"castgate\"", time,
	    level);
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
	buffer_printf(&line, ",\"event.outcome\":\"%s\",\"event.reason\":\"%s\"",
	    outcome_word(entry->status), row->reason);
	buffer_printf(&line, ",\"http.response.status_code\":%d,\"event.duration\":%lld",
	    entry->status, (long long)entry->duration_microseconds * 1000);
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
	buffer_add_byte(&line, '}');
	return write_line(audit, &line);
}

bool audit_note(struct audit *audit, int64_t time_microseconds, const char *level,
    const char *message, struct arena *arena)
{
	struct buffer line = buffer_start(arena);

	add_start(&line, time_microseconds, level);
	add_string(&line, "message", message);
	buffer_add_byte(&line, '}');
	return write_line(audit, &line);
}
