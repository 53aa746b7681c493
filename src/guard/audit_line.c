/* One table of names for JSON and NAME=VALUE; OCSF has a shape, and a file, of its own. */
#include "platform.h"
#include "guard/audit_line.h"

#include "base/ascii.h"
#include "base/clock.h"
#include "guard/audit_ocsf.h"
#include "guard/audit_string.h"

/* The least that a line takes, so that the buffer seldom has to grow. */
#define USUAL_BYTES 1000

enum member {
	LEVEL,
	SCHEMA,
	MODULE,
	OUTCOME,
	REASON,
	STATUS,
	DURATION,
	REQUEST_ID,
	CLIENT,
	METHOD,
	PATH,
	ORIGIN,
	TRACE,
	SPAN,
	ENDPOINT,
	CHANNEL,
	RULE,
	CREDENTIAL,
	TOKEN_ID,
	USER,
	DETAIL,
	MOUNT,
	DENY,
	CONNECTION,
	MESSAGE,
	CURE
};

/* How a name stands before its value. */
struct lead {
	struct text json;
	struct text pair;
};
#define LEAD(name)                                                                                 \
	{                                                                                          \
		{",\"" name "\":", sizeof(",\"" name "\":") - 1},                                  \
		{                                                                                  \
			" " name "=", sizeof(name) + 1                                             \
		}                                                                                  \
	}
static const struct lead leads[] = {
    [LEVEL] = LEAD("log.level"),
    [SCHEMA] = LEAD("ecs.version"),
    [MODULE] = LEAD("event.module"),
    [OUTCOME] = LEAD("event.outcome"),
    [REASON] = LEAD("event.reason"),
    [STATUS] = LEAD("http.response.status_code"),
    [DURATION] = LEAD("event.duration"),
    [REQUEST_ID] = LEAD("http.request.id"),
    [CLIENT] = LEAD("client.ip"),
    [METHOD] = LEAD("http.request.method"),
    [PATH] = LEAD("url.path"),
    [ORIGIN] = LEAD("castgate.origin"),
    [TRACE] = LEAD("trace.id"),
    [SPAN] = LEAD("span.id"),
    [ENDPOINT] = LEAD("castgate.endpoint"),
    [CHANNEL] = LEAD("castgate.channel"),
    [RULE] = LEAD("castgate.rule"),
    [CREDENTIAL] = LEAD("castgate.credential"),
    [TOKEN_ID] = LEAD("castgate.token_id"),
    [USER] = LEAD("user.id"),
    [DETAIL] = LEAD("castgate.detail"),
    [MOUNT] = LEAD("castgate.mount"),
    [DENY] = LEAD("castgate.deny"),
    [CONNECTION] = LEAD("castgate.connection_id"),
    [MESSAGE] = LEAD("message"),
    [CURE] = LEAD("castgate.cure"),
};

struct writer {
	struct buffer *out;
	bool pairs; /* NAME=VALUE */
};

static void add_lead(struct writer writer, enum member member)
{
	buffer_add(writer.out, writer.pairs ? leads[member].pair : leads[member].json);
}

/* A value that no reader of pairs can mistake for more than one. */
static bool is_bare(struct text text)
{
	static const char others[] = "-_.:/@,{}+";

	for (size_t i = 0; i < text.length; i++)
		if (!ascii_is_word(text.data[i], others))
			return false;
	return text.length > 0;
}

static void add_text(struct writer writer, enum member member, struct text text)
{
	if (!text_present(text))
		return;
	add_lead(writer, member);
	if (writer.pairs && is_bare(text))
		buffer_add(writer.out, text);
	else
		audit_string_add(writer.out, text);
}

static void add_string(struct writer writer, enum member member, const char *string)
{
	add_text(writer, member, text_of(string));
}

static void add_number(struct writer writer, enum member member, uint64_t number)
{
	add_lead(writer, member);
	buffer_add_number(writer.out, number);
}

static void add_start(struct writer writer, int64_t time_microseconds, const char *level)
{
	char time[CLOCK_RFC3339_BYTES] = "";

	buffer_expect(writer.out, USUAL_BYTES);
	(void)clock_format_rfc3339(time_microseconds, time);
	buffer_add_string(writer.out, writer.pairs ? "@timestamp=" : "{\"@timestamp\":\"");
	buffer_add_string(writer.out, time);
	if (!writer.pairs)
		buffer_add_byte(writer.out, '"');
	add_string(writer, LEVEL, level);
	add_text(writer, SCHEMA, TEXT("9.4.0"));
	add_text(writer, MODULE, TEXT("castgate"));
}

