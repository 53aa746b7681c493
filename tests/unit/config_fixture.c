/* Files in a folder of their own, and assertions about what loading them says. */
#include "platform.h"
#include "unit/config_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/runner.h"

char fixture_folder[64];

const char *const fixture_recipes[FIXTURE_RECIPES] = {"laravel-reverb.conf", "nextjs-sockudo.conf",
    "hotel-guest.conf", "better-auth.conf", "supabase-bridge.conf", "custom-orders.conf"};

void fixture_setup(void)
{
	snprintf(fixture_folder, sizeof(fixture_folder), "/tmp/castgate-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fixture_folder));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

void fixture_teardown(void)
{
	ck_assert_int_eq(nftw(fixture_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void fixture_write(const char *name, const char *text, size_t length, mode_t mode)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fixture_folder, name);
	for (char *slash = path + strlen(fixture_folder) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_msg(fd >= 0, "cannot write %s", path);
	ck_assert_int_eq(write(fd, text, length), (ssize_t)length);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

void fixture_file(const char *name, const char *text)
{
	fixture_write(name, text, strlen(text), 0600);
}

struct config *fixture_load(const char *name, struct report *report)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", fixture_folder, name);
	return config_load(path, report);
}

char *fixture_replace(const char *text, const char *from, const char *to)
{
	size_t step = strlen(from);
	char *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(stream);
	while (*text) {
		if (strncmp(text, from, step) == 0) {
			fputs(to, stream);
			text += step;
		} else {
			fputc(*text++, stream);
		}
	}
	fclose(stream);
	return out;
}

static char *complaints_of(const struct report *report)
{
	char *lines = NULL;
	size_t size;
	FILE *stream = open_memstream(&lines, &size);
	char *neutral;

	report_print(report, stream);
	fclose(stream);
	neutral = fixture_replace(lines, fixture_folder, "@");
	free(lines);
	return neutral;
}

struct config *fixture_complains(const char *name, const char *complaints)
{
	struct report *report = report_new();
	struct config *config = fixture_load(name, report);
	char *found = complaints_of(report);

	ck_assert_msg(
	    strcmp(found, complaints) == 0, "%s says\n%sinstead of\n%s", name, found, complaints);
	ck_assert_msg(report_failed(report) == !config, "%s: a report without errors", name);
	free(found);
	report_free(report);
	return config;
}

void fixture_refused(const char *text, const char *complaints)
{
	struct config *config;

	fixture_file("castgate.conf", text);
	config = fixture_complains("castgate.conf", complaints);
	ck_assert_msg(!config, "accepted: %s", text);
}

void fixture_refuse_all(const struct mistake *mistakes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fixture_refused(mistakes[i].text, mistakes[i].complaints);
}

struct config *fixture_accepted(const char *text)
{
	struct config *config;

	fixture_file("castgate.conf", text);
	config = fixture_complains("castgate.conf", "");
	ck_assert_ptr_nonnull(config);
	return config;
}

char *fixture_recipe(const char *name)
{
	static const char *const files[] = {"sockudo.secret", "database.password",
	    "better-auth.secret", "better-auth.previous", "pusher.secret", "session.secret",
	    "supabase.jwt-secret", "access-key.pem", "soketi.secret", "database-ca.pem"};
	char path[64];
	char *text;
	char *ready;
	size_t length;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char secret[128];

		snprintf(
		    secret, sizeof(secret), "dummy secret of 32 bytes or more: %s\n", files[i]);
		fixture_file(files[i], secret);
	}
	fixture_file("master.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
	fixture_file(".env", "BROADCAST_CONNECTION=reverb\nREVERB_APP_KEY=env-key\n"
	                     "REVERB_APP_SECRET=env-secret\nDB_CONNECTION=mysql\n"
	                     "DB_DATABASE=app\nDB_USERNAME=castgate\nDB_PASSWORD=pw\n");
	snprintf(path, sizeof(path), "../recipes/%s", name);
	text = read_test_file(path, &length);
	ready = fixture_replace(text, "/home/u/app/.env", ".env");
	free(text);
	return ready;
}
