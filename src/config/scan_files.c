/* Opens the files of a configuration under the rules for includes, and joins their text. */
#include "platform.h"
#include "config/scan_files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct scan *scan, struct origin origin, const char *path, const char *problem)
{
	report_add(scan->report, REPORT_ERROR, origin, "include(\"%s\"): %s", path, problem);
	return false;
}

/* Is `file` in the folder, or below it? Both are real paths. */
static bool lies_below(const char *folder, const char *file)
{
	size_t length = strlen(folder);

	if (length == 1) /* "/" */
		return true;
	return strncmp(folder, file, length) == 0 && file[length] == '/';
}

/* The included file's real path, when it may be included. */
static bool resolve(struct scan *scan, const char *path, const struct scan_file *includer,
    struct origin origin, char real[PATH_MAX])
{
	const char *folder = source_folder(includer->source.path, scan->arena);
	char real_folder[PATH_MAX];
	unsigned depth = 1;

	for (const struct scan_file *file = includer; file->includer; file = file->includer)
		depth++;
	if (depth > SCAN_MAX_DEPTH)
		return fail(scan, origin, path, "nested too deep");
	if (!folder || !realpath(folder, real_folder) || !realpath(path, real))
		return fail(scan, origin, path, strerror(errno));
	if (!lies_below(real_folder, real))
		return fail(scan, origin, path, "outside the folder of the including file");
	return true;
}

static bool includes_itself(const struct scan_file *file)
{
	const struct stat *own = &file->source.status;

	for (const struct scan_file *outer = file->includer; outer; outer = outer->includer)
		if (outer->source.status.st_dev == own->st_dev &&
		    outer->source.status.st_ino == own->st_ino)
			return true;
	return false;
}

static bool check_opened(struct scan *scan, struct scan_file *file, struct origin origin)
{
	size_t total = file->source.length;

	for (const struct scan_file *other = scan->files; other; other = other->next)
		total += other->source.length;
	if (total > SCAN_MAX_BYTES)
		return fail(
		    scan, origin, file->source.path, "all files together are longer than 1 MiB");
	if (includes_itself(file))
		return fail(scan, origin, file->source.path, "this file includes itself");
	if (file->source.status.st_mode & S_IWOTH) {
		report_add(scan->report, REPORT_ERROR, (struct origin){file->source.path, 1},
		    "anybody may write this file (mode %04o): chmod o-w %s",
		    (unsigned)file->source.status.st_mode & 07777, file->source.path);
		return false;
	}
	if (strncmp(file->source.text, "\xef\xbb\xbf", 3) == 0) {
		report_add(scan->report, REPORT_ERROR, (struct origin){file->source.path, 1},
		    "the file begins with a byte-order mark; save it without one");
		return false;
	}
	return source_is_text(&file->source, scan->report);
}

struct scan_file *scan_open(
    struct scan *scan, const char *path, struct scan_file *includer, struct origin origin)
{
	struct scan_file *file = arena_alloc(scan->arena, sizeof(*file));
	char real[PATH_MAX];

	if (!file || (includer && !resolve(scan, path, includer, origin, real)))
		return NULL;
	if (!source_read(includer ? real : path, origin, scan->arena, scan->report, &file->source))
		return NULL;
	file->source.path = path;
	file->includer = includer;
	file->joined_line = 1;
	if (!check_opened(scan, file, origin))
		return NULL;
	if (scan->last_file)
		scan->last_file->next = file;
	else
		scan->files = file;
	scan->last_file = file;
	return file;
}

void join_start(struct scan *scan)
{
	scan->joined = buffer_start(scan->arena);
	scan->joined_lines = 1;
}

static void add_stretch(struct scan *scan, const struct scan_file *file)
{
	size_t count = scan->stretch_count;
	struct scan_stretch *stretches = scan->stretches;

	if ((count & (count + 1)) == 0) { /* room for 1, 2, 4, ... is used up */
		stretches = arena_array(scan->arena, (count + 1) * 2, sizeof(*stretches));
		if (!stretches) {
			scan->joined.failed = true;
			return;
		}
		if (count)
			memcpy(stretches, scan->stretches, count * sizeof(*stretches));
		scan->stretches = stretches;
	}
	stretches[scan->stretch_count++] =
	    (struct scan_stretch){scan->joined_lines, {file->source.path, file->joined_line}};
}

void join_until(struct scan *scan, struct scan_file *file, size_t offset)
{
	struct text part = {file->source.text + file->joined_to, offset - file->joined_to};

	add_stretch(scan, file);
	buffer_add(&scan->joined, part);
	buffer_add_byte(&scan->joined, '\n');
	for (size_t i = 0; i < part.length; i++)
		scan->joined_lines += part.data[i] == '\n';
	scan->joined_lines++;
	file->joined_to = offset;
}

void join_skip(struct scan_file *file, size_t offset, unsigned line)
{
	file->joined_to = offset;
	file->joined_line = line;
}

bool join_finish(struct scan *scan)
{
	if (text_present(buffer_text(&scan->joined)))
		return true;
	report_add(scan->report, REPORT_ERROR, (struct origin){scan->files->source.path, 1},
	    "out of memory");
	return false;
}

struct origin join_origin(const struct scan *scan, unsigned line)
{
	struct scan_stretch found = {1, {scan->files->source.path, 1}};

	for (size_t i = 0; i < scan->stretch_count; i++)
		if (scan->stretches[i].joined_line <= line)
			found = scan->stretches[i];
	found.origin.line += line - found.joined_line;
	return found.origin;
}
