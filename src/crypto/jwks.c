/* Age, cool-down and single flight of a fetched key set; a file is simply read when it changes. */
#include "platform.h"
#include "crypto/jwks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/https_get.h"
#include "crypto/jwks_cache.h"

#define LOOK_MILLISECONDS 20
#define HEADER_BYTES 16384u
#define IN_COOL_DOWN "The key set could not be fetched a moment ago."

struct jwks {
	struct jwks_settings settings;
	struct jwks_cache *cache; /* NULL for a file */
	struct jwk_set *set;      /* NULL: none yet */
	int64_t fetched;          /* seconds since 1970 */
	struct jwks_attempt own;  /* where there is no lock to remember it */
	struct stat seen;         /* of the file */
};

struct jwks *jwks_open(const struct jwks_settings *settings)
{
	struct jwks *jwks = calloc(1, sizeof(*jwks));

	if (!jwks)
		return NULL;
	jwks->settings = *settings;
	if (strncmp(settings->location, "https://", 8) != 0)
		return jwks;
	jwks->cache = jwks_cache_open(settings->folder, settings->location, settings->ca_file);
	if (jwks->cache)
		return jwks;
	free(jwks);
	return NULL;
}

void jwks_close(struct jwks *jwks)
{
	if (!jwks)
		return;
	jwk_set_free(jwks->set);
	jwks_cache_close(jwks->cache);
	free(jwks);
}

static int64_t now_seconds(const struct jwks *jwks)
{
	return clock_now(jwks->settings.clock) / 1000000;
}

static void adopt(struct jwks *jwks, struct jwk_set *set, int64_t fetched)
{
	jwk_set_free(jwks->set);
	jwks->set = set;
	jwks->fetched = fetched;
}

static const char *read_file(
    int fd, const struct stat *status, struct arena *arena, struct jwk_set **set)
{
	size_t size = (size_t)status->st_size;
	const char *problem;
	char *data;

	if (!S_ISREG(status->st_mode))
		return "The key set is not a regular file.";
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return "The key set's file can be written by others (chmod go-w).";
	if (status->st_size > (off_t)JWK_SET_BYTES_MAX)
		return "The key set's file is longer than 64 KiB.";
	data = arena_alloc(arena, size + 1);
	if (!data)
		return "Memory ran out while reading the key set.";
	if (pread(fd, data, size, 0) != (ssize_t)size)
		return "The key set's file cannot be read.";
	*set = jwk_set_read((struct text){data, size}, NULL, &problem);
	return problem;
}

