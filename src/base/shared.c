/* The few words that processes share, and the folder where such files live. */
#include "platform.h"
#include "base/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/word_file.h"

/* A file of another layout is not used. */
#define LAYOUT UINT64_C(0x6361737467617431)
/* The file is one page; claims are locks on bytes beyond its end. */
#define FILE_BYTES 4096
#define FILE_WORDS (FILE_BYTES / sizeof(uint64_t) - 1)
#define PATH_BYTES 512

_Static_assert(SHARED_WORDS <= FILE_WORDS, "words must fit the file");

struct shared {
	struct word_file *file;
	char folder[PATH_BYTES];
};

struct shared *shared_open(const char *folder, struct origin origin, struct report *report)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	const char *problem;

	if (!shared)
		return NULL;
	shared->file = word_file_open(folder, "shared", LAYOUT, FILE_WORDS, &problem);
	if (!shared->file) {
		free(shared);
		return NULL;
	}
	(void)snprintf(shared->folder, sizeof(shared->folder), "%s", folder ? folder : "");
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

/* Locks that belong to the open file and not to the process: another mapping within this process
 * is another claimant, and a child that was forked is the same one. */
static struct flock claim_of(short type, unsigned first, unsigned count)
{
	return (struct flock){.l_type = type,
	    .l_whence = SEEK_SET,
	    .l_start = FILE_BYTES + (off_t)first,
	    .l_len = (off_t)count};
}

bool shared_claim(struct shared *shared, unsigned number)
{
	struct flock claim = claim_of(F_WRLCK, number, 1);

	return shared_is_common(shared) &&
	       fcntl(word_file_descriptor(shared->file), F_OFD_SETLK, &claim) == 0;
}

void shared_unclaim(struct shared *shared, unsigned number)
{
	struct flock claim = claim_of(F_UNLCK, number, 1);

	if (shared_is_common(shared))
		(void)fcntl(word_file_descriptor(shared->file), F_OFD_SETLK, &claim);
}

bool shared_is_claimed(const struct shared *shared, unsigned first, unsigned count)
{
	struct flock claim = claim_of(F_WRLCK, first, count);

	return shared_is_common(shared) &&
	       fcntl(word_file_descriptor(shared->file), F_OFD_GETLK, &claim) == 0 &&
	       claim.l_type != F_UNLCK;
}

int shared_open_bell(const struct shared *shared, const char *name)
{
	const int flags = O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;
	char path[PATH_BYTES];
	struct stat status;
	int fd;

	if (!shared_is_common(shared) ||
	    snprintf(path, sizeof(path), "%s/%s", shared->folder, name) >= (int)sizeof(path))
		return -1;
	fd = open(path, flags);
	/* made only where it lacks: within the sandbox it cannot be made */
	if (fd < 0 && errno == ENOENT && (mkfifo(path, 0600) == 0 || errno == EEXIST))
		fd = open(path, flags);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && status.st_uid == geteuid())
		return fd;
	close(fd);
	return -1;
}
