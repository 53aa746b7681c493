/* What does every fuzz target share? Each defines LLVMFuzzerTestOneInput and is linked twice: with
 * libFuzzer, and with replay.c. */
#ifndef CASTGATE_TESTS_FUZZ_H
#define CASTGATE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that holds for every input. When it does not, say which and abort, which is what both
 * libFuzzer and the replay count as a failure. */
#define FUZZ_REQUIRE(property)                                                                     \
	do {                                                                                       \
		if (!(property))                                                                   \
			fuzz_fail(__FILE__, __LINE__, #property);                                  \
	} while (0)
_Noreturn void fuzz_fail(const char *file, int line, const char *property);

/* The input as a text: present even when it is empty. */
struct text fuzz_text(const uint8_t *data, size_t size);

/* Cut the first line, without its '\n', off `rest`. */
struct text fuzz_line(struct text *rest);

/* A NUL-terminated copy that ends where its memory ends; the caller frees it. A NUL inside `text`
 * ends the string early. */
char *fuzz_string(struct text text);

#endif
