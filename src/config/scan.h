/* What does a configuration say, where does it say so, and is it written without mistakes that
 * libconfuse would lose? */
#ifndef CASTGATE_CONFIG_SCAN_H
#define CASTGATE_CONFIG_SCAN_H

#include "base/buffer.h"
#include "config/directive.h"
#include "config/source.h"

struct scan_value {
	const char *text;
	unsigned line; /* in the file of the node's origin */
	bool masked;   /* a literal secret: the joined text has 'x' for its bytes */
};

/* A section or an assignment, in the order of the files. The top is a node without a name. */
struct scan_node {
	const struct directive *directive; /* NULL for the top */
	const char *title;                 /* of a titled section, else NULL */
	struct origin origin; /* of a title, of an untitled section's name, of a value's start */
	struct scan_value *values;
	size_t value_count;
	struct scan_node *children;
	struct scan_node *last_child;
	struct scan_node *next;
};

/* One file that was read, and whether a secret stands in it literally. */
struct scan_file {
	struct source source;
	struct scan_file *includer; /* NULL for the first */
	struct origin secret;       /* where; file NULL when there is none */
	struct scan_file *next;     /* in the order they were opened */
	size_t joined_to;           /* how far the text is joined, or passed over */
	unsigned joined_line;       /* the line of that place */
};

/* Where a stretch of the joined text comes from. */
struct scan_stretch {
	unsigned joined_line;
	struct origin origin;
};

/* Everything lives in the arena but the files' names, which origins keep pointing to. `joined` is the text of all files in one, comments blanked and
 * literal secrets masked by 'x', for libconfuse; it is NUL-terminated. */
struct scan {
	struct arena *arena;
	struct arena *names;
	struct report *report;
	struct scan_node top;
	struct scan_file *files;
	struct scan_file *last_file;
	struct buffer joined;
	unsigned joined_lines;
	struct scan_stretch *stretches;
	size_t stretch_count;
};

/* Read a file and its includes. `path` and `names` outlive all origins. False when there is nothing to go on with; every mistake found is
 * in the report. Reads files; nothing else. */
bool scan_read(struct scan *scan, const char *path, struct arena *names, struct arena *arena,
    struct report *report);

/* The child of a name (and title, for titled sections); NULL when there is none. */
const struct scan_node *scan_child(const struct scan_node *node, const char *name);
const struct scan_node *scan_titled(
    const struct scan_node *node, const char *name, const char *title);

#endif
