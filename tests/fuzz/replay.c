/* Runs a fuzz target over its committed corpus, with any compiler: the main of the replay_TARGET
 * programs. Without arguments it takes $srcdir/tests/fuzz/corpus/TARGET, else the files named. */
#include "platform.h"
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "replay_"

/* Hand one file to the target, in memory that ends where the file ends. */
static int replay_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	uint8_t *data = NULL;
	int result = -1;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		data = malloc(status.st_size ? (size_t)status.st_size : 1);
	if (data && read(fd, data, (size_t)status.st_size) == status.st_size)
		result = LLVMFuzzerTestOneInput(data, (size_t)status.st_size);
	if (result != 0)
		fprintf(stderr, "%s: cannot be replayed\n", path);
	free(data);
	if (fd >= 0)
		close(fd);
	return result;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The number of files replayed, in the order of their names; -1 when one could not be. */
static int replay_folder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_visible, alphasort);
	int replayed = 0;

	for (int i = 0; i < count; i++) {
		char path[4096];
		int length = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);

		if (length < 0 || (size_t)length >= sizeof(path) || replay_file(path) != 0)
			replayed = -1;
		if (replayed >= 0)
			replayed++;
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return replayed;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	const char *srcdir = getenv("srcdir");
	char folder[4096];
	int count = 0;

	for (int i = 1; i < argc; i++)
		count += replay_file(argv[i]) == 0;
	if (argc > 1)
		return count == argc - 1 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (strncmp(name, PREFIX, strlen(PREFIX)) == 0)
		name += strlen(PREFIX);
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", name);
	count = replay_folder(folder);
	printf("%s: %d inputs\n", folder, count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* an empty corpus tests nothing */
}
