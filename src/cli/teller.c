/* Lines and JSON lines, written out at once: who watches a long run sees where it is. */
#include "platform.h"
#include "cli/teller.h"

#include <stdarg.h>
#include <stdio.h>

#include "codec/json_write.h"

#define MOST_COMPLAINT 2048
#define TERMINAL_ERASE "\033[K" /* to the end of the line */

static void print_line(FILE *stream, const char *line)
{
	for (const char *p = line; *p;) {
		size_t control = *p == '\n' || *p == '\t' ? 0 : text_control_length(p);

		putc(control ? '?' : *p, stream);
		p += control ? control : 1;
	}
	putc('\n', stream);
	(void)fflush(stream);
}

static void add_member(
    struct buffer *json, struct arena *arena, const char *name, struct text value)
{
	char *copy;

	buffer_add_byte(json, json->length > 1 ? ',' : ' ');
	(void)json_add_string(json, text_of(name), JSON_LOG);
	buffer_add_string(json, ": ");
	if (text_is_utf8(value)) {
		(void)json_add_string(json, value, JSON_LOG);
		return;
	}
	copy = arena_copy(arena, value.data, value.length);
	for (size_t i = 0; copy && i < value.length; i++)
		copy[i] = (unsigned char)copy[i] < 0x80 ? copy[i] : '?';
	(void)json_add_string(json, (struct text){copy, value.length}, JSON_LOG);
}

static void print_json(
    const struct teller *teller, const char *event, const struct teller_field *fields, size_t count)
{
	struct buffer json = buffer_start(teller->arena);

	buffer_add_byte(&json, '{');
	add_member(&json, teller->arena, "event", text_of(event));
	for (size_t i = 0; i < count; i++)
		if (text_present(fields[i].value))
			add_member(&json, teller->arena, fields[i].name, fields[i].value);
	buffer_add_byte(&json, '}');
	if (text_present(buffer_text(&json)))
		print_line(stdout, buffer_text(&json).data);
	else
		fputs("castgate: out of memory\n", stderr);
}

void teller_say(const struct teller *teller, const char *line, const char *event,
    const struct teller_field *fields, size_t count)
{
	if (teller->json)
		print_json(teller, event, fields, count);
	else if (line)
		print_line(stdout, line);
}

void teller_progress(const struct teller *teller, const char *line)
{
	if (!teller->live)
		return;
	fprintf(stdout, "\r%s" TERMINAL_ERASE, line ? line : "");
	(void)fflush(stdout);
}

void teller_complain(const struct teller *teller, const char *format, ...)
{
	struct teller_field field = {"text", {0}};
	char line[MOST_COMPLAINT];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	field.value = text_of(line);
	if (teller->json) {
		print_json(teller, "error", &field, 1);
		return;
	}
	fprintf(stderr, "castgate %s: ", teller->name);
	print_line(stderr, line);
}
