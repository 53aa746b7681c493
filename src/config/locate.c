/* Finds the configuration file, and refuses one that the web server could hand out. */
#include "platform.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

/* A file that is asked for by name counts even when it is not there, so that the error names it. */
static const char *choose(
    const struct config_search *search, struct arena *arena, struct report *report)
{
	const char *system = CASTGATE_SYSCONFDIR "/castgate/castgate.conf";
	const char *personal;

	if (search->explicit_path)
		return arena_copy(arena, search->explicit_path, strlen(search->explicit_path));
	if (search->environment_path && *search->environment_path)
		return arena_copy(
		    arena, search->environment_path, strlen(search->environment_path));
	personal = search->home && *search->home
	               ? arena_printf(arena, "%s/.castgate/castgate.conf", search->home)
	               : NULL;
	if (personal && access(personal, F_OK) == 0)
		return personal;
	if (access(system, F_OK) == 0)
		return arena_copy(arena, system, strlen(system));
	report_add(report, REPORT_ERROR, (struct origin){0},
	    "no configuration: neither %s nor %s exists",
	    personal ? personal : "~/.castgate/castgate.conf", system);
	return NULL;
}

/* Real paths are compared, so that a link does not hide where the file is. What cannot be resolved
 * is compared as it is written. */
static bool lies_below(const char *file, const char *folder)
{
	char real_file[PATH_MAX];
	char real_folder[PATH_MAX];
	size_t length;

	if (realpath(file, real_file))
		file = real_file;
	if (realpath(folder, real_folder))
		folder = real_folder;
	length = strlen(folder);
	while (length > 1 && folder[length - 1] == '/')
		length--;
	return strncmp(file, folder, length) == 0 &&
	       (length == 1 || file[length] == '/' || file[length] == '\0');
}

const char *config_locate(
    const struct config_search *search, struct arena *arena, struct report *report)
{
	const char *path = choose(search, arena, report);

	if (!path || !search->document_root || !*search->document_root ||
	    !lies_below(path, search->document_root))
		return path;
	report_add(report, REPORT_ERROR, (struct origin){path, 1},
	    "the configuration lies below the web server's document root (%s), where it could be "
	    "fetched: move it away",
	    search->document_root);
	return NULL;
}
