/* How is a file read so that nobody can change or see what they should not? */
#ifndef CASTGATE_CONFIG_SOURCE_H
#define CASTGATE_CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/report.h"
#include "base/text.h"

#define SOURCE_MAX_BYTES (1024 * 1024)

/* A file read whole: its text (NUL-terminated, the arena's) and what fstat said of the very
 * descriptor it was read from. */
struct source {
	const char *path;
	char *text;
	size_t length;
	struct stat status;
};

/* Read a regular file of at most SOURCE_MAX_BYTES. False with one error, about `origin`, in the
 * report: not there, not a file, too long, no memory. */
bool source_read(const char *path, struct origin origin, struct arena *arena, struct report *report,
    struct source *source);

/* False with an error when the text has a NUL or is not UTF-8, naming the line. */
bool source_is_text(const struct source *source, struct report *report);

/* Who may read it? NULL when only those who should: not others, and the group only if root owns
 * the file and the group is one of this process's. Else the command that cures it ("chmod 600"). */
const char *source_exposure(const struct stat *status);

/* The folder part of a path: "." for a bare name, "/" for "/x". NULL when the arena is full. */
const char *source_folder(const char *path, struct arena *arena);

/* `path` as seen from the folder of `file`; unchanged when absolute. NULL as above. */
const char *source_beside(const char *file, const char *path, struct arena *arena);

#endif
