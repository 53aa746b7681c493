/* The pre-scan: builds the tree of what was written, with lines, and refuses ambiguity. */
#include "platform.h"
#include "config/scan.h"

#include <string.h>

#include "config/scan_files.h"
#include "config/spelling.h"
#include "config/token.h"

/* One file being scanned. `token` is the one looked at. */
struct scanner {
	struct scan *scan;
	struct scan_file *file;
	struct tokenizer tokenizer;
	struct token token;
};

static struct origin here(const struct scanner *scanner)
{
	return (struct origin){scanner->file->source.path, scanner->token.line};
}

static bool scan_block(struct scanner *scanner, struct scan_node *parent, enum section section);

static bool next(struct scanner *scanner)
{
	scanner->token = token_next(&scanner->tokenizer);
	return scanner->token.kind != TOKEN_BROKEN;
}

static bool is_value(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_STRING;
}

/* Report that something else should stand here; always false. */
static bool expected(struct scanner *scanner, const char *what, const char *of)
{
	if (scanner->token.kind != TOKEN_BROKEN)
		report_add(scanner->scan->report, REPORT_ERROR, here(scanner),
		    "expected %s%s%s%s, found %s", what, *of ? " \"" : "", of, *of ? "\"" : "",
		    token_describe(&scanner->token));
	return false;
}

static struct scan_node *add_node(
    struct scanner *scanner, struct scan_node *parent, const struct directive *directive)
{
	struct scan_node *node = arena_alloc(scanner->scan->arena, sizeof(*node));

	if (!node)
		return NULL;
	node->directive = directive;
	node->origin = here(scanner);
	if (parent->last_child)
		parent->last_child->next = node;
	else
		parent->children = node;
	parent->last_child = node;
	return node;
}

/* The section that has a directive of this name, or SECTION_COUNT. */
static enum section home_of(const char *name)
{
	int section = SECTION_TOP;

	while (section < SECTION_COUNT && !directive_find((enum section)section, name))
		section++;
	return (enum section)section;
}

static const char *place_of(enum section section)
{
	return section == SECTION_TOP ? "at the top level" : "in section ";
}

static void report_unknown(struct scanner *scanner, enum section section, const char *name)
{
	struct spelling spelling = spelling_of(name);
	enum section home = home_of(name);
	const struct directive *rows;
	size_t count = directive_rows(section, &rows);

	for (size_t i = 0; i < count; i++)
		spelling_try(&spelling, text_of(rows[i].name));
	if (home != SECTION_COUNT)
		report_add(scanner->scan->report, REPORT_ERROR, here(scanner),
		    "unknown directive \"%s\" %s%s; it belongs %s%s", name, place_of(section),
		    section_row(section)->name, place_of(home), section_row(home)->name);
	else
		report_add(scanner->scan->report, REPORT_ERROR, here(scanner),
		    "unknown directive \"%s\" %s%s" SPELLING_HINT, name, place_of(section),
		    section_row(section)->name, SPELLING_HINT_ARGS(spelling));
}

/* Pass a bracketed part; the token is the opening mark and becomes the closing one. */
static bool skip_brackets(struct scanner *scanner)
{
	unsigned depth = 0;

	do {
		const struct token *token = &scanner->token;

		if (token->kind == TOKEN_END)
			return expected(scanner, "\"}\"", "");
		if (token_is(token, '{') || token_is(token, '('))
			depth++;
		if (token_is(token, '}') || token_is(token, ')'))
			depth--;
		if (!next(scanner))
			return false;
	} while (depth > 0);
	return true;
}

/* After an unknown name: go on behind its value or section. A name that nothing of the kind
 * follows may be half of a value that lacks its quotes, so it is not repeated. */
static bool skip_unknown(struct scanner *scanner, enum section section)
{
	struct scanner named = *scanner;

	if (!next(scanner))
		return false;
	if (scanner->token.kind == TOKEN_WORD || scanner->token.kind == TOKEN_END ||
	    token_is(&scanner->token, '}') || token_is(&scanner->token, ','))
		return expected(
		    &named, "a directive (a value of several words has to be in quotes)", "");
	report_unknown(&named, section, named.token.text);
	if (is_value(&scanner->token) || token_is(&scanner->token, '='))
		if (!next(scanner))
			return false;
	if (token_is(&scanner->token, '{') || token_is(&scanner->token, '('))
		return skip_brackets(scanner);
	return is_value(&scanner->token) ? next(scanner) : true;
}

