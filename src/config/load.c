/* Reads a configuration: scan, second opinion, values section by section, checks. */
#include "platform.h"

#include <string.h>

#include "config/loading.h"
#include "config/second_reader.h"

/* Far more than the longest configuration needs. */
#define KEEP_BYTES (64u * 1024 * 1024)

/* One section being loaded: what was written (NULL when nothing was), and the struct to fill. */
struct target {
	enum section section;
	const struct scan_node *node;
	struct origin origin;
	const char *title;
	void *structure;
};

static void load_section(struct loading *loading, const struct target *target);

/* The .env speaks of the database and of one app. */
static const struct laravel_value *find_laravel(
    const struct loading *loading, const struct target *target, const char *name)
{
	if (target->section == SECTION_APP && strcmp(target->title, LARAVEL_APP) != 0)
		return NULL;
	return laravel_find(&loading->laravel, target->section, name);
}

/* Where the value comes from: the file, else the .env, else the default. False when nowhere, or when
 * an empty text was written: for a directive that has a default this is a mistake, for any other the
 * same as leaving it out. */
static bool find_given(const struct loading *loading, const struct target *target,
    const struct directive *directive, struct given *given, struct scan_value *single)
{
	const struct scan_node *written =
	    target->node ? scan_child(target->node, directive->name) : NULL;
	const struct laravel_value *laravel = find_laravel(loading, target, directive->name);

	*given = (struct given){.directive = directive, .values = single, .count = 1};
	if (written) {
		given->values = written->values;
		given->count = written->value_count;
		given->origin = written->origin;
	} else if (laravel) {
		*single = (struct scan_value){laravel->text, laravel->line, false};
		given->origin = (struct origin){loading->laravel.path, laravel->line};
		given->literal = true;
	} else if (directive->fallback) {
		*single = (struct scan_value){directive->fallback, 0, false};
	} else {
		return false;
	}
	return directive_is_list(directive) || given->values[0].text[0] != '\0';
}

static void report_missing(
    struct loading *loading, const struct target *target, const struct directive *directive)
{
	const char *section = section_row(target->section)->name;
	bool laravel = loading->laravel.path && target->section == SECTION_APP &&
	               strcmp(target->title, LARAVEL_APP) == 0;

	if (laravel) { /* the request is answered with app_keys_missing */
		const char **field = (void *)((char *)target->structure + directive->offset);

		*field = "";
		report_add(loading->report, REPORT_WARNING, target->origin,
		    "%s has no %s for the app: nothing can be signed", loading->laravel.path,
		    directive->name);
		return;
	}
	report_add(loading->report, REPORT_ERROR, target->origin, "%s%s%s%s needs \"%s\"", section,
	    target->title ? " \"" : "", target->title ? target->title : "",
	    target->title ? "\"" : "", directive->name);
}

/* True when the section has no such directive because of its kind; writing it is an error. */
static bool is_foreign(
    struct loading *loading, const struct target *target, const struct directive *directive)
{
	const struct config_credential *credential = target->structure;
	const struct scan_node *written =
	    target->node ? scan_child(target->node, directive->name) : NULL;

	if (!directive->kind ||
	    (credential->kind && directive_of_kind(directive, credential->kind)))
		return false;
	if (written && credential->kind)
		report_add(loading->report, REPORT_ERROR, written->origin,
		    "\"%s\" belongs to kind %s, but credential \"%s\" is of kind %s",
		    directive->name, words_listed(directive->kind, " or ", loading->scratch),
		    credential->name, credential->kind);
	return true;
}

static void load_directive(
    struct loading *loading, const struct target *target, const struct directive *directive)
{
	struct scan_value single;
	struct given given;

	if (is_foreign(loading, target, directive))
		return;
	if (!find_given(loading, target, directive, &given, &single)) {
		if (directive->fallback)
			report_add(loading->report, REPORT_ERROR, given.origin,
			    "\"%s\" is empty; leave it out for its default, %s", directive->name,
			    directive->fallback);
		else if (directive->required)
			report_missing(loading, target, directive);
		return;
	}
	if (directive->required && given.count == 0) {
		report_missing(loading, target, directive);
		return;
	}
	value_load(loading, &given, target->structure);
	if (directive->origin_offset)
		memcpy((char *)target->structure + directive->origin_offset, &given.origin,
		    sizeof(given.origin));
}

static size_t count_children(const struct scan_node *node, const struct directive *directive)
{
	size_t count = 0;

	for (const struct scan_node *child = node ? node->children : NULL; child;
	     child = child->next)
		count += child->directive == directive;
	return count;
}

/* Every struct begins with its origin. */
static void load_child(struct loading *loading, const struct target *child)
{
	const struct section_row *row = section_row(child->section);
	const char *title = child->title ? loading_keep(loading, child->title) : NULL;

	memcpy(child->structure, &child->origin, sizeof(child->origin));
	if (row->titled)
		memcpy((char *)child->structure + row->title_offset, &title, sizeof(title));
	load_section(loading, child);
}

/* The app that only the .env describes. */
static bool wants_laravel_app(const struct loading *loading, const struct scan_node *top)
{
	return loading->laravel.has_app && !scan_titled(top, "app", LARAVEL_APP);
}

static void load_titled(
    struct loading *loading, const struct target *parent, const struct directive *directive)
{
	enum section section = directive_opens(directive);
	const struct section_row *row = section_row(section);
	bool extra = section == SECTION_APP && wants_laravel_app(loading, parent->node);
	size_t room = count_children(parent->node, directive) + extra;
	char *array = loading_array(loading, room, row->size);
	size_t *count = (void *)((char *)parent->structure + row->count_offset);
	struct origin env = {loading->laravel.path, 1};

