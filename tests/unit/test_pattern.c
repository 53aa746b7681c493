/* channel/pattern: every line of tests/rules/patterns.txt. */
#include "platform.h"
#include "unit/runner.h"

#include <stdlib.h>
#include <string.h>

#include "channel/pattern.h"

static char *next_word(char **rest)
{
	char *word;

	do
		word = strsep(rest, " \t");
	while (word && !*word);
	return word;
}

static enum pattern_target read_target(const char *word)
{
	ck_assert_msg(strcmp(word, "channel") == 0 || strcmp(word, "path") == 0, "target %s", word);
	return strcmp(word, "path") == 0 ? PATTERN_PATH : PATTERN_CHANNEL;
}

static void check_match(const struct pattern *pattern, const char *subject, char *rest)
{
	struct captures captures;
	size_t seen = 0;
	char *word;

	ck_assert_msg(pattern_match(pattern, text_of(subject), &captures, NULL), "%s", subject);
	while ((word = next_word(&rest)) != NULL) {
		char *value = strchr(word, '=');

		ck_assert_uint_lt(seen, captures.count);
		*value++ = '\0';
		assert_text(captures.values[seen].name, word);
		assert_text(captures.values[seen].value.text, value);
		assert_text(pattern_capture_name(pattern, seen), word);
		seen++;
	}
	ck_assert_uint_eq(seen, captures.count);
	ck_assert_uint_eq(seen, pattern_capture_count(pattern));
}

static void check_miss(const struct pattern *pattern, const char *subject, char *rest)
{
	struct captures captures;
	size_t reached = 999;

	ck_assert_msg(
	    !pattern_match(pattern, text_of(subject), &captures, &reached), "%s", subject);
	ck_assert_uint_eq(captures.count, 0);
	ck_assert_msg(
	    reached == strtoul(next_word(&rest), NULL, 10), "%s reached %zu", subject, reached);
}

static void check_line(char *line)
{
	struct arena *arena = arena_new(100000);
	const char *verb = next_word(&line);
	enum pattern_target target = read_target(next_word(&line));
	const char *source = next_word(&line);
	const char *problem;
	struct pattern *pattern = pattern_compile(source, target, arena, &problem);

	if (strcmp(verb, "bad") == 0) {
		ck_assert_msg(!pattern, "%s compiled", source);
		ck_assert_msg(strstr(problem, line) != NULL, "%s: \"%s\"", source, problem);
	} else {
		const char *subject = next_word(&line);

		ck_assert_msg(pattern != NULL, "%s: %s", source, problem);
		subject = strcmp(subject, "-") == 0 ? "" : subject;
		if (strcmp(verb, "match") == 0)
			check_match(pattern, subject, line);
		else if (strcmp(verb, "miss") == 0)
			check_miss(pattern, subject, line);
		else
			ck_abort_msg("unknown verb %s", verb);
	}
	arena_free(arena);
}

START_TEST(every_line_of_the_pattern_table_holds)
{
	size_t length;
	char *file = read_test_file("rules/patterns.txt", &length);
	char *rest = file;
	char *line;
	int cases = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (!*line || *line == '#')
			continue;
		check_line(line);
		cases++;
	}
	ck_assert_int_gt(cases, 50);
	free(file);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("channel");
	TCase *tests = tcase_create("pattern");

	tcase_add_test(tests, every_line_of_the_pattern_table_holds);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