static bool is_reference(const char *value)
{
	return strncmp(value, "file:", 5) == 0 || strncmp(value, "env:", 4) == 0;
}

/* Take the value under the token. A literal secret is masked in the text that libconfuse will see. */
static bool take_value(struct scanner *scanner, struct scan_node *node)
{
	const struct token *token = &scanner->token;
	struct scan_file *file = scanner->file;
	bool quoted = token->kind == TOKEN_STRING;
	size_t count = node->value_count;

	if (!is_value(token))
		return expected(scanner, "a value for", node->directive->name);
	if ((count & (count + 1)) == 0) { /* room for 1, 2, 4, ... values is used up */
		struct scan_value *values =
		    arena_array(scanner->scan->arena, (count + 1) * 2, sizeof(*values));

		if (!values)
			return false;
		if (count)
			memcpy(values, node->values, count * sizeof(*values));
		node->values = values;
	}
	node->values[count] = (struct scan_value){token->text, token->line,
	    directive_is_secret(node->directive) && token->text[0] && !is_reference(token->text)};
	node->value_count++;
	if (node->values[count].masked) {
		if (!file->secret.file)
			file->secret = here(scanner);
		for (size_t i = token->start + quoted; i < token->end - quoted; i++)
			if (file->source.text[i] != '\n')
				file->source.text[i] = 'x';
	}
	return next(scanner);
}

static bool scan_list(struct scanner *scanner, struct scan_node *node)
{
	const char *name = node->directive->name;

	if (!directive_is_list(node->directive)) {
		report_add(scanner->scan->report, REPORT_ERROR, here(scanner),
		    "\"%s\" takes one value, not a list", name);
		return skip_brackets(scanner);
	}
	if (!next(scanner))
		return false;
	while (!token_is(&scanner->token, '}')) {
		if (!take_value(scanner, node))
			return false;
		if (token_is(&scanner->token, '}'))
			break;
		if (!token_is(&scanner->token, ','))
			return expected(scanner, "\",\" or \"}\" in the list of", name);
		if (!next(scanner))
			return false;
	}
	return next(scanner);
}

static void check_repeated(
    struct scanner *scanner, const struct scan_node *parent, const struct scan_node *node)
{
	const char *name = node->directive->name;
	const struct scan_node *other = parent->children;

	while (other != node && (other->directive != node->directive ||
	                            (node->title && strcmp(other->title, node->title) != 0)))
		other = other->next;
	if (other == node)
		return;
	if (node->title)
		report_add(scanner->scan->report, REPORT_ERROR, node->origin,
		    "%s \"%s\" is already defined at %s:%u", name, node->title, other->origin.file,
		    other->origin.line);
	else
		report_add(scanner->scan->report, REPORT_ERROR, node->origin,
		    "\"%s\" is already given at %s:%u", name, other->origin.file,
		    other->origin.line);
}

static bool scan_assignment(
    struct scanner *scanner, struct scan_node *parent, const struct directive *directive)
{
	struct scan_node *node;

	if (!next(scanner))
		return false;
	if (!token_is(&scanner->token, '='))
		return expected(scanner, "\"=\" after", directive->name);
	if (!next(scanner))
		return false;
	node = add_node(scanner, parent, directive);
	if (!node)
		return false;
	check_repeated(scanner, parent, node);
	return token_is(&scanner->token, '{') ? scan_list(scanner, node)
	                                      : take_value(scanner, node);
}

/* The title under the token, when the section has one. */
static bool scan_title(struct scanner *scanner, struct scan_node *node)
{
	const struct section_row *row = section_row(directive_opens(node->directive));
	const char *problem;

	if (!row->titled)
		return true;
	if (!is_value(&scanner->token))
		return expected(scanner, "a title in quotes after", row->name);
	node->title = scanner->token.text;
	node->origin = here(scanner);
	problem = row->title_problem ? row->title_problem(node->title) : NULL;
	if (problem)
		report_add(scanner->scan->report, REPORT_ERROR, node->origin, "%s \"%s\" %s",
		    row->name, node->title, problem);
	return next(scanner);
}

