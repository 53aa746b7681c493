/* Who can write a file, or replace it in its folder, decides as much as who wrote it. */
#include "platform.h"
#include "cli/doctor_parts.h"

#include <string.h>
#include <sys/stat.h>

#include "config/source.h"

#define MOST_FILES 64

/* The files that were read, each once. */
struct files {
	const char *paths[MOST_FILES];
	size_t count;
};

static void add(struct files *files, const char *path)
{
	if (!path || files->count == MOST_FILES)
		return;
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->paths[i], path) == 0)
			return;
	files->paths[files->count++] = path;
}

/* Includes are known by the sections that stand in them. */
static void gather(const struct config *config, struct files *files)
{
	add(files, config->path);
	add(files, config->laravel_env);
	add(files, config->database.origin.file);
	add(files, config->database.tls_ca);
	for (size_t i = 0; i < config->app_count; i++)
		add(files, config->apps[i].origin.file);
	for (size_t i = 0; i < config->credential_count; i++) {
		const char *jwks = config->credentials[i].jwks;

		add(files, config->credentials[i].origin.file);
		add(files, config->credentials[i].jwks_ca);
		if (jwks && jwks[0] == '/')
			add(files, jwks);
	}
	for (size_t i = 0; i < config->endpoint_count; i++) {
		add(files, config->endpoints[i].origin.file);
		for (size_t k = 0; k < config->endpoints[i].channel_count; k++)
			add(files, config->endpoints[i].channels[k].origin.file);
	}
}

/* In a folder with the sticky bit only its owner may replace a file. */
static void examine(const struct check *check, const char *path, const char *what)
{
	struct origin origin = {check->service->config->path, 1};
	struct stat status;

	if (stat(path, &status) != 0 || (S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX)))
		return;
	if (status.st_mode & S_IWOTH)
		report_add(check->report, REPORT_ERROR, origin,
		    "%s can be written by everybody on this machine (mode %04o): chmod go-w %s",
		    what, (unsigned)status.st_mode & 07777, path);
	else if (status.st_mode & S_IWGRP)
		report_add(check->report, REPORT_WARNING, origin,
		    "%s can be written by its group (mode %04o), who then decide who is allowed: "
		    "chmod g-w %s",
		    what, (unsigned)status.st_mode & 07777, path);
}

void doctor_examine_files(const struct check *check)
{
	struct files files = {.count = 0};
	struct files folders = {.count = 0};

	gather(check->service->config, &files);
	for (size_t i = 0; i < files.count; i++) {
		examine(check, files.paths[i], "a file of the configuration");
		add(&folders, source_folder(files.paths[i], check->arena));
	}
	for (size_t i = 0; i < folders.count; i++)
		examine(check, folders.paths[i], "a folder of the configuration");
	if (check->service->state_folder)
		examine(check, check->service->state_folder, "the state folder");
}
