/* crypto/jwks and crypto/jwks_cache: what is believed, for how long, and who may ask. No server is
 * there: tests/integration/test_jwt.py has one. */
#include "platform.h"
#include "unit/runner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/jwks.h"
#include "crypto/jwks_cache.h"
#include "unit/jwt_keys.h"

/* Nobody listens on this port: a try fails at once. */
#define ADDRESS "https://127.0.0.1:1/keys"
#define NOW INT64_C(1700000000)

static struct arena *arena;
static char folder[] = "/tmp/castgate-jwks-XXXXXX";
static int64_t now_us;
static const char *keys;

static int64_t tell_now(void *context)
{
	(void)context;
	return now_us;
}

/* Moves on by itself, so that a wait comes to its end: a tenth of a second for each look. */
static int64_t moment;

static int64_t tell_monotonic(void *context)
{
	(void)context;
	return moment += 100000;
}

static const struct clock stopped = {tell_now, tell_monotonic, NULL};

static void start(void)
{
	arena = arena_new(64u << 20);
	now_us = NOW * 1000000;
	memset(folder + strlen(folder) - 6, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	keys = jwt_key_set_json(arena);
}

static void stop(void)
{
	ck_assert_int_eq(system(arena_printf(arena, "rm -r %s", folder)), 0);
	arena_free(arena);
}

static struct jwks *open_set(const char *location, const char *where)
{
	struct jwks *jwks = jwks_open(
	    &(struct jwks_settings){.location = location, .folder = where, .clock = &stopped});

	ck_assert_ptr_nonnull(jwks);
	return jwks;
}

static void age(int64_t seconds)
{
	now_us += seconds * 1000000;
}

/* Keep a set as if it had been fetched at a moment. */
static void keep(int64_t fetched)
{
	struct jwks_cache *cache = jwks_cache_open(folder, ADDRESS, NULL);

	ck_assert_int_eq(jwks_cache_lock(cache), JWKS_LOCK_TAKEN);
	ck_assert(jwks_cache_write(cache, text_of(keys), fetched));
	jwks_cache_note(cache, (struct jwks_attempt){fetched, true});
	jwks_cache_close(cache);
}

START_TEST(what_is_kept_is_read_again_until_it_changes)
{
	struct jwks_cache *writer = jwks_cache_open(folder, ADDRESS, NULL);
	struct jwks_cache *reader = jwks_cache_open(folder, ADDRESS, NULL);
	struct text json;
	int64_t fetched;

	ck_assert(!jwks_cache_changed(reader));
	ck_assert(!jwks_cache_read(reader, arena, &json, &fetched));
	ck_assert(!jwks_cache_write(writer, TEXT("{}"), 1)); /* without the lock */
	ck_assert_int_eq(jwks_cache_lock(writer), JWKS_LOCK_TAKEN);
	ck_assert_int_eq(jwks_cache_lock(reader), JWKS_LOCK_BUSY);
	for (int64_t then = NOW; then < NOW + 3; then++) {
		ck_assert(jwks_cache_write(writer, TEXT("{\n}"), then));
		ck_assert(jwks_cache_changed(reader));
		ck_assert(jwks_cache_read(reader, arena, &json, &fetched));
		assert_text(json, "{\n}");
		ck_assert_int_eq(fetched, then);
		ck_assert(!jwks_cache_changed(reader));
	}
	jwks_cache_unlock(writer);
	ck_assert_int_eq(jwks_cache_lock(reader), JWKS_LOCK_TAKEN);
	jwks_cache_close(reader);
	jwks_cache_close(writer);
}
END_TEST

START_TEST(another_address_or_authority_has_another_file)
{
	static const struct {
		const char *address;
		const char *ca_file;
	} rows[] = {{ADDRESS, NULL}, {ADDRESS "2", NULL}, {ADDRESS, "/ca"}, {ADDRESS, "/ca2"}};
	struct jwks_cache *caches[sizeof(rows) / sizeof(rows[0])];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		caches[i] = jwks_cache_open(folder, rows[i].address, rows[i].ca_file);
		ck_assert_int_eq(jwks_cache_lock(caches[i]), JWKS_LOCK_TAKEN);
		ck_assert_msg(!jwks_cache_changed(caches[i]), "row %zu", i);
		ck_assert(jwks_cache_write(caches[i], TEXT("{}"), 1));
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		jwks_cache_close(caches[i]);
}
END_TEST

START_TEST(the_last_attempt_is_remembered_and_nonsense_is_none)
{
	struct jwks_cache *cache = jwks_cache_open(folder, ADDRESS, NULL);
	struct jwks_attempt attempt;

	ck_assert_int_eq(jwks_cache_attempt(cache).seconds, 0); /* no lock */
	ck_assert_int_eq(jwks_cache_lock(cache), JWKS_LOCK_TAKEN);
	ck_assert_int_eq(jwks_cache_attempt(cache).seconds, 0);
	for (int succeeded = 0; succeeded <= 1; succeeded++) {
		jwks_cache_note(cache, (struct jwks_attempt){NOW, succeeded == 1});
		attempt = jwks_cache_attempt(cache);
		ck_assert_int_eq(attempt.seconds, NOW);
		ck_assert_int_eq(attempt.succeeded, succeeded == 1);
	}
	jwks_cache_note(cache, (struct jwks_attempt){INT64_MAX, true});
	ck_assert_int_eq(jwks_cache_attempt(cache).seconds, INT64_MAX);
	jwks_cache_unlock(cache);
	ck_assert_int_eq(
	    system(arena_printf(arena, "cd %s && printf 'x%%031d' 7 > $(ls jwks-*.lock)", folder)),
	    0);
	ck_assert_int_eq(jwks_cache_lock(cache), JWKS_LOCK_TAKEN);
	ck_assert_int_eq(jwks_cache_attempt(cache).seconds, 0);
	jwks_cache_close(cache);
}
END_TEST

START_TEST(without_a_folder_nothing_is_kept)
{
	struct jwks_cache *cache = jwks_cache_open(NULL, ADDRESS, NULL);
	struct text json;
	int64_t fetched;

	ck_assert_int_eq(jwks_cache_lock(cache), JWKS_LOCK_NONE);
	ck_assert(!jwks_cache_write(cache, TEXT("{}"), 1));
	ck_assert(!jwks_cache_changed(cache));
	ck_assert(!jwks_cache_read(cache, arena, &json, &fetched));
	jwks_cache_close(cache);
	cache = jwks_cache_open("/nowhere/at/all", ADDRESS, NULL);
	ck_assert_int_eq(jwks_cache_lock(cache), JWKS_LOCK_NONE);
	jwks_cache_close(cache);
}
END_TEST

/* A process that ends, however, lets the lock go; a forked worker does not hold it by accident. */
START_TEST(the_lock_belongs_to_its_taker)
{
	struct jwks_cache *cache = jwks_cache_open(folder, ADDRESS, NULL);
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(jwks_cache_lock(cache) == JWKS_LOCK_TAKEN ? 0 : 1);
	ck_assert(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(jwks_cache_lock(cache), JWKS_LOCK_TAKEN);
	pid = fork();
	if (pid == 0) {
		struct jwks_cache *other = jwks_cache_open(folder, ADDRESS, NULL);

		_exit(jwks_cache_lock(other) == JWKS_LOCK_BUSY ? 0 : 1);
	}
	ck_assert(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 0);
	jwks_cache_close(cache);
}
END_TEST

START_TEST(a_kept_set_is_fresh_then_stale_then_nothing)
{
	static const struct {
		int64_t age;
		bool usable;
		bool asks; /* and fails, since nobody is there */
	} rows[] = {
	    {0, true, false},
	    {JWKS_AGE_SECONDS - 1, true, false},
	    {JWKS_AGE_SECONDS, true, true},
	    {JWKS_STALE_SECONDS - 1, true, true},
	    {JWKS_STALE_SECONDS, false, true},
	    {-1, true, true}, /* the clock was set back */
	    {-1000000, true, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwks *jwks = open_set(ADDRESS, folder);
		const char *problem;

		keep(NOW - rows[i].age);
		ck_assert_msg(
		    (jwks_current(jwks, arena, &problem) != NULL) == rows[i].usable, "row %zu", i);
		ck_assert_msg((problem != NULL) == rows[i].asks, "row %zu", i);
		if (problem)
			ck_assert_str_eq(problem, "The server cannot be reached.");
		/* the next one to ask is told without a try */
		ck_assert_msg(
		    (jwks_current(jwks, arena, &problem) != NULL) == rows[i].usable, "row %zu", i);
		if (problem)
			ck_assert_str_eq(problem, "The key set could not be fetched a moment ago.");
		jwks_close(jwks);
	}
}
END_TEST

/* What the answer to a token with an unknown key is: refused only while the set is as new as can be. */
START_TEST(an_unknown_key_is_refused_only_by_a_new_set)
{
	struct jwks *jwks = open_set(ADDRESS, folder);
	const char *problem;

	keep(NOW);
	ck_assert_ptr_nonnull(jwks_current(jwks, arena, &problem));
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNCHANGED);
	age(JWKS_COOL_DOWN_SECONDS - 1);
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNCHANGED);
	age(1);
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNREACHABLE);
	ck_assert_str_eq(problem, "The server cannot be reached.");
	age(JWKS_COOL_DOWN_SECONDS - 1);
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNREACHABLE);
	ck_assert_str_eq(problem, "The key set could not be fetched a moment ago.");
	age(1);
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNREACHABLE);
	ck_assert_str_eq(problem, "The server cannot be reached.");
	/* somebody else had more luck */
	keep(NOW + 2 * JWKS_COOL_DOWN_SECONDS);
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_CHANGED);
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNCHANGED);
	jwks_close(jwks);
}
END_TEST

