/* How does one unit test program run its cases? */
#ifndef CASTGATE_TESTS_UNIT_RUNNER_H
#define CASTGATE_TESTS_UNIT_RUNNER_H

#include <check.h>

#include "base/text.h"

/* Run a suite that the caller built; returns main's exit status: 0 only when every test passed and
 * at least one ran. */
int run_suite(Suite *suite);

/* Assert that a text has exactly these bytes. */
#define assert_text(actual, wanted)                                                                \
	do {                                                                                       \
		struct text actual_ = (actual);                                                    \
		const char *wanted_ = (wanted);                                                    \
		ck_assert_msg(text_is(actual_, wanted_), "got \"%.*s\", expected \"%s\"",          \
		    (int)actual_.length, actual_.data ? actual_.data : "(absent)", wanted_);       \
	} while (0)

/* Read a file below tests/ whole, NUL-terminated; aborts the test when it cannot. The caller frees
 * the bytes. */
char *read_test_file(const char *name, size_t *length);

#endif
