/* Runs a libcheck suite and reads the data files that tests share. */
#include "platform.h"
#include "unit/runner.h"

#include <stdio.h>
#include <stdlib.h>

int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;
	int ran;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

char *read_test_file(const char *name, size_t *length)
{
	char path[1024];
	size_t size = 0;
	char *data = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", TEST_SRCDIR, name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "cannot open %s", path);
	for (;;) {
		size_t got;

		data = realloc(data, size + 4097);
		ck_assert_ptr_nonnull(data);
		got = fread(data + size, 1, 4096, file);
		size += got;
		if (got == 0)
			break;
	}
	fclose(file);
	data[size] = '\0';
	*length = size;
	return data;
}
