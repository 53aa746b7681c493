/* phpdotenv's value automaton, and its replacement of ${NAME} from right to left. */
#include "platform.h"
#include "config/dotenv_value.h"

#include <string.h>

#include "base/ascii.h"

enum state { INITIAL, UNQUOTED, SINGLE_QUOTED, DOUBLE_QUOTED, ESCAPE, WHITESPACE, COMMENT };

/* The text built so far, and whether each of its bytes is a "$" that may begin a variable. */
struct building {
	struct buffer text;
	struct buffer marks;
	enum state state;
};

static bool is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void add(struct building *building, char byte, bool variable)
{
	buffer_add_byte(&building->text, byte);
	buffer_add_byte(&building->marks, variable ? '$' : ' ');
}

static const char *step_escape(struct building *building, char byte)
{
	static const char names[] = "fnrtv";
	static const char bytes[] = "\f\n\r\t\v";
	const char *at = byte ? strchr(names, byte) : NULL;

	building->state = DOUBLE_QUOTED;
	if (byte == '"' || byte == '\\' || byte == '$')
		add(building, byte, false);
	else if (at)
		add(building, bytes[at - names], false);
	else
		return "an unknown escape in double quotes";
	return NULL;
}

static void step_unquoted(struct building *building, char byte)
{
	building->state = UNQUOTED;
	if (byte == '#')
		building->state = COMMENT;
	else if (is_space(byte))
		building->state = WHITESPACE;
	else
		add(building, byte, byte == '$');
}

static const char *step(struct building *building, char byte)
{
	switch (building->state) {
	case INITIAL:
		if (byte == '\'' || byte == '"')
			building->state = byte == '"' ? DOUBLE_QUOTED : SINGLE_QUOTED;
		else
			step_unquoted(building, byte);
		return NULL;
	case UNQUOTED:
		step_unquoted(building, byte);
		return NULL;
	case SINGLE_QUOTED:
		if (byte == '\'')
			building->state = WHITESPACE;
		else
			add(building, byte, false);
		return NULL;
	case DOUBLE_QUOTED:
		if (byte == '"')
			building->state = WHITESPACE;
		else if (byte == '\\')
			building->state = ESCAPE;
		else
			add(building, byte, byte == '$');
		return NULL;
	case ESCAPE:
		return step_escape(building, byte);
	case WHITESPACE:
		if (byte == '#')
			building->state = COMMENT;
		else if (!is_space(byte))
			return "text after white space or a closing quote; quote the whole value";
		return NULL;
	case COMMENT:
	default:
		return NULL;
	}
}

/* The length of "${NAME}" at the start of the text, or 0. */
static size_t variable_length(struct text text)
{
	size_t end = 2;

	if (!text_starts_with(text, "${"))
		return 0;
	while (end < text.length && ascii_is_word(text.data[end], "_."))
		end++;
	return end > 2 && end < text.length && text.data[end] == '}' ? end + 1 : 0;
}

/* Replace the variable at `at`, when there is one the file knows. */
static struct text replace_at(
    const struct dotenv *known, struct text text, size_t at, struct arena *arena)
{
	struct text tail = text_skip(text, at);
	size_t length = variable_length(tail);
	struct buffer out = buffer_start(arena);
	const struct dotenv_entry *entry;
	const char *name;

	if (!length)
		return text;
	name = arena_copy(arena, tail.data + 2, length - 3);
	entry = name ? dotenv_find(known, name) : NULL;
	if (!entry)
		return name ? text : (struct text){0};
	buffer_add(&out, (struct text){text.data, at});
	buffer_add_string(&out, entry->value);
	buffer_add(&out, text_skip(tail, length));
	return buffer_text(&out);
}

const char *dotenv_value(
    const struct dotenv *known, struct text raw, struct arena *arena, const char **value)
{
	struct building building = {.text = buffer_start(arena), .marks = buffer_start(arena)};
	struct text text;
	struct text marks;

	for (size_t i = 0; i < raw.length; i++) {
		const char *problem = step(&building, raw.data[i]);

		if (problem)
			return problem;
	}
	if (building.state == SINGLE_QUOTED || building.state == DOUBLE_QUOTED ||
	    building.state == ESCAPE)
		return "a quote is not closed";
	text = buffer_text(&building.text);
	marks = buffer_text(&building.marks);
	for (size_t i = marks.length; i > 0 && text_present(text); i--)
		if (marks.data[i - 1] == '$')
			text = replace_at(known, text, i - 1, arena);
	*value = text_present(marks) ? text.data : NULL;
	return NULL;
}
