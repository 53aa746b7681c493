/* libconfuse's reading of the same text, held against the pre-scan's tree. */
#include "platform.h"
#include "config/second_reader.h"

#include <confuse.h>
#include <string.h>

#include "config/scan_files.h"
#include "crypto/siphash.h"

/* Both readings of one scope. */
struct pair {
	const struct scan_node *node; /* NULL for a section that was not written */
	cfg_t *cfg;
	enum section section;
};

/* libconfuse would print to stderr; what it has to say is in its return value. */
static void stay_quiet(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg;
	(void)format;
	(void)args;
}

static cfg_opt_t *build_options(enum section section, struct arena *arena);

static bool build_option(const struct directive *directive, struct arena *arena, cfg_opt_t *option)
{
	const char *fallback = directive->fallback;
	char *copy = fallback ? arena_copy(arena, fallback, strlen(fallback)) : NULL;

	if (directive->type == TYPE_SECTION) {
		enum section opened = directive_opens(directive);
		cfg_opt_t *inner = build_options(opened, arena);
		cfg_flag_t flags = section_row(opened)->titled
		                       ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES
		                       : CFGF_NONE;

		*option = (cfg_opt_t)CFG_SEC(directive->name, inner, flags);
		return inner != NULL;
	}
	if (directive_is_list(directive))
		*option = (cfg_opt_t)CFG_STR_LIST(directive->name, copy, CFGF_NONE);
	else
		*option = (cfg_opt_t)CFG_STR(directive->name, copy, CFGF_NONE);
	return copy || !fallback;
}

/* The options of a section, ended by CFG_END. NULL when memory is out. */
static cfg_opt_t *build_options(enum section section, struct arena *arena)
{
	const struct directive *rows;
	size_t count = directive_rows(section, &rows);
	cfg_opt_t *options = arena_array(arena, count + 1, sizeof(*options));
	cfg_opt_t *next = options;

	if (!options)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].type == TYPE_INCLUDE) /* files are joined already */
			continue;
		if (!build_option(&rows[i], arena, next++))
			return NULL;
	}
	*next = (cfg_opt_t)CFG_END();
	return options;
}

static bool same_value(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_mask(const char *value)
{
	return value && *value && value[strspn(value, "x\n")] == '\0';
}

/* A value that was not written must be the table's default. */
static bool same_default(cfg_opt_t *option, const struct directive *directive)
{
	unsigned expected = directive_is_list(directive) ? directive->fallback != NULL : 1;

	return cfg_opt_size(option) == expected &&
	       (expected == 0 || same_value(cfg_opt_getnstr(option, 0), directive->fallback));
}

static bool same_values(cfg_opt_t *option, const struct scan_node *node)
{
	if (cfg_opt_size(option) != node->value_count)
		return false;
	for (unsigned i = 0; i < node->value_count; i++) {
		const char *value = cfg_opt_getnstr(option, i);

		if (node->values[i].masked ? !is_mask(value)
		                           : !same_value(value, node->values[i].text))
			return false;
	}
	return true;
}

static bool same_section(const struct pair *pair);

static bool same_children(const struct pair *pair, const struct directive *directive)
{
	cfg_opt_t *option = cfg_getopt(pair->cfg, directive->name);
	bool titled = section_row(directive_opens(directive))->titled;
	unsigned index = 0;

	for (const struct scan_node *node = pair->node ? pair->node->children : NULL; node;
	     node = node->next) {
		struct pair inner = {node, NULL, directive_opens(directive)};

		if (node->directive != directive)
			continue;
		inner.cfg = cfg_opt_getnsec(option, index++);
		if (!inner.cfg || !same_value(cfg_title(inner.cfg), node->title) ||
		    !same_section(&inner))
			return false;
	}
	/* a section without a title exists even when it was not written */
	return titled ? cfg_opt_size(option) == index : cfg_opt_size(option) == 1;
}

static bool same_section(const struct pair *pair)
{
	const struct directive *rows;
	size_t count = directive_rows(pair->section, &rows);
	bool same = true;

	for (size_t i = 0; i < count && same; i++) {
		const struct directive *row = &rows[i];
		const struct scan_node *written =
		    pair->node ? scan_child(pair->node, row->name) : NULL;

		if (row->type == TYPE_INCLUDE)
			continue;
		if (row->type == TYPE_SECTION)
			same = same_children(pair, row);
		else if (written)
			same = same_values(cfg_getopt(pair->cfg, row->name), written);
		else
			same = same_default(cfg_getopt(pair->cfg, row->name), row);
	}
	return same;
}

bool second_reader_agrees(const struct scan *scan, struct report *report)
{
	cfg_opt_t *options = build_options(SECTION_TOP, scan->arena);
	cfg_t *cfg = options ? cfg_init(options, CFGF_NONE) : NULL;
	struct pair pair = {&scan->top, cfg, SECTION_TOP};
	struct origin origin = {scan->files->source.path, 1};
	bool agrees = false;

	if (!cfg) {
		report_add(report, REPORT_ERROR, origin, "out of memory");
		return false;
	}
	(void)cfg_set_error_function(cfg, stay_quiet);
	if (cfg_parse_buf(cfg, scan->joined.data) == CFG_SUCCESS)
		agrees = same_section(&pair);
	else
		origin = join_origin(scan, (unsigned)cfg->line);
	(void)cfg_free(cfg);
	if (!agrees)
		report_add(report, REPORT_ERROR, origin,
		    "castgate and libconfuse read this file differently; nothing in it is "
		    "believed. Please report this with the file, without its secrets");
	return agrees;
}

uint64_t second_reader_print(const struct scan *scan)
{
	static const char *const readers[] = {PACKAGE_VERSION, confuse_version};
	struct siphash_key key = {0};
	uint64_t print;

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		key.low = siphash(&key, text_of(readers[i]));
	print = siphash(&key, (struct text){scan->joined.data, scan->joined.length});
	return print ? print : 1;
}
