/* Reads files whole and tells who else could. */
#include "platform.h"
#include "config/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Fill from the descriptor up to one byte more than allowed; the file may grow under us. */
static bool read_whole(int fd, struct arena *arena, struct source *source)
{
	size_t room = (size_t)source->status.st_size + 1;

	source->text = arena_alloc(arena, room + 1);
	if (!source->text) {
		errno = ENOMEM;
		return false;
	}
	if (!descriptor_read(fd, source->text, room, &source->length))
		return false;
	if (source->length < room)
		return true;
	errno = EBUSY; /* longer than fstat said */
	return false;
}

static const char *open_problem(int fd, struct arena *arena, struct source *source)
{
	if (fd < 0 || fstat(fd, &source->status) != 0)
		return strerror(errno);
	if (!S_ISREG(source->status.st_mode))
		return "not a regular file";
	if (source->status.st_size > SOURCE_MAX_BYTES)
		return "longer than 1 MiB";
	return read_whole(fd, arena, source) ? NULL : strerror(errno);
}

bool source_read(const char *path, struct origin origin, struct arena *arena, struct report *report,
    struct source *source)
{
	/* O_NONBLOCK: a FIFO must not hang the start */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *problem;

	*source = (struct source){.path = path};
	problem = open_problem(fd, arena, source);
	if (problem)
		report_add(report, REPORT_ERROR, origin, "cannot read %s: %s", path, problem);
	if (fd >= 0)
		(void)close(fd);
	return !problem;
}

static unsigned line_at(const char *text, size_t length)
{
	unsigned line = 1;

	for (size_t i = 0; i < length; i++)
		line += text[i] == '\n';
	return line;
}

bool source_is_text(const struct source *source, struct report *report)
{
	struct origin origin = {source->path, 1};
	const char *nul = memchr(source->text, '\0', source->length);
	struct text rest = {source->text, source->length};

	if (nul) {
		origin.line = line_at(source->text, (size_t)(nul - source->text));
		report_add(report, REPORT_ERROR, origin, "a NUL byte: this is not a text file");
		return false;
	}
	while (rest.length) {
		struct text line = {rest.data, text_find(rest, '\n')};

		if (!text_is_utf8(line)) {
			report_add(report, REPORT_ERROR, origin, "this line is not UTF-8");
			return false;
		}
		rest = text_skip(rest, line.length + (line.length < rest.length));
		origin.line++;
	}
	return true;
}

static bool is_own_group(gid_t group)
{
	gid_t groups[1024];
	int count = getgroups((int)(sizeof(groups) / sizeof(groups[0])), groups);

	if (group == getegid())
		return true;
	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return false;
}

const char *source_exposure(const struct stat *status)
{
	/* root looks at files meant for a web server's group, and knows what it gave to whom */
	bool group_is_fine =
	    status->st_uid == 0 && (geteuid() == 0 || is_own_group(status->st_gid));

	if (!(status->st_mode & S_IROTH) && (!(status->st_mode & S_IRGRP) || group_is_fine))
		return NULL;
	/* a file of root's stays readable for us only through its group */
	return group_is_fine && geteuid() != 0 ? "chmod 640" : "chmod 600";
}

const char *source_folder(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_copy(arena, ".", 1);
	return arena_copy(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *source_beside(const char *file, const char *path, struct arena *arena)
{
	const char *slash = strrchr(file, '/');
	int length = slash ? (int)(slash - file) + 1 : 0;

	if (path[0] == '/')
		return arena_copy(arena, path, strlen(path));
	return arena_printf(arena, "%.*s%s", length, file, path);
}
