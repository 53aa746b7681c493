/* config/: a configuration loads or has errors, never both; and what config_show writes of one that
 * loads, with its secrets put back, loads again and shows the same. */
#include "platform.h"
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

/* Files that an input can name. All stand in a folder of this process, which is its working
 * directory while the target runs. */
static const struct {
	const char *name;
	const char *text;
} files[] = {
    {"secret", "dummy secret of 32 bytes or more, for tests\n"},
    {"master.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"},
    {"env", "BROADCAST_CONNECTION=reverb\nREVERB_APP_KEY=env-key\nREVERB_APP_SECRET=env-secret\n"
            "DB_CONNECTION=mysql\nDB_DATABASE=app\nDB_USERNAME=castgate\nDB_PASSWORD=pw\n"},
    {"more.conf", "log_level = debug\n"},
};
#define FILE_COUNT (sizeof(files) / sizeof(files[0]))
#define INPUT "fuzz.conf"

static char folder[32];

static void write_file(const char *name, const char *text, size_t length)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	FUZZ_REQUIRE(fd >= 0 && write(fd, text, length) == (ssize_t)length);
	close(fd);
}

static void leave_folder(void)
{
	if (chdir(folder) != 0)
		return;
	for (size_t i = 0; i < FILE_COUNT; i++)
		(void)unlink(files[i].name);
	(void)unlink(INPUT);
	(void)rmdir(folder);
}

/* Work in a folder of our own from the first input on, and go back after each: libFuzzer writes
 * its findings to the place it was started in. */
static int enter_folder(void)
{
	int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool first = !folder[0];

	FUZZ_REQUIRE(before >= 0);
	if (first) {
		snprintf(folder, sizeof(folder), "/tmp/castgate-fuzz-XXXXXX");
		FUZZ_REQUIRE(mkdtemp(folder) && atexit(leave_folder) == 0);
	}
	FUZZ_REQUIRE(chdir(folder) == 0);
	for (size_t i = 0; first && i < FILE_COUNT; i++)
		write_file(files[i].name, files[i].text, strlen(files[i].text));
	return before;
}

/* Load, and require that the report and the result agree. */
static struct config *load(void)
{
	struct report *report = report_new();
	struct config *config = config_load(INPUT, report);

	FUZZ_REQUIRE(report && !config == report_failed(report));
	report_free(report);
	return config;
}

static char *show(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	FUZZ_REQUIRE(stream);
	config_show(config, stream);
	FUZZ_REQUIRE(fclose(stream) == 0);
	return text;
}

/* The text with a secret, each another, in the place of each mask. */
static char *unmask(const char *text)
{
	static const char mask[] = "\"********\"";
	static const char key[] = "encryption_master_key = ";
	char *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&out, &size);
	const char *start = text;
	unsigned count = 0;

	FUZZ_REQUIRE(stream);
	while (*text) {
		if (strncmp(text, mask, sizeof(mask) - 1) != 0) {
			fputc(*text++, stream);
			continue;
		}
		if (text - start >= (long)sizeof(key) &&
		    memcmp(text - sizeof(key) + 1, key, sizeof(key) - 1) == 0)
			fputs("\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"", stream);
		else
			fprintf(stream, "\"%04u secret of 32 bytes and more\"", count++);
		text += sizeof(mask) - 1;
	}
	FUZZ_REQUIRE(fclose(stream) == 0);
	return out;
}

static void check_round_trip(struct config *config)
{
	char *first = show(config);
	char *whole = unmask(first);
	char *second;

	write_file(INPUT, whole, strlen(whole));
	config_free(config);
	config = load();
	FUZZ_REQUIRE(config);
	second = show(config);
	FUZZ_REQUIRE(strcmp(first, second) == 0);
	config_free(config);
	free(first);
	free(second);
	free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before = enter_folder();
	struct text input = fuzz_text(data, size);
	struct config *config;

	write_file(INPUT, input.data, input.length);
	config = load();
	/* a mask in the input itself could not be told from a secret's */
	if (config && !memmem(input.data, input.length, "****", 4))
		check_round_trip(config);
	else
		config_free(config);
	FUZZ_REQUIRE(fchdir(before) == 0);
	close(before);
	return 0;
}
