/* From an input's bytes to FastCGI records: most of them right, some wrong in one place. */
#include "platform.h"
#include "fcgi_script.h"

#include <string.h>

#include "fuzz.h"

#define RECORDS_MAX 256
#define PARAMETERS_MAX 70000

enum record_type { TYPE_BEGIN = 1, TYPE_ABORT = 2, TYPE_PARAMS = 4, TYPE_STDIN = 5 };

struct script {
	struct text rest;
	struct buffer records;
	struct buffer parameters; /* written, but not yet sent */
	size_t starts[RECORDS_MAX];
	size_t count;
	unsigned char id;
};

static unsigned char take_byte(struct script *script)
{
	unsigned char byte = script->rest.length ? (unsigned char)script->rest.data[0] : 0;

	script->rest = text_skip(script->rest, script->rest.length > 0);
	return byte;
}

static struct text take_bytes(struct script *script, size_t count)
{
	struct text bytes = script->rest;

	if (bytes.length > count)
		bytes.length = count;
	script->rest = text_skip(script->rest, bytes.length);
	return bytes;
}

static void add_record(struct script *script, unsigned char type, struct text content)
{
	size_t padding = -content.length & 7;
	char header[8] = {1, (char)type, 0, (char)script->id, (char)(content.length >> 8),
	    (char)content.length, (char)padding, 0};

	if (script->count == RECORDS_MAX)
		return;
	script->starts[script->count++] = script->records.length;
	buffer_add(&script->records, (struct text){header, sizeof(header)});
	buffer_add(&script->records, content);
	buffer_add(&script->records, (struct text){"\0\0\0\0\0\0\0", padding});
}

static void add_begin(struct script *script)
{
	char content[8] = {0, 1, 0, 0, 0, 0, 0, 0};
	unsigned char flags = take_byte(script);

	content[2] = (char)(flags & 1);
	if (flags >= 0xf0) /* another role */
		content[1] = (char)(flags & 7);
	script->id = take_byte(script) | 1;
	add_record(script, TYPE_BEGIN, (struct text){content, sizeof(content)});
}

/* A length in its short form, or in its long one, which is allowed for any length. */
static void add_length(struct script *script, size_t length, bool longer)
{
	if (longer || length > 127) {
		buffer_add_byte(&script->parameters, (char)(length >> 24 | 0x80));
		buffer_add_byte(&script->parameters, (char)(length >> 16));
		buffer_add_byte(&script->parameters, (char)(length >> 8));
	}
	buffer_add_byte(&script->parameters, (char)length);
}

static void add_pair(struct script *script, struct text name, struct text value, bool longer)
{
	if (script->parameters.length + name.length + value.length > PARAMETERS_MAX)
		return;
	add_length(script, name.length, longer);
	add_length(script, value.length, longer);
	buffer_add(&script->parameters, name);
	buffer_add(&script->parameters, value);
}

static void add_known_pair(struct script *script)
{
	static const char *const names[] = {"REQUEST_METHOD", "REQUEST_URI", "CONTENT_LENGTH",
	    "CONTENT_TYPE", "REMOTE_ADDR", "HTTP_AUTHORIZATION", "HTTP_ORIGIN", "HTTP_COOKIE"};
	unsigned char shape = take_byte(script);
	struct text name = text_of(names[shape & 7]);

	add_pair(script, name, take_bytes(script, take_byte(script)), shape & 0x80);
}

static void add_any_pair(struct script *script)
{
	unsigned char shape = take_byte(script);
	struct text name = take_bytes(script, shape & 63);

	add_pair(script, name, take_bytes(script, take_byte(script)), shape & 0x80);
}

static void add_content_length(struct script *script)
{
	struct buffer number = buffer_start(script->records.arena);
	unsigned amount = take_byte(script);

	buffer_printf(&number, "%u", amount);
	add_pair(script, TEXT("CONTENT_LENGTH"), buffer_text(&number), false);
}

/* A long value of one byte, beyond what an input could hold. */
static void add_long_pair(struct script *script)
{
	static char value[18000];
	size_t length = (size_t)take_byte(script) * 67;

	memset(value, take_byte(script), sizeof(value));
	add_pair(script, TEXT("HTTP_X"), (struct text){value, length}, false);
}

/* Send what was written of the parameters, in records of one length. */
static void send_parameters(struct script *script)
{
	struct text all = buffer_text(&script->parameters);
	size_t step = (size_t)take_byte(script) * 4 + 3;

	if (step > 1000)
		step = 65535;
	while (text_present(all) && all.length) {
		struct text piece = {all.data, all.length < step ? all.length : step};

		add_record(script, TYPE_PARAMS, piece);
		all = text_skip(all, piece.length);
	}
	script->parameters = buffer_start(script->records.arena);
}

static void end_parameters(struct script *script)
{
	send_parameters(script);
	add_record(script, TYPE_PARAMS, TEXT(""));
}

static void add_body(struct script *script)
{
	add_record(script, TYPE_STDIN, take_bytes(script, take_byte(script)));
}

static void end_body(struct script *script)
{
	add_record(script, TYPE_STDIN, TEXT(""));
}

/* A header as it comes, and as much content as the input wants. */
static void add_any_record(struct script *script)
{
	buffer_add(&script->records, take_bytes(script, 8));
	buffer_add(&script->records, take_bytes(script, take_byte(script)));
}

static void change_header(struct script *script)
{
	unsigned char record = take_byte(script);
	unsigned char place = take_byte(script);
	unsigned char byte = take_byte(script);

	if (script->count && !script->records.failed)
		script->records.data[script->starts[record % script->count] + place % 8] =
		    (char)byte;
}

static void cut(struct script *script)
{
	size_t count = take_byte(script);

	if (count < script->records.length)
		script->records.length -= count;
	while (script->count && script->starts[script->count - 1] + 8 > script->records.length)
		script->count--;
}

struct text script_records(struct text input, struct arena *arena)
{
	static void (*const steps[])(struct script *) = {add_begin, add_known_pair, add_any_pair,
	    add_content_length, add_long_pair, send_parameters, end_parameters, add_body, end_body,
	    add_any_record, change_header, cut};
	struct script script = {.rest = input,
	    .records = buffer_start(arena),
	    .parameters = buffer_start(arena),
	    .id = 1};

	while (script.rest.length)
		steps[take_byte(&script) % (sizeof(steps) / sizeof(steps[0]))](&script);
	return buffer_text(&script.records);
}