/* Whatever is wrong with the file, the set before it is not used any more: it was replaced. */
static const char *load_file(struct jwks *jwks, struct arena *arena)
{
	struct jwk_set *set = NULL;
	struct stat status;
	const char *problem;
	int fd;

	if (stat(jwks->settings.location, &status) == 0 && jwks->set &&
	    status.st_dev == jwks->seen.st_dev && status.st_ino == jwks->seen.st_ino &&
	    status.st_size == jwks->seen.st_size && status.st_mode == jwks->seen.st_mode &&
	    status.st_ctim.tv_sec == jwks->seen.st_ctim.tv_sec &&
	    status.st_ctim.tv_nsec == jwks->seen.st_ctim.tv_nsec)
		return NULL;
	adopt(jwks, NULL, 0);
	fd = open(jwks->settings.location, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return "The key set's file cannot be opened.";
	problem = "The key set's file cannot be read.";
	if (fstat(fd, &jwks->seen) == 0)
		problem = read_file(fd, &jwks->seen, arena, &set);
	close(fd);
	adopt(jwks, set, 0);
	return problem;
}

/* Take over what another process fetched. */
static bool load_cache(struct jwks *jwks, struct arena *arena)
{
	struct jwk_set *set;
	struct text json;
	int64_t fetched;
	const char *problem;

	if (!jwks_cache_changed(jwks->cache) ||
	    !jwks_cache_read(jwks->cache, arena, &json, &fetched))
		return false;
	set = jwk_set_read(json, NULL, &problem);
	if (set)
		adopt(jwks, set, fetched);
	return set != NULL;
}

/* A set from the future was fetched before the clock was set back: it counts as just too old. */
int64_t jwks_age(const struct jwks *jwks)
{
	int64_t age = jwks->cache ? now_seconds(jwks) - jwks->fetched : 0;

	return age < 0 ? JWKS_AGE_SECONDS : age;
}

static bool is_fresh(const struct jwks *jwks)
{
	return jwks->set && jwks_age(jwks) < JWKS_AGE_SECONDS;
}

static bool is_usable(const struct jwks *jwks)
{
	return jwks->set && jwks_age(jwks) < JWKS_STALE_SECONDS;
}

static bool is_recent(const struct jwks *jwks, struct jwks_attempt attempt)
{
	int64_t age = now_seconds(jwks) - attempt.seconds;

	return attempt.seconds > 0 && age >= 0 && age < JWKS_COOL_DOWN_SECONDS;
}

/* The moment of the attempt is the set's, so that one can be known by the other. */
static const char *fetch(struct jwks *jwks, int64_t now, int64_t deadline, struct arena *arena)
{
	struct https_settings settings = {.ca_file = jwks->settings.ca_file,
	    .clock = jwks->settings.clock,
	    .deadline_microseconds = deadline,
	    .max_bytes = HEADER_BYTES + JWK_SET_BYTES_MAX};
	struct jwk_set *set;
	struct text json;
	const char *problem;

	if (!https_get(jwks->settings.location, &settings, arena, &json, &problem))
		return problem;
	set = jwk_set_read(json, NULL, &problem);
	if (!set)
		return problem;
	adopt(jwks, set, now);
	/* where it cannot be kept, this process still has it; what it wrote is not news to it */
	if (jwks_cache_write(jwks->cache, json, now))
		(void)load_cache(jwks, arena);
	return NULL;
}

/* Wait for the lock, unless there is something to go on with meanwhile. */
static enum jwks_lock take_lock(struct jwks *jwks, int64_t deadline, bool can_go_on)
{
	enum jwks_lock lock;

	while ((lock = jwks_cache_lock(jwks->cache)) == JWKS_LOCK_BUSY) {
		if (can_go_on || clock_monotonic(jwks->settings.clock) >= deadline)
			break;
		(void)poll(NULL, 0, LOOK_MILLISECONDS);
	}
	return lock;
}

/* Fetch, unless somebody just did or is at it. `fresh_will_do`: a set of less than ten minutes, found
 * when the lock is ours, ends the matter. NULL when the set in use is now as new as can be. */
static const char *refresh(struct jwks *jwks, bool fresh_will_do, struct arena *arena)
{
	int64_t deadline =
	    clock_monotonic(jwks->settings.clock) + JWKS_DEADLINE_MILLISECONDS * 1000;
	enum jwks_lock lock = take_lock(jwks, deadline, fresh_will_do && is_usable(jwks));
	struct jwks_attempt last = jwks->own;
	const char *problem;
	bool changed;

	if (lock == JWKS_LOCK_BUSY)
		return "Another process is still fetching the key set.";
	if (lock == JWKS_LOCK_TAKEN)
		last = jwks_cache_attempt(jwks->cache);
	changed = load_cache(jwks, arena);
	if (changed && (!fresh_will_do || is_fresh(jwks))) {
		problem = NULL;
	} else if (is_recent(jwks, last)) {
		/* a set that somebody else could not keep for us is none of ours */
		problem = last.succeeded && jwks->set && jwks->fetched >= last.seconds
		              ? NULL
		              : IN_COOL_DOWN;
	} else {
		/* noted before it is tried: whoever dies on the way counts as failed */
		last = (struct jwks_attempt){now_seconds(jwks), false};
		jwks_cache_note(jwks->cache, last);
		problem = fetch(jwks, last.seconds, deadline, arena);
		last.succeeded = !problem;
		jwks_cache_note(jwks->cache, last);
	}
	jwks->own = last;
	jwks_cache_unlock(jwks->cache);
	return problem;
}

const struct jwk_set *jwks_current(struct jwks *jwks, struct arena *arena, const char **problem)
{
	*problem = NULL;
	if (!jwks->cache) {
		*problem = load_file(jwks, arena);
		return jwks->set;
	}
	(void)load_cache(jwks, arena);
	if (!is_fresh(jwks))
		*problem = refresh(jwks, true, arena);
	return is_usable(jwks) ? jwks->set : NULL;
}

enum jwks_news jwks_renew(struct jwks *jwks, struct arena *arena, const char **problem)
{
	int64_t fetched = jwks->fetched;

	*problem = NULL;
	if (!jwks->cache)
		return JWKS_UNCHANGED; /* jwks_current has just looked */
	if (load_cache(jwks, arena))
		return JWKS_CHANGED;
	*problem = refresh(jwks, false, arena);
	if (*problem)
		return JWKS_UNREACHABLE;
	return jwks->fetched == fetched ? JWKS_UNCHANGED : JWKS_CHANGED;
}