static void add_end(struct writer writer)
{
	buffer_add_string(writer.out, writer.pairs ? "\n" : "}\n");
}

static const char *outcome_word(int status)
{
	if (status == 200 || status == 204)
		return "success";
	return status == 503 || status == 202 ? "unknown" : "failure";
}

static void add_request(struct writer writer, const struct audit_entry *entry)
{
	add_text(writer, REQUEST_ID, entry->request_id);
	add_text(writer, CLIENT, audit_string_cut(entry->client_address, 64));
	add_text(writer, METHOD, audit_string_cut(entry->method, 32));
	add_text(writer, PATH, audit_string_cut(entry->path, 512));
	add_text(writer, ORIGIN, audit_string_cut(entry->origin, 256));
	add_text(writer, TRACE, entry->trace_id);
	add_text(writer, SPAN, entry->parent_id);
	add_string(writer, ENDPOINT, entry->endpoint);
}

static void add_who(struct writer writer, const struct audit_entry *entry)
{
	add_string(writer, CREDENTIAL, entry->credential);
	add_text(writer, TOKEN_ID, audit_string_cut(entry->token_id, 255));
	add_text(writer, USER, audit_string_cut(entry->user_id, 255));
}

static void add_decision_start(struct writer writer, const struct audit_entry *entry)
{
	add_start(writer, entry->time_microseconds, entry->status == 503 ? "error" : "info");
}

/* Copy what was written before, or write and keep it; `kept` NULL: write it. */
static void add_alike(struct writer writer, const struct audit_entry *entry, struct text *kept,
    void (*write)(struct writer writer, const struct audit_entry *entry))
{
	struct buffer *out = writer.out;
	size_t before = out->length;
	size_t length;

	if (kept && text_present(*kept)) {
		buffer_add(out, *kept);
		return;
	}
	write(writer, entry);
	length = out->length - before;
	if (kept && !out->failed)
		*kept = (struct text){arena_copy(out->arena, out->data + before, length), length};
}

void audit_line_another(struct buffer *line, enum config_audit_format format,
    const struct audit_entry *entry, struct audit_alike *alike)
{
	struct writer writer = {line, format == CONFIG_AUDIT_KEYVALUE};
	const struct outcome_row *row = outcome_row(entry->verdict.outcome);
	int64_t duration = entry->duration_microseconds;
	bool known = alike != NULL && entry->status != 503; /* which has another level */

	if (format == CONFIG_AUDIT_OCSF) {
		audit_ocsf_decision(line, entry);
		return;
	}
	add_alike(writer, entry, known ? &alike->start : NULL, add_decision_start);
	add_string(writer, OUTCOME, outcome_word(entry->status));
	add_string(writer, REASON, row->reason);
	add_number(writer, STATUS, (uint64_t)entry->status);
	add_number(writer, DURATION, duration > 0 ? (uint64_t)duration * 1000 : 0);
	add_alike(writer, entry, alike ? &alike->request : NULL, add_request);
	add_text(writer, CHANNEL, audit_string_cut(entry->channel, 256));
	add_string(writer, RULE, entry->rule);
	add_alike(writer, entry, alike ? &alike->who : NULL, add_who);
	add_text(writer, DETAIL, audit_string_cut(text_of(entry->verdict.detail), 1024));
	add_string(writer, MOUNT, entry->mount);
	add_string(writer, DENY, entry->deny);
	if (entry->connection)
		add_number(writer, CONNECTION, entry->connection);
	add_string(writer, MESSAGE, row->meaning);
	if (entry->tell_cure)
		add_string(writer, CURE, row->cure);
	add_end(writer);
}

void audit_line_decision(
    struct buffer *line, enum config_audit_format format, const struct audit_entry *entry)
{
	audit_line_another(line, format, entry, NULL);
}

void audit_line_note(
    struct buffer *line, enum config_audit_format format, const struct audit_note *note)
{
	struct writer writer = {line, format == CONFIG_AUDIT_KEYVALUE};

	if (format == CONFIG_AUDIT_OCSF) {
		audit_ocsf_note(line, note);
		return;
	}
	add_start(writer, note->time_microseconds, note->level);
	add_string(writer, MESSAGE, note->message);
	add_end(writer);
}