	memcpy((char *)parent->structure + row->offset, &array, sizeof(array));
	if (!array)
		return;
	for (const struct scan_node *node = parent->node ? parent->node->children : NULL; node;
	     node = node->next) {
		if (node->directive != directive)
			continue;
		load_child(loading, &(struct target){section, node, node->origin, node->title,
		                        array + *count * row->size});
		(*count)++;
	}
	if (extra) {
		load_child(loading,
		    &(struct target){section, NULL, env, LARAVEL_APP, array + *count * row->size});
		(*count)++;
	}
}

static void load_untitled(
    struct loading *loading, const struct target *parent, const struct directive *directive)
{
	enum section section = directive_opens(directive);
	const struct scan_node *node =
	    parent->node ? scan_child(parent->node, directive->name) : NULL;
	struct target child = {.section = section,
	    .node = node,
	    .structure = (char *)parent->structure + section_row(section)->offset};

	if (node)
		child.origin = node->origin;
	else if (section == SECTION_DATABASE && loading->laravel.count)
		child.origin = (struct origin){loading->laravel.path, 1};
	load_child(loading, &child);
}

static void load_section(struct loading *loading, const struct target *target)
{
	const struct directive *rows;
	size_t count = directive_rows(target->section, &rows);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].type == TYPE_INCLUDE)
			continue;
		if (rows[i].type != TYPE_SECTION)
			load_directive(loading, target, &rows[i]);
		else if (is_foreign(loading, target, &rows[i]))
			continue;
		else if (section_row(directive_opens(&rows[i]))->titled)
			load_titled(loading, target, &rows[i]);
		else
			load_untitled(loading, target, &rows[i]);
	}
}

/* The .env comes first: the rest overrides it, directive by directive. False when memory is out. */
static bool load_laravel(struct loading *loading, const struct scan_node *top)
{
	const struct scan_node *written = scan_child(top, "laravel_env");
	const struct scan_node *database = scan_child(top, "database");
	struct laravel_needs needs = {.app = !scan_child(top, "app")};
	const char *path;

	if (!written || !written->values[0].text[0])
		return true;
	needs.database =
	    !database || (!scan_child(database, "socket") && !scan_child(database, "hosts"));
	path = source_beside(written->origin.file, written->values[0].text, loading->arena);
	if (path)
		(void)laravel_read(path, written->origin, needs, loading->scratch, loading->report,
		    &loading->laravel);
	return path != NULL;
}

/* A literal secret makes its file one that others must not read. */
static void check_exposure(const struct scan *scan, struct report *report)
{
	for (const struct scan_file *file = scan->files; file; file = file->next) {
		const char *cure = source_exposure(&file->source.status);

		if (file->secret.file && cure)
			report_add(report, REPORT_ERROR, file->secret,
			    "this secret stands in a file that others can read (mode %04o): %s %s",
			    (unsigned)file->source.status.st_mode & 07777, cure, file->source.path);
	}
}

static void load_scanned(struct loading *loading, const struct scan *scan)
{
	struct target top = {.section = SECTION_TOP,
	    .node = &scan->top,
	    .origin = {loading->config->path, 1},
	    .structure = loading->config};

	check_exposure(scan, loading->report);
	loading->out_of_memory |= !load_laravel(loading, &scan->top);
	load_section(loading, &top);
	/* what is missing because it was wrong would be complained about twice */
	if (!loading->out_of_memory && !report_failed(loading->report))
		check_config(loading);
}

static struct config *config_new(const char *path)
{
	struct arena *arena = arena_new(KEEP_BYTES);
	struct config *config = arena ? arena_alloc(arena, sizeof(*config)) : NULL;

	if (config) {
		config->arena = arena;
		config->path = arena_copy(arena, path, strlen(path));
	}
	if (config && config->path)
		return config;
	arena_free(arena);
	return NULL;
}

static void forget_scan(struct config *config)
{
	if (config->unconfirmed)
		arena_free(config->unconfirmed->arena); /* where it lies itself, too */
	config->unconfirmed = NULL;
}

enum readings { READ_ONCE, READ_TWICE };

static struct config *load(const char *path, enum readings readings, struct report *report)
{
	struct config *config = config_new(path);
	struct arena *scratch = config ? arena_new(KEEP_BYTES) : NULL;
	struct scan *scan = scratch ? arena_alloc(scratch, sizeof(*scan)) : NULL;
	struct loading loading = {.config = config, .report = report, .scratch = scratch};

	if (!scan) {
		report_add(report, REPORT_ERROR, (struct origin){path, 1}, "out of memory");
		arena_free(scratch);
	} else {
		loading.arena = config->arena;
		config->unconfirmed = scan;
		scan->arena = scratch;
		if (scan_read(scan, config->path, config->arena, scratch, report) &&
		    (readings == READ_ONCE || second_reader_agrees(scan, report)))
			load_scanned(&loading, scan);
		if (loading.out_of_memory)
			report_add(report, REPORT_ERROR, (struct origin){path, 1}, "out of memory");
		if (readings == READ_TWICE)
			forget_scan(config);
	}
	if (!report_failed(report))
		return config;
	config_free(config);
	return NULL;
}

struct config *config_load(const char *path, struct report *report)
{
	return load(path, READ_TWICE, report);
}

struct config *config_load_once(const char *path, struct report *report)
{
	return load(path, READ_ONCE, report);
}

bool config_confirm(struct config *config, uint64_t *agreed, struct report *report)
{
	uint64_t print;
	bool agree;

	if (!config->unconfirmed)
		return true;
	print = second_reader_print(config->unconfirmed);
	agree = print == *agreed || second_reader_agrees(config->unconfirmed, report);
	if (agree)
		*agreed = print;
	forget_scan(config);
	return agree;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	forget_scan(config);
	arena_free(config->arena);
}
