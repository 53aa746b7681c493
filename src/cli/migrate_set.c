/* Names are read strictly: they stand in reports and in the table of what was done. */
#include "platform.h"
#include "cli/migrate_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec/base64.h"
#include "config/source.h"

#define MOST_FILES 1000
#define MOST_NAME 200
#define UP ".up.sql"

static bool is_set_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length > 0 && length <= 64 && name[length] == '\0';
}

/* "20261121080100_create_users.up.sql" */
static bool is_migration(const char *file)
{
	size_t length = strlen(file);
	size_t end = length > strlen(UP) ? length - strlen(UP) : 0;

	return end <= MOST_NAME && strcmp(file + end, UP) == 0 && file[0] != '0' &&
	       strspn(file, "0123456789") == MIGRATION_VERSION_BYTES - 1 &&
	       strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789_") == end && file[14] == '_';
}

static int by_version(const void *a, const void *b)
{
	return strcmp(
	    ((const struct migration *)a)->version, ((const struct migration *)b)->version);
}

static bool fail(struct report *report, const char *path, const char *problem)
{
	report_add(report, REPORT_ERROR, (struct origin){path, 1}, "%s", problem);
	return false;
}

static bool read_script(const char *path, struct arena *arena, struct report *report,
    struct source *source, struct script *script)
{
	const char *problem;

	if (!source_read(path, (struct origin){path, 1}, arena, report, source))
		return false;
	return script_split((struct text){source->text, source->length}, arena, script, &problem) ||
	       fail(report, path, problem);
}

static bool read_migration(const struct migration_set *set, const char *file, struct arena *arena,
    struct report *report, struct migration *out)
{
	unsigned char digest[SHA256_BYTES];
	struct source source;
	struct text bytes;

	memcpy(out->version, file, MIGRATION_VERSION_BYTES - 1);
	out->name = arena_copy(arena, file, strlen(file) - strlen(UP));
	out->path = arena_printf(arena, "%s/%s", set->folder, file);
	if (!out->name || !out->path)
		return fail(report, set->folder, "out of memory");
	if (!read_script(out->path, arena, report, &source, &out->script))
		return false;
	bytes = (struct text){source.text, source.length};
	if (!sha256(&bytes, 1, digest))
		return fail(report, out->path, "cannot compute its SHA-256");
	hex_encode(digest, sizeof(digest), out->sha256);
	return true;
}

static bool read_all(
    struct migration_set *set, DIR *folder, struct arena *arena, struct report *report)
{
	const struct dirent *entry;

	while ((entry = readdir(folder))) {
		if (!is_migration(entry->d_name))
			continue;
		if (set->count == MOST_FILES)
			return fail(report, set->folder, "more than 1000 migrations");
		if (!read_migration(set, entry->d_name, arena, report, &set->files[set->count++]))
			return false;
	}
	if (set->count == 0)
		return fail(report, set->folder, "has no file VERSION_NAME.up.sql");
	qsort(set->files, set->count, sizeof(*set->files), by_version);
	for (size_t i = 1; i < set->count; i++)
		if (by_version(&set->files[i - 1], &set->files[i]) == 0)
			return fail(
			    report, set->files[i].path, "another file has the same version");
	return true;
}

bool migration_set_read(const char *directory, const char *name, struct arena *arena,
    struct report *report, struct migration_set *out)
{
	DIR *folder;
	bool ok;

	*out = (struct migration_set){.name = name};
	if (!is_set_name(name))
		return fail(report, "--set", "is the name of a folder: laravel, nextjs, ...");
	out->folder = arena_printf(arena, "%s/%s", directory, name);
	out->files = arena_array(arena, MOST_FILES, sizeof(*out->files));
	if (!out->folder || !out->files)
		return fail(report, directory, "out of memory");
	folder = opendir(out->folder);
	if (!folder)
		return fail(report, out->folder, strerror(errno));
	ok = read_all(out, folder, arena, report);
	(void)closedir(folder);
	return ok;
}

bool migration_set_script(const struct migration_set *set, const char *file, struct arena *arena,
    struct report *report, bool *there, struct script *out)
{
	const char *path = arena_printf(arena, "%s/%s", set->folder, file);
	struct source source;

	*out = (struct script){0};
	*there = false;
	if (!path)
		return fail(report, set->folder, "out of memory");
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	*there = true;
	return read_script(path, arena, report, &source, out);
}

const char *migration_down_path(
    const struct migration_set *set, const struct migration *file, struct arena *arena)
{
	return arena_printf(arena, "%s/down/%s.down.sql", set->folder, file->name);
}