START_TEST(cool_down_holds_without_a_folder_too)
{
	struct jwks *jwks = open_set(ADDRESS, NULL);
	const char *problem;

	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
		ck_assert_str_eq(problem, "The server cannot be reached.");
		ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
		ck_assert_str_eq(problem, "The key set could not be fetched a moment ago.");
		age(JWKS_COOL_DOWN_SECONDS);
	}
	jwks_close(jwks);
}
END_TEST

START_TEST(while_another_fetches_an_old_set_serves_and_none_waits_in_vain)
{
	struct jwks_cache *other = jwks_cache_open(folder, ADDRESS, NULL);
	struct jwks *jwks = open_set(ADDRESS, folder);
	const char *problem;

	ck_assert_int_eq(jwks_cache_lock(other), JWKS_LOCK_TAKEN);
	ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
	ck_assert_str_eq(problem, "Another process is still fetching the key set.");
	ck_assert(jwks_cache_write(other, text_of(keys), NOW - JWKS_AGE_SECONDS));
	moment = 0;
	ck_assert_ptr_nonnull(jwks_current(jwks, arena, &problem));
	ck_assert_int_lt(moment, JWKS_DEADLINE_MILLISECONDS * 1000); /* nobody waited */
	ck_assert_str_eq(problem, "Another process is still fetching the key set.");
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNREACHABLE);
	ck_assert(jwks_cache_write(other, text_of(keys), NOW));
	ck_assert_ptr_nonnull(jwks_current(jwks, arena, &problem));
	ck_assert_ptr_null(problem);
	jwks_cache_close(other);
	jwks_close(jwks);
}
END_TEST