static bool scan_section(
    struct scanner *scanner, struct scan_node *parent, const struct directive *directive)
{
	enum section section = directive_opens(directive);
	struct scan_node *node = add_node(scanner, parent, directive);

	if (!node || !next(scanner) || !scan_title(scanner, node))
		return false;
	check_repeated(scanner, parent, node);
	if (!token_is(&scanner->token, '{'))
		return expected(scanner, "\"{\" after section", directive->name);
	if (!next(scanner) || !scan_block(scanner, node, section))
		return false;
	if (token_is(&scanner->token, '}'))
		return next(scanner);
	report_add(scanner->scan->report, REPORT_ERROR, node->origin,
	    "section %s does not end: its \"}\" is missing", directive->name);
	return false;
}

static bool scan_file(struct scan *scan, const char *path, struct scan_file *includer,
    struct origin origin, struct scan_node *top);

static bool scan_include(struct scanner *scanner, struct scan_node *parent)
{
	struct scan_file *file = scanner->file;
	struct origin origin = here(scanner);
	size_t start = scanner->token.start;
	const char *named;
	const char *path;

	if (!next(scanner))
		return false;
	if (!token_is(&scanner->token, '('))
		return expected(scanner, "\"(\" after", "include");
	if (!next(scanner))
		return false;
	if (scanner->token.kind != TOKEN_STRING)
		return expected(scanner, "a file name in quotes after", "include(");
	named = scanner->token.text;
	if (!next(scanner))
		return false;
	if (!token_is(&scanner->token, ')'))
		return expected(scanner, "\")\" after", "include(");
	join_until(scanner->scan, file, start);
	path = source_beside(file->source.path, named, scanner->scan->names);
	if (!path || !scan_file(scanner->scan, path, file, origin, parent))
		return false;
	join_skip(file, scanner->token.end, scanner->tokenizer.line);
	return next(scanner);
}

/* Statements up to the end of the block: "}" or the end of the file, which stays under the token. */
static bool scan_block(struct scanner *scanner, struct scan_node *parent, enum section section)
{
	while (scanner->token.kind != TOKEN_END && !token_is(&scanner->token, '}')) {
		const struct directive *directive;
		bool ok;

		if (scanner->token.kind != TOKEN_WORD)
			return expected(scanner, "a directive", "");
		directive = directive_find(section, scanner->token.text);
		if (!directive)
			ok = skip_unknown(scanner, section);
		else if (directive->type == TYPE_INCLUDE)
			ok = scan_include(scanner, parent);
		else if (directive->type == TYPE_SECTION)
			ok = scan_section(scanner, parent, directive);
		else
			ok = scan_assignment(scanner, parent, directive);
		if (!ok)
			return false;
	}
	return true;
}

static bool scan_file(struct scan *scan, const char *path, struct scan_file *includer,
    struct origin origin, struct scan_node *top)
{
	struct scanner scanner = {.scan = scan};

	scanner.file = scan_open(scan, path, includer, origin);
	if (!scanner.file)
		return false;
	if (!tokenizer_start(
	        &scanner.tokenizer, &scanner.file->source, scan->arena, scan->report) ||
	    !next(&scanner) || !scan_block(&scanner, top, SECTION_TOP))
		return false;
	if (scanner.token.kind != TOKEN_END)
		return expected(&scanner, "a directive", "");
	join_until(scan, scanner.file, scanner.file->source.length);
	return true;
}

bool scan_read(struct scan *scan, const char *path, struct arena *names, struct arena *arena,
    struct report *report)
{
	bool done;

	*scan = (struct scan){.arena = arena, .names = names, .report = report};
	join_start(scan);
	done = scan_file(scan, path, NULL, (struct origin){0}, &scan->top);
	if (!done && !report_failed(report))
		report_add(report, REPORT_ERROR, (struct origin){path, 1}, "out of memory");
	return done && join_finish(scan) && !report_failed(report);
}

const struct scan_node *scan_titled(
    const struct scan_node *node, const char *name, const char *title)
{
	const struct scan_node *child = node->children;

	while (child && (strcmp(child->directive->name, name) != 0 ||
	                    (title && strcmp(child->title, title) != 0)))
		child = child->next;
	return child;
}

const struct scan_node *scan_child(const struct scan_node *node, const char *name)
{
	return scan_titled(node, name, NULL);
}
