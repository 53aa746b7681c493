/* One function for each type of directive: write the value as a configuration would. */
#include "platform.h"
#include "config/show_value.h"

#include <inttypes.h>
#include <string.h>

#include "codec/subscription_syntax.h"

#define MASK "********"

static const void *field_of(const struct directive *directive, const void *structure)
{
	return (const char *)structure + directive->offset;
}

static const char *string_of(const struct directive *directive, const void *structure)
{
	const char *const *field = field_of(directive, structure);

	return *field;
}

static size_t count_of(const struct directive *directive, const void *structure)
{
	size_t count;

	memcpy(&count, (const char *)structure + directive->count_offset, sizeof(count));
	return count;
}

static bool was_given(const struct directive *directive, const void *structure)
{
	struct origin origin;

	memcpy(&origin, (const char *)structure + directive->origin_offset, sizeof(origin));
	return origin.file != NULL;
}

static const char *app_name(const struct directive *directive, const void *structure)
{
	const struct config_app *const *app = field_of(directive, structure);

	return *app ? (*app)->name : NULL;
}

bool value_is_set(const struct directive *directive, const void *structure)
{
	const struct config_list *list = field_of(directive, structure);
	const unsigned *bits = field_of(directive, structure);

	switch (directive->type) {
	case TYPE_TEXT:
	case TYPE_WORD:
	case TYPE_PATH:
	case TYPE_KEY:
	case TYPE_SECRET:
		return string_of(directive, structure) && *string_of(directive, structure);
	case TYPE_LIST:
	case TYPE_SECRETS:
		return list->count > 0 ||
		       (directive->origin_offset && was_given(directive, structure));
	case TYPE_PAIRS:
	case TYPE_CREDENTIALS:
		return count_of(directive, structure) > 0;
	case TYPE_MASTER_KEY:
		return was_given(directive, structure);
	case TYPE_KINDS:
		return *bits != 0;
	case TYPE_APP:
		return app_name(directive, structure) != NULL;
	case TYPE_CHOICE:
	case TYPE_BOOLEAN:
	case TYPE_NUMBER:
	case TYPE_LIMIT:
	case TYPE_DURATION:
	case TYPE_TOUCH:
	case TYPE_AGE:
	case TYPE_SIZE:
		return true;
	case TYPE_SECTION:
	case TYPE_INCLUDE:
	case TYPE_COUNT:
	default:
		return false;
	}
}

/* In single quotes a backslash stands for itself but before a quote, another one, or an end. */
static bool needs_escape(struct text value, size_t at, char quote)
{
	char next = at + 1 < value.length ? value.data[at + 1] : quote;

	if (value.data[at] != '\\')
		return value.data[at] == quote;
	return quote == '"' || strchr("\\'\r\n", next);
}

static void put_escaped(FILE *stream, struct text value, char quote)
{
	for (size_t i = 0; i < value.length; i++) {
		if (needs_escape(value, i, quote))
			fputc('\\', stream);
		fputc(value.data[i], stream);
	}
}

/* Double quotes, but where "${" would not be allowed in them, and for class names. */
static char quote_for(const char *value)
{
	return strstr(value, "${") || strchr(value, '\\') ? '\'' : '"';
}

void value_show_quoted(FILE *stream, const char *value)
{
	char quote = quote_for(value);

	fputc(quote, stream);
	put_escaped(stream, text_of(value), quote);
	fputc(quote, stream);
}

static void show_list(FILE *stream, const struct config_list *list, bool masked)
{
	for (size_t i = 0; i < list->count; i++) {
		fputs(i ? ", " : "", stream);
		value_show_quoted(stream, masked ? MASK : list->items[i]);
	}
}

static void show_pairs(FILE *stream, const struct directive *directive, const void *structure)
{
	const struct config_pair *const *pairs = field_of(directive, structure);

	for (size_t i = 0; i < count_of(directive, structure); i++) {
		char quote = quote_for((*pairs)[i].value);

		fprintf(stream, "%s%c%s = ", i ? ", " : "", quote, (*pairs)[i].name);
		put_escaped(stream, text_of((*pairs)[i].value), quote);
		fputc(quote, stream);
	}
}

static void show_credentials(FILE *stream, const struct directive *directive, const void *structure)
{
	const struct config_credential *const *const *credentials = field_of(directive, structure);

	for (size_t i = 0; i < count_of(directive, structure); i++) {
		fputs(i ? ", " : "", stream);
		value_show_quoted(stream, (*credentials)[i]->name);
	}
}

static void show_kinds(FILE *stream, const struct directive *directive, const void *structure)
{
	const unsigned *bits = field_of(directive, structure);
	const char *comma = "";
	struct text word;

	for (size_t i = 0; word = words_at(directive->words, i), text_present(word); i++)
		if (*bits & channel_kind_named(word)) {
			fprintf(stream, "%s\"%.*s\"", comma, (int)word.length, word.data);
			comma = ", ";
		}
}

static void show_choice(FILE *stream, const struct directive *directive, const void *structure)
{
	unsigned place;
	struct text word;

	memcpy(&place, field_of(directive, structure), sizeof(place));
	word = words_at(directive->words, place);
	fprintf(stream, "\"%.*s\"", (int)word.length, word.data);
}

static void show_number(FILE *stream, const struct directive *directive, const void *structure)
{
	const void *field = field_of(directive, structure);

	if (directive->type == TYPE_BOOLEAN)
		fputs(*(const bool *)field ? "true" : "false", stream);
	else if (directive->type == TYPE_LIMIT && *(const unsigned *)field == 0)
		fputs("off", stream);
	else if (directive->type == TYPE_SIZE)
		fprintf(stream, "%zu", *(const size_t *)field);
	else if (directive->type != TYPE_TOUCH && directive->type != TYPE_AGE)
		fprintf(stream, "%u%s", *(const unsigned *)field,
		    directive->type == TYPE_DURATION ? "ms" : "");
	else if (directive->type == TYPE_TOUCH && *(const int64_t *)field == CONFIG_TOUCH_OFF)
		fputs("off", stream);
	else
		fprintf(stream, "%" PRId64 "s", *(const int64_t *)field);
}

static void show_items(FILE *stream, const struct directive *directive, const void *structure)
{
	fputc('{', stream);
	if (directive->type == TYPE_PAIRS)
		show_pairs(stream, directive, structure);
	else if (directive->type == TYPE_CREDENTIALS)
		show_credentials(stream, directive, structure);
	else if (directive->type == TYPE_KINDS)
		show_kinds(stream, directive, structure);
	else
		show_list(stream, field_of(directive, structure), directive_is_secret(directive));
	fputc('}', stream);
}

void value_show(FILE *stream, const struct directive *directive, const void *structure)
{
	if (directive_is_list(directive))
		show_items(stream, directive, structure);
	else if (directive_is_secret(directive))
		value_show_quoted(stream, MASK);
	else if (directive->type == TYPE_CHOICE)
		show_choice(stream, directive, structure);
	else if (directive->type == TYPE_APP)
		value_show_quoted(stream, app_name(directive, structure));
	else if (directive->type == TYPE_TEXT || directive->type == TYPE_WORD ||
	         directive->type == TYPE_PATH || directive->type == TYPE_KEY)
		value_show_quoted(stream, string_of(directive, structure));
	else
		show_number(stream, directive, structure);
}