/* A kept file that was damaged, or is too long, is as good as none; the set in memory stays. */
START_TEST(a_damaged_file_is_not_believed)
{
	static const char *const rows[] = {"", "fetched 1700000000", "fetched 1700000000\n",
	    "fetched 1700000000\n{\"keys\":[]}", "fetched -1\n{}", "fetched 01700000000\n{}",
	    "fetched 99999999999999999999\n{}", "{\"keys\":[]}"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwks *jwks = open_set(ADDRESS, folder);
		const char *problem;

		keep(NOW);
		ck_assert_ptr_nonnull(jwks_current(jwks, arena, &problem));
		ck_assert_int_eq(
		    system(arena_printf(
		        arena, "cd %s && printf '%%s' '%s' > $(ls jwks-*.json)", folder, rows[i])),
		    0);
		ck_assert_msg(jwks_current(jwks, arena, &problem) != NULL, "row %zu", i);
		jwks_close(jwks);
		age(JWKS_COOL_DOWN_SECONDS);
		jwks = open_set(ADDRESS, folder);
		ck_assert_msg(jwks_current(jwks, arena, &problem) == NULL, "row %zu", i);
		jwks_close(jwks);
		age(-JWKS_COOL_DOWN_SECONDS);
	}
}
END_TEST

START_TEST(a_file_is_what_it_is_now)
{
	const char *path = arena_printf(arena, "%s/keys.json", folder);
	struct jwks *jwks = open_set(path, NULL);
	const char *problem;
	FILE *file;

	ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
	ck_assert_str_eq(problem, "The key set's file cannot be opened.");
	file = fopen(path, "w");
	ck_assert_int_ge(fputs(keys, file), 0);
	ck_assert_int_eq(fchmod(fileno(file), 0644), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_ptr_nonnull(jwks_current(jwks, arena, &problem));
	ck_assert_ptr_null(problem);
	ck_assert_int_eq(jwks_age(jwks), 0);
	age(JWKS_STALE_SECONDS);
	ck_assert_ptr_nonnull(jwks_current(jwks, arena, &problem));
	ck_assert_int_eq(jwks_renew(jwks, arena, &problem), JWKS_UNCHANGED);
	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
	ck_assert_str_eq(problem, "The key set's file can be written by others (chmod go-w).");
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_ptr_nonnull(jwks_current(jwks, arena, &problem));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
	ck_assert_str_eq(problem, "The key set is not a regular file.");
	jwks_close(jwks);
}
END_TEST

START_TEST(an_address_that_is_none_is_not_asked)
{
	static const char *const rows[] = {"https://", "https:///x", "https://:1/", "https://a:/",
	    "https://a:1x/", "https://a:123456/", "https://u@a/", "https://a/b c", "https://a/#f",
	    "https://[::1/", "https://[]/", "https://a?q", "https://[::1]x:1/"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jwks *jwks = open_set(rows[i], NULL);
		const char *problem;

		ck_assert_ptr_null(jwks_current(jwks, arena, &problem));
		ck_assert_msg(strcmp(problem, "The address is not of the form "
		                              "https://HOST[:PORT]/PATH.") == 0,
		    "row %zu: %s", i, problem);
		jwks_close(jwks);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("jwks");
	TCase *tc = tcase_create("all");

	tcase_add_unchecked_fixture(tc, jwt_keys_make, jwt_keys_free);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, what_is_kept_is_read_again_until_it_changes);
	tcase_add_test(tc, another_address_or_authority_has_another_file);
	tcase_add_test(tc, the_last_attempt_is_remembered_and_nonsense_is_none);
	tcase_add_test(tc, without_a_folder_nothing_is_kept);
	tcase_add_test(tc, the_lock_belongs_to_its_taker);
	tcase_add_test(tc, a_kept_set_is_fresh_then_stale_then_nothing);
	tcase_add_test(tc, an_unknown_key_is_refused_only_by_a_new_set);
	tcase_add_test(tc, cool_down_holds_without_a_folder_too);
	tcase_add_test(tc, while_another_fetches_an_old_set_serves_and_none_waits_in_vain);
	tcase_add_test(tc, a_damaged_file_is_not_believed);
	tcase_add_test(tc, a_file_is_what_it_is_now);
	tcase_add_test(tc, an_address_that_is_none_is_not_asked);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
