/* A mapped file of single-word atomics, or private memory where there cannot be one. */
#include "platform.h"
#include "base/word_file.h"

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

#define PATH_BYTES 512
#define BLOCK_BYTES 512 /* the unit of st_blocks */

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "words must be lock-free to be shared");

struct word_file {
	void *memory;
	size_t bytes;
	_Atomic uint64_t *words; /* in memory; words[0] is the layout */
	bool common;
	int fd; /* -1 unless common */
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
	case V9FS_MAGIC:
	case CEPH_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case OCFS2_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

/* A hole in a mapped file would end the process with a signal once the disk is full. File systems
 * that cannot reserve have to do without. */
static bool has_space(int fd, const struct stat *status, size_t bytes)
{
	if ((uint64_t)status->st_blocks * BLOCK_BYTES >= bytes)
		return true;
	return fallocate(fd, 0, 0, (off_t)bytes) == 0 || (errno != ENOSPC && errno != EDQUOT);
}

/* root may check a configuration for the user who serves. What root makes in that user's folder then
 * belongs to the user, or serving could not open it; and what another user put there is not touched
 * in root's name. */
static uid_t proper_owner(const struct stat *folder)
{
	return geteuid() == 0 ? folder->st_uid : geteuid();
}

/* Make the folder where it lacks, but not for somebody else. */
static bool have_folder(const char *path, struct stat *status)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_BYTES];

	if (stat(path, status) == 0)
		return S_ISDIR(status->st_mode);
	if (errno != ENOENT || !slash)
		return false;
	(void)snprintf(parent, sizeof(parent), "%.*s/", (int)(slash - path), path);
	if (stat(parent, status) != 0 || proper_owner(status) != geteuid())
		return false;
	return (mkdir(path, 0700) == 0 || errno == EEXIST) && stat(path, status) == 0;
}

static int open_or_make(const char *path, const struct stat *folder)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = open(path, flags | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return errno == EEXIST ? open(path, flags) : -1;
	if (proper_owner(folder) == geteuid() || fchown(fd, folder->st_uid, folder->st_gid) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Open the file, ours alone, with its full size. -1 with *problem set. */
static int open_file(const char *folder, const char *name, size_t bytes, const char **problem)
{
	struct stat around;
	char path[PATH_BYTES];
	struct stat status;
	int fd;

	*problem = "cannot be opened";
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
	    !have_folder(folder, &around))
		return -1;
	fd = open_or_make(path, &around);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1 ||
	    status.st_uid != proper_owner(&around))
		*problem = "does not belong to this user";
	else if (is_network(fd))
		*problem = "is on a network file system";
	else if (!has_space(fd, &status, bytes))
		*problem = "has no room on its disk";
	else if ((size_t)status.st_size >= bytes || ftruncate(fd, (off_t)bytes) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Map the file; *fd is open, and the result not NULL, only together. */
static void *map_file(
    const char *folder, const char *name, size_t bytes, int *fd, const char **problem)
{
	void *mapping;

	*fd = open_file(folder, name, bytes, problem);
	if (*fd < 0)
		return NULL;
	*problem = "cannot be mapped";
	mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (mapping != MAP_FAILED)
		return mapping;
	close(*fd);
	*fd = -1;
	return NULL;
}

static void unmap_file(struct word_file *file)
{
	munmap(file->memory, file->bytes);
	close(file->fd);
	file->memory = NULL;
	file->fd = -1;
}

/* A fresh file is all zero; whoever comes first writes the layout, all others find it. They only read, since
 * the first write to a page of a mapped file costs a process more. */
static bool claim_layout(_Atomic uint64_t *words, uint64_t layout)
{
	uint64_t seen = 0;

	return atomic_load(&words[0]) == layout ||
	       atomic_compare_exchange_strong(&words[0], &seen, layout) || seen == layout;
}

/* Map the common words, or leave `file` without memory and say why. */
static void open_common(struct word_file *file, const char *folder, const char *name,
    uint64_t layout, const char **problem)
{
	file->memory = map_file(folder, name, file->bytes, &file->fd, problem);
	file->words = file->memory;
	if (!file->memory)
		return;
	file->common = claim_layout(file->words, layout);
	if (file->common) {
		*problem = NULL;
		return;
	}
	unmap_file(file);
	*problem = "has another layout";
}

struct word_file *word_file_open(
    const char *folder, const char *name, uint64_t layout, size_t count, const char **problem)
{
	struct word_file *file = calloc(1, sizeof(*file));

	*problem = NULL;
	if (!file)
		return NULL;
	file->fd = -1;
	file->bytes = (count + 1) * sizeof(uint64_t);
	if (folder)
		open_common(file, folder, name, layout, problem);
	if (!file->memory)
		file->memory = calloc(1, file->bytes);
	if (!file->memory) {
		free(file);
		return NULL;
	}
	file->words = file->memory;
	return file;
}

void word_file_close(struct word_file *file)
{
	if (!file)
		return;
	if (file->common)
		unmap_file(file);
	else
		free(file->memory);
	free(file);
}

_Atomic uint64_t *word_file_word(const struct word_file *file, size_t index)
{
	return &file->words[1 + index];
}

int word_file_descriptor(const struct word_file *file)
{
	return file->fd;
}

bool word_file_is_common(const struct word_file *file)
{
	return file->common;
}
