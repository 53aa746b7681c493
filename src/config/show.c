/* Writes the effective configuration in its own syntax, row by row of the directive table. */
#include "platform.h"

#include <string.h>

#include "codec/subscription_syntax.h"
#include "config/directive.h"
#include "config/show_value.h"

/* A struct under its section's table. */
struct shown {
	enum section section;
	const char *kind; /* of a credential */
	const void *structure;
	unsigned depth;
	const struct part *part;
};

/* The rule that is of interest, and its endpoint; a NULL part is everything. */
struct part {
	const struct config_endpoint *endpoint;
	const struct config_channel *channel;
};

static void show_section(FILE *stream, const struct shown *shown);

static void indent(FILE *stream, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		fputc('\t', stream);
}

static void show_row(FILE *stream, const struct shown *shown, const struct directive *directive)
{
	indent(stream, shown->depth);
	if (value_is_set(directive, shown->structure)) {
		fprintf(stream, "%s = ", directive->name);
		value_show(stream, directive, shown->structure);
		fputc('\n', stream);
	} else {
		fprintf(stream, "# %s is not set\n", directive->name);
	}
}

static bool is_credential_of(const struct config_endpoint *endpoint, const void *credential)
{
	for (size_t i = 0; i < endpoint->credential_count; i++)
		if (endpoint->credentials[i] == credential)
			return true;
	return false;
}

static bool is_part(const struct shown *child)
{
	const struct part *part = child->part;

	if (!part)
		return true;
	if (child->section == SECTION_APP)
		return child->structure == part->endpoint->app;
	if (child->section == SECTION_CREDENTIAL)
		return is_credential_of(part->endpoint, child->structure);
	if (child->section == SECTION_ENDPOINT)
		return child->structure == part->endpoint;
	return child->section != SECTION_CHANNEL || child->structure == part->channel;
}

/* Every section's struct begins with its origin. */
static void show_origin(FILE *stream, const struct shown *child)
{
	const struct origin *origin = child->structure;

	if (!child->part || !origin->file)
		return;
	indent(stream, child->depth - 1);
	fprintf(stream, "# %s:%u\n", origin->file, origin->line);
}

static void show_child(FILE *stream, const struct shown *child)
{
	const struct section_row *row = section_row(child->section);

	if (!is_part(child))
		return;
	fputc('\n', stream);
	show_origin(stream, child);
	indent(stream, child->depth - 1);
	fputs(row->name, stream);
	if (row->titled) {
		const char *title;

		memcpy(&title, (const char *)child->structure + row->title_offset, sizeof(title));
		fputc(' ', stream);
		value_show_quoted(stream, title);
	}
	fputs(" {\n", stream);
	show_section(stream, child);
	indent(stream, child->depth - 1);
	fputs("}\n", stream);
}

static void show_children(FILE *stream, const struct shown *parent, enum section section)
{
	const struct section_row *row = section_row(section);
	struct shown child = {section, NULL, (const char *)parent->structure + row->offset,
	    parent->depth + 1, parent->part};
	size_t count;

	if (!row->titled) {
		/* a section that nobody wrote is left out: it might not be complete */
		if (((const struct origin *)child.structure)->file || section != SECTION_DATABASE)
			show_child(stream, &child);
		return;
	}
	memcpy(&child.structure, (const char *)parent->structure + row->offset,
	    sizeof(child.structure));
	memcpy(&count, (const char *)parent->structure + row->count_offset, sizeof(count));
	for (size_t i = 0; i < count; i++) {
		const struct config_credential *credential = child.structure;

		child.kind = section == SECTION_CREDENTIAL ? credential->kind : NULL;
		show_child(stream, &child);
		child.structure = (const char *)child.structure + row->size;
	}
}

static void show_section(FILE *stream, const struct shown *shown)
{
	const struct directive *rows;
	size_t count = directive_rows(shown->section, &rows);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].type == TYPE_INCLUDE ||
		    (shown->kind && !directive_of_kind(&rows[i], shown->kind)))
			continue;
		if (rows[i].type == TYPE_SECTION)
			show_children(stream, shown, directive_opens(&rows[i]));
		else
			show_row(stream, shown, &rows[i]);
	}
}

void config_show(const struct config *config, FILE *stream)
{
	struct shown top = {SECTION_TOP, NULL, config, 0, NULL};

	fprintf(stream, "# " PACKAGE_STRING ": the effective configuration of %s\n", config->path);
	show_section(stream, &top);
}

void config_show_for(const struct config *config, const struct config_endpoint *endpoint,
    const struct config_channel *channel, FILE *stream)
{
	struct part part = {endpoint, channel};
	struct shown top = {SECTION_TOP, NULL, config, 0, &part};

	fprintf(stream, "# " PACKAGE_STRING ": what decides at %s by the rule %s:%u\n",
	    endpoint->path, channel->origin.file, channel->origin.line);
	show_section(stream, &top);
}

bool config_directive(size_t index, struct config_directive *row)
{
	for (int section = 0; section < SECTION_COUNT; section++) {
		const struct directive *rows;
		size_t count = directive_rows((enum section)section, &rows);

		if (index < count) {
			*row = (struct config_directive){section_row((enum section)section)->name,
			    rows[index].name, rows[index].fallback, rows[index].meaning};
			return true;
		}
		index -= count;
	}
	return false;
}
