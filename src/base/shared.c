/* A small mapped file of single-word atomics, or private memory where there cannot be one. */
#include "platform.h"
#include "base/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FILE_BYTES 4096
#define PATH_BYTES 512
/* The first word; a file of another layout is not used. */
#define LAYOUT UINT64_C(0x6361737467617431)

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "words must be lock-free to be shared");
_Static_assert((SHARED_WORDS + 1) * sizeof(uint64_t) <= FILE_BYTES, "words must fit the file");

struct shared {
	void *memory;
	_Atomic uint64_t *words; /* in memory; words[0] is LAYOUT */
	bool common;
	int fd; /* of the file while it is common; claims are locks on bytes beyond its end */
	char folder[PATH_BYTES];
};

static bool is_network(int fd)
{
	struct statfs status;

	if (fstatfs(fd, &status) != 0)
		return true;
	switch ((unsigned long)status.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
	case AFS_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

/* Open the file, ours alone, with its full size. -1 with *problem set. */
static int open_file(const char *folder, const char **problem)
{
	char path[PATH_BYTES];
	struct stat status;
	int fd;

	*problem = "cannot be opened";
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return -1;
	if (snprintf(path, sizeof(path), "%s/shared", folder) >= (int)sizeof(path))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid())
		*problem = "does not belong to this user";
	else if (is_network(fd))
		*problem = "is on a network file system";
	else if (ftruncate(fd, FILE_BYTES) == 0)
		return fd;
	close(fd);
	return -1;
}

static void *map_file(const char *folder, int *fd, const char **problem)
{
	void *mapping;

	*fd = open_file(folder, problem);
	if (*fd < 0)
		return NULL;
	*problem = "cannot be mapped";
	mapping = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (mapping != MAP_FAILED)
		return mapping;
	close(*fd);
	return NULL;
}

static void unmap_file(struct shared *shared)
{
	munmap(shared->memory, FILE_BYTES);
	close(shared->fd);
	shared->memory = NULL;
}

/* A fresh file is all zero; whoever comes first writes the layout, all others find it. */
static bool claim_layout(_Atomic uint64_t *words)
{
	uint64_t seen = 0;

	return atomic_compare_exchange_strong(&words[0], &seen, LAYOUT) || seen == LAYOUT;
}

/* Map the common words, or leave `shared` without memory and say why. */
static void open_common(
    struct shared *shared, const char *folder, struct origin origin, struct report *report)
{
	const char *problem;

	shared->memory = map_file(folder, &shared->fd, &problem);
	shared->words = shared->memory;
	shared->common = shared->words && claim_layout(shared->words);
	(void)snprintf(shared->folder, sizeof(shared->folder), "%s", folder);
	if (shared->common)
		return;
	if (shared->memory) {
		unmap_file(shared);
		problem = "has another layout";
	}
	report_add(report, REPORT_WARNING, origin,
	    "state_dir %s: the file \"shared\" %s; each process works on its own", folder, problem);
}

struct shared *shared_open(const char *folder, struct origin origin, struct report *report)
{
	struct shared *shared = calloc(1, sizeof(*shared));

	if (!shared)
		return NULL;
	if (folder)
		open_common(shared, folder, origin, report);
	if (!shared->memory)
		shared->memory = calloc(1, FILE_BYTES);
	if (!shared->memory) {
		free(shared);
		return NULL;
	}
	shared->words = shared->memory;
	return shared;
}

void shared_close(struct shared *shared)
{
	if (!shared)
		return;
	if (shared->common)
		unmap_file(shared);
	else
		free(shared->memory);
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
	return &shared->words[1 + word];
}

bool shared_is_common(const struct shared *shared)
{
	return shared->common;
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

	return shared->common && fcntl(shared->fd, F_OFD_SETLK, &claim) == 0;
}

void shared_unclaim(struct shared *shared, unsigned number)
{
	struct flock claim = claim_of(F_UNLCK, number, 1);

	if (shared->common)
		(void)fcntl(shared->fd, F_OFD_SETLK, &claim);
}

bool shared_is_claimed(const struct shared *shared, unsigned first, unsigned count)
{
	struct flock claim = claim_of(F_WRLCK, first, count);

	return shared->common && fcntl(shared->fd, F_OFD_GETLK, &claim) == 0 &&
	       claim.l_type != F_UNLCK;
}

int shared_open_bell(const struct shared *shared, const char *name)
{
	const int flags = O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;
	char path[PATH_BYTES];
	struct stat status;
	int fd;

	if (!shared->common ||
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
