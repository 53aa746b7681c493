/* Which migrations does a folder hold, and what exactly is in them? */
#ifndef CASTGATE_CLI_MIGRATE_SET_H
#define CASTGATE_CLI_MIGRATE_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/report.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "db/script.h"

#define MIGRATION_VERSION_BYTES 15 /* "YYYYMMDDHHMMSS" with its NUL */

struct migration {
	char version[MIGRATION_VERSION_BYTES];
	const char *name; /* the file's, without ".up.sql" */
	const char *path;
	char sha256[SHA256_HEX_BYTES]; /* of the file's bytes */
	struct script script;
};

/* The arena's; migrations in the order of their versions. */
struct migration_set {
	const char *name;
	const char *folder;
	struct migration *files;
	size_t count;
};

/* Read every VERSION_NAME.up.sql of DIRECTORY/NAME. Other files are left alone. False with errors in the
 * report: a name that is no set's ([a-z0-9-], at most 64), a folder that cannot be read or has no
 * migration, two files of one version, a file that script_split refuses. */
bool migration_set_read(const char *directory, const char *name, struct arena *arena,
    struct report *report, struct migration_set *out);

/* Read a file of the set's folder that is no migration, "verify.sql". *there is false, without an error,
 * when there is none. False with an error in the report as above. */
bool migration_set_script(const struct migration_set *set, const char *file, struct arena *arena,
    struct report *report, bool *there, struct script *out);

/* The path of a migration's way back, whether or not it exists. NULL when the arena is full. */
const char *migration_down_path(
    const struct migration_set *set, const struct migration *file, struct arena *arena);

#endif
