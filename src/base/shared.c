/* The few words that processes share, and the folder where such files live. */
#include "platform.h"
#include "base/shared.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/word_file.h"

/* A file of another layout is not used. */
#define LAYOUT UINT64_C(0x6361737467617431)
/* The file is one page. */
#define PAGE_WORDS 511

_Static_assert(SHARED_WORDS <= PAGE_WORDS, "words must fit the file");

struct shared {
	struct word_file *file;
};

struct shared *shared_open(const char *folder, struct origin origin, struct report *report)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	const char *problem;

	if (!shared)
		return NULL;
	shared->file = word_file_open(folder, "shared", LAYOUT, PAGE_WORDS, &problem);
	if (!shared->file) {
		free(shared);
		return NULL;
	}
	if (problem)
		report_add(report, REPORT_WARNING, origin,
		    "state_dir %s: the file \"shared\" %s; each process works on its own", folder,
		    problem);
	return shared;
}

void shared_close(struct shared *shared)
{
	if (!shared)
		return;
	word_file_close(shared->file);
	free(shared);
}

static bool is_own_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

const char *shared_default_folder(const char *home, struct arena *arena)
{
	const char *parent = home ? arena_printf(arena, "%s/.castgate", home) : NULL;

	if (parent && is_own_folder(parent))
		return arena_printf(arena, "%s/state", parent);
	return is_own_folder("/run/castgate") ? "/run/castgate" : NULL;
}

_Atomic uint64_t *shared_word(struct shared *shared, enum shared_word word)
{
	return word_file_word(shared->file, word);
}

bool shared_is_common(const struct shared *shared)
{
	return word_file_is_common(shared->file);
}
