/* A file that is only ever replaced whole, and a lock beside it that the kernel lets go. */
#include "platform.h"
#include "crypto/jwks_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "codec/base64.h"
#include "crypto/digest.h"
#include "crypto/jwk.h"

#define NAME_DIGITS 16
#define RECORD_BYTES 32
#define HEAD "fetched "
#define HEAD_BYTES_MAX 40

struct jwks_cache {
	char set_path[PATH_MAX]; /* empty: no folder */
	char new_path[PATH_MAX];
	char lock_path[PATH_MAX];
	int lock_fd;
	struct stat seen; /* of the key set that was read last; zeroed: none */
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool set_path(char path[PATH_MAX], const char *folder, const char *name, const char *end)
{
	int length = snprintf(path, PATH_MAX, "%s/jwks-%.*s%s", folder, NAME_DIGITS, name, end);

	return length > 0 && length < PATH_MAX;
}

struct jwks_cache *jwks_cache_open(const char *folder, const char *address, const char *ca_file)
{
	struct jwks_cache *cache = calloc(1, sizeof(*cache));
	const struct text parts[] = {text_of(address), TEXT("\n"), text_of(ca_file)};
	unsigned char hash[SHA256_BYTES];
	char name[SHA256_HEX_BYTES];

	if (!cache)
		return NULL;
	cache->lock_fd = -1;
	if (!folder || !sha256(parts, 3, hash))
		return cache;
	hex_encode(hash, sizeof(hash), name);
	if (!set_path(cache->set_path, folder, name, ".json") ||
	    !set_path(cache->new_path, folder, name, ".new") ||
	    !set_path(cache->lock_path, folder, name, ".lock"))
		cache->set_path[0] = '\0';
	return cache;
}

void jwks_cache_close(struct jwks_cache *cache)
{
	if (!cache)
		return;
	jwks_cache_unlock(cache);
	free(cache);
}

bool jwks_cache_changed(const struct jwks_cache *cache)
{
	struct stat status;

	return cache->set_path[0] && stat(cache->set_path, &status) == 0 &&
	       !same_file(&status, &cache->seen);
}

static bool is_ours(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_uid == geteuid() &&
	       (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* "fetched SECONDS\n" and the key set as it was sent. */
static bool split_head(struct text file, struct text *json, int64_t *fetched)
{
	size_t end = text_find(file, '\n');
	struct text line = {file.data, end};
	uint64_t seconds;

	if (end == file.length || !text_starts_with(line, HEAD) ||
	    !text_to_u64(text_skip(line, sizeof(HEAD) - 1), TEXT_DIGITS_CANONICAL, &seconds) ||
	    seconds > INT64_MAX)
		return false;
	*fetched = (int64_t)seconds;
	*json = text_skip(file, end + 1);
	return true;
}

bool jwks_cache_read(
    struct jwks_cache *cache, struct arena *arena, struct text *json, int64_t *fetched)
{
	int fd = cache->set_path[0]
	             ? open(cache->set_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
	             : -1;
	struct text file = {0};
	bool good = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &cache->seen) == 0 && is_ours(&cache->seen) &&
	    cache->seen.st_size <= (off_t)(HEAD_BYTES_MAX + JWK_SET_BYTES_MAX)) {
		size_t size = (size_t)cache->seen.st_size;
		char *data = arena_alloc(arena, size + 1);

		good = data && descriptor_read(fd, data, size, &file.length) && file.length == size;
		file.data = data;
		good = good && split_head(file, json, fetched);
	}
	close(fd);
	return good;
}

bool jwks_cache_write(struct jwks_cache *cache, struct text json, int64_t fetched)
{
	char head[HEAD_BYTES_MAX];
	bool good;
	int fd;

	if (!cache->set_path[0] || cache->lock_fd < 0)
		return false;
	/* the lock is ours: what is left here is a dead process's */
	(void)unlink(cache->new_path);
	fd = open(cache->new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	(void)snprintf(head, sizeof(head), HEAD "%" PRId64 "\n", fetched);
	good = descriptor_write(fd, text_of(head)) && descriptor_write(fd, json);
	good = close(fd) == 0 && good;
	good = good && rename(cache->new_path, cache->set_path) == 0;
	if (!good)
		(void)unlink(cache->new_path);
	return good;
}

/* Open the lock, ours alone. A file that somebody else left in our folder is replaced. */
static int open_lock(const char *path)
{
	for (int tries = 0; tries < 2; tries++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
		struct stat status;

		if (fd >= 0 && fstat(fd, &status) == 0 && is_ours(&status))
			return fd;
		if (fd >= 0)
			close(fd);
		if (unlink(path) != 0)
			return -1;
	}
	return -1;
}

enum jwks_lock jwks_cache_lock(struct jwks_cache *cache)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = cache->set_path[0] ? open_lock(cache->lock_path) : -1;

	if (fd < 0)
		return JWKS_LOCK_NONE;
	/* a lock of the open file, not of the process: forked workers do not share it by accident */
	if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
		bool busy = errno == EAGAIN || errno == EACCES;

		close(fd);
		return busy ? JWKS_LOCK_BUSY : JWKS_LOCK_NONE;
	}
	cache->lock_fd = fd;
	return JWKS_LOCK_TAKEN;
}

void jwks_cache_unlock(struct jwks_cache *cache)
{
	if (cache->lock_fd >= 0)
		close(cache->lock_fd);
	cache->lock_fd = -1;
}

struct jwks_attempt jwks_cache_attempt(const struct jwks_cache *cache)
{
	struct jwks_attempt attempt = {0};
	char record[RECORD_BYTES + 1] = "";
	char *end;

	if (cache->lock_fd < 0 || pread(cache->lock_fd, record, RECORD_BYTES, 0) != RECORD_BYTES)
		return attempt;
	attempt.succeeded = strncmp(record, "good ", 5) == 0;
	if (attempt.succeeded || strncmp(record, "bad  ", 5) == 0)
		attempt.seconds = strtoll(record + 5, &end, 10);
	return attempt;
}

/* One write of always the same length, so that no half of it is ever read. */
void jwks_cache_note(struct jwks_cache *cache, struct jwks_attempt attempt)
{
	char record[RECORD_BYTES + 1];

	if (cache->lock_fd < 0)
		return;
	(void)snprintf(record, sizeof(record), "%-5s%-26" PRId64 "\n",
	    attempt.succeeded ? "good" : "bad", attempt.seconds);
	/* what could not be noted is remembered by the one who tried */
	if (pwrite(cache->lock_fd, record, RECORD_BYTES, 0) != RECORD_BYTES)
		return;
}
