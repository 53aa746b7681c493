/* OCSF 1.8.0: an API Activity for each decision; what the schema has no place for is "unmapped". */
#include "platform.h"
#include "guard/audit_ocsf.h"

#include <string.h>

#include "guard/audit_string.h"

#define USUAL_BYTES 1200

/* Append lead and text, unless the text is absent. */
static void add(struct buffer *line, const char *lead, struct text text)
{
	if (!text_present(text))
		return;
	buffer_add_string(line, lead);
	audit_string_add(line, text);
}

static void add_number(struct buffer *line, const char *lead, int64_t number)
{
	buffer_add_string(line, lead);
	buffer_add_number(line, number > 0 ? (uint64_t)number : 0);
}

/* The enumerations: status_id, action_id, disposition_id (27: an error prevented it), severity_id. */
static const char *ids_of(int status)
{
	if (status == 200 || status == 204)
		return "1,\"action_id\":1,\"disposition_id\":1,\"severity_id\":1";
	if (status == 202) /* told, neither allowed nor refused: observed, logged */
		return "1,\"action_id\":3,\"disposition_id\":17,\"severity_id\":1";
	return status == 503 ? "0,\"action_id\":2,\"disposition_id\":27,\"severity_id\":4"
	                     : "2,\"action_id\":2,\"disposition_id\":2,\"severity_id\":1";
}

/* The words that http_method may have. */
static bool is_known_method(struct text method)
{
	static const char *const known[] = {
	    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text_is(method, known[i]))
			return true;
	return false;
}

static void add_http(struct buffer *line, const struct audit_entry *entry)
{
	add(line, ",\"http_request\":{\"uid\":", entry->request_id);
	if (is_known_method(entry->method))
		add(line, ",\"http_method\":", entry->method);
	if (text_present(entry->path)) {
		add(line, ",\"url\":{\"path\":", audit_string_cut(entry->path, 512));
		buffer_add_byte(line, '}');
	}
	buffer_add_byte(line, '}');
}

static void add_who(struct buffer *line, const struct audit_entry *entry)
{
	if (text_present(entry->user_id))
		add(line, ",\"actor\":{\"user\":{\"uid\":", audit_string_cut(entry->user_id, 255));
	if (text_present(entry->user_id) && text_present(entry->token_id))
		add(line, ",\"credential_uid\":", audit_string_cut(entry->token_id, 255));
	/* an actor must have a name of some kind */
	buffer_add_string(
	    line, text_present(entry->user_id) ? "}}" : ",\"actor\":{\"app_name\":\"unknown\"}");
}

static void add_what(struct buffer *line, const struct audit_entry *entry)
{
	add(line,
	    ",\"api\":{\"operation\":", entry->action ? text_of(entry->action) : TEXT("unknown"));
	if (entry->endpoint) {
		add(line, ",\"service\":{\"name\":", text_of(entry->endpoint));
		buffer_add_byte(line, '}');
	}
	buffer_add_byte(line, '}');
	if (text_present(entry->channel)) {
		add(line, ",\"resources\":[{\"type\":\"channel\",\"name\":",
		    audit_string_cut(entry->channel, 256));
		buffer_add_string(line, "}]");
	}
	if (entry->rule) {
		add(line, ",\"policy\":{\"name\":", text_of(entry->rule));
		buffer_add_byte(line, '}');
	}
	if (text_present(entry->trace_id)) {
		add(line, ",\"trace\":{\"uid\":", entry->trace_id);
		buffer_add_byte(line, '}');
	}
}

/* A span of the trace needs times of its own there, which the caller alone knows. */
static void add_unmapped(struct buffer *line, const struct audit_entry *entry)
{
	const struct outcome_row *row = outcome_row(entry->verdict.outcome);

	add_number(line, ",\"unmapped\":{\"event.duration\":", entry->duration_microseconds * 1000);
	add(line, ",\"http.request.method\":", audit_string_cut(entry->method, 32));
	add(line, ",\"castgate.origin\":", audit_string_cut(entry->origin, 256));
	add(line, ",\"span.id\":", entry->parent_id);
	add(line, ",\"castgate.credential\":", text_of(entry->credential));
	if (!text_present(entry->user_id))
		add(line, ",\"castgate.token_id\":", audit_string_cut(entry->token_id, 255));
	add(line, ",\"castgate.detail\":", audit_string_cut(text_of(entry->verdict.detail), 1024));
	add(line, ",\"castgate.mount\":", text_of(entry->mount));
	add(line, ",\"castgate.deny\":", text_of(entry->deny));
	if (entry->connection)
		add_number(line, ",\"castgate.connection_id\":", (int64_t)entry->connection);
	if (entry->tell_cure)
		add(line, ",\"castgate.cure\":", text_of(row->cure));
	buffer_add_byte(line, '}');
}

static void add_metadata(struct buffer *line, const char *more)
{
	buffer_add_string(line,
	    ",\"metadata\":{\"version\":\"1.8.0\",\"product\":{\"name\":\"castgate\","
	    "\"vendor_name\":\"castgate\",\"version\":\"" PACKAGE_VERSION "\"}");
	buffer_add_string(line, more);
	buffer_add_byte(line, '}');
}

void audit_ocsf_decision(struct buffer *line, const struct audit_entry *entry)
{
	const struct outcome_row *row = outcome_row(entry->verdict.outcome);
	struct text client = audit_string_cut(entry->client_address, 64);

	buffer_expect(line, USUAL_BYTES);
	add_number(line, "{\"time\":", entry->time_microseconds / 1000);
	buffer_add_string(line, ",\"category_uid\":6,\"class_uid\":6003,\"activity_id\":99,"
	                        "\"activity_name\":\"Authorize\",\"type_uid\":600399,"
	                        "\"status_id\":");
	buffer_add_string(line, ids_of(entry->status));
	add(line, ",\"status_code\":", text_of(row->reason));
	add_number(line, ",\"http_response\":{\"code\":", entry->status);
	add_number(line, ",\"latency\":", entry->duration_microseconds / 1000);
	buffer_add_byte(line, '}');
	add(line, ",\"src_endpoint\":{\"ip\":", client);
	buffer_add_string(
	    line, text_present(client) ? "}" : ",\"src_endpoint\":{\"name\":\"unknown\"}");
	add_metadata(line, text_present(entry->trace_id)
	                       ? ",\"profiles\":[\"security_control\",\"trace\"]"
	                       : ",\"profiles\":[\"security_control\"]");
	add_http(line, entry);
	add_who(line, entry);
	add_what(line, entry);
	add(line, ",\"message\":", text_of(row->meaning));
	add_unmapped(line, entry);
	buffer_add_string(line, "}\n");
}

void audit_ocsf_note(struct buffer *line, const struct audit_note *note)
{
	static const struct {
		const char *level;
		const char *severity;
	} rows[] = {{"error", "4"}, {"warning", "3"}, {"info", "1"}};
	size_t i = 0;

	while (i + 1 < sizeof(rows) / sizeof(rows[0]) && strcmp(rows[i].level, note->level) != 0)
		i++;
	add_number(line, "{\"time\":", note->time_microseconds / 1000);
	buffer_add_string(line, ",\"category_uid\":0,\"class_uid\":0,\"activity_id\":99,"
	                        "\"activity_name\":\"Note\",\"type_uid\":99,\"severity_id\":");
	buffer_add_string(line, rows[i].severity);
	add_metadata(line, "");
	add(line, ",\"message\":", text_of(note->message));
	buffer_add_string(line, "}\n");
}
