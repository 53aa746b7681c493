/* One function for each type of directive that takes one value, and the table of all types. */
#include "platform.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "codec/base64.h"
#include "config/loading.h"
#include "config/spelling.h"
#include "config/unit.h"
#include "config/value.h"

struct origin given_origin(const struct given *given, size_t index)
{
	return (struct origin){given->origin.file,
	    given->values[index].line ? given->values[index].line : given->origin.line};
}

const char *loading_keep(struct loading *loading, const char *text)
{
	const char *copy = arena_copy(loading->arena, text, strlen(text));

	loading->out_of_memory |= !copy;
	return copy;
}

void *loading_array(struct loading *loading, size_t count, size_t size)
{
	void *array = arena_array(loading->arena, count ? count : 1, size);

	loading->out_of_memory |= !array;
	return array;
}

void *value_field(const struct given *given, void *structure)
{
	return (char *)structure + given->directive->offset;
}

static void report_word(struct loading *loading, const struct given *given, size_t index)
{
	const char *words = given->directive->words;
	const char *value = given->values[index].text;
	struct spelling spelling = spelling_of(value);
	struct text word;

	for (size_t i = 0; word = words_at(words, i), text_present(word); i++)
		spelling_try(&spelling, word);
	report_add(loading->report, REPORT_ERROR, given_origin(given, index),
	    "\"%s\" cannot be \"%s\"; it is one of %s" SPELLING_HINT, given->directive->name, value,
	    words_listed(words, ", ", loading->scratch), SPELLING_HINT_ARGS(spelling));
}

bool value_well_formed(struct loading *loading, const struct given *given, size_t index)
{
	const struct directive *directive = given->directive;
	const char *value = given->values[index].text;
	const char *problem;

	if (directive->words && directive->type != TYPE_PATH &&
	    words_index(directive->words, value) < 0) {
		report_word(loading, given, index);
		return false;
	}
	problem = directive->problem ? directive->problem(value) : NULL;
	if (problem)
		report_add(loading->report, REPORT_ERROR, given_origin(given, index),
		    "\"%s\": \"%s\" %s", directive->name, value, problem);
	return !problem;
}

static void load_text(struct loading *loading, const struct given *given, void *structure)
{
	const char **field = value_field(given, structure);

	if (value_well_formed(loading, given, 0))
		*field = loading_keep(loading, given->values[0].text);
}

static void load_choice(struct loading *loading, const struct given *given, void *structure)
{
	unsigned place;

	_Static_assert(sizeof(enum config_tls) == sizeof(place), "an enum is an unsigned int");
	if (!value_well_formed(loading, given, 0))
		return;
	place = (unsigned)words_index(given->directive->words, given->values[0].text);
	memcpy(value_field(given, structure), &place, sizeof(place));
}

static void load_boolean(struct loading *loading, const struct given *given, void *structure)
{
	const char *value = given->values[0].text;
	bool *field = value_field(given, structure);

	if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
		*field = value[0] == 't';
	else
		report_add(loading->report, REPORT_ERROR, given_origin(given, 0),
		    "\"%s\" must be true or false", given->directive->name);
}

/* Numbers of any unit, within the row's limits. */
static bool load_amount(
    struct loading *loading, const struct given *given, enum unit unit, uint64_t *amount)
{
	const struct directive *directive = given->directive;
	bool age = directive->type == TYPE_AGE;
	bool whole_seconds = age || directive->type == TYPE_TOUCH;
	bool or_off = directive->type == TYPE_TOUCH || directive->type == TYPE_LIMIT;
	uint64_t scale = age ? 1000 : 1;
	char low[UNIT_TEXT_BYTES];
	char high[UNIT_TEXT_BYTES];

	if (unit_parse(unit, given->values[0].text, amount) &&
	    *amount >= scale * directive->minimum && *amount <= scale * directive->maximum &&
	    !(whole_seconds && *amount % 1000))
		return true;
	unit_format(unit, scale * directive->minimum, low);
	unit_format(unit, scale * directive->maximum, high);
	report_add(loading->report, REPORT_ERROR, given_origin(given, 0),
	    "\"%s\" must be %s%s from %s to %s", directive->name, or_off ? "off, or " : "",
	    unit_describe(unit), low, high);
	return false;
}

static void load_number(struct loading *loading, const struct given *given, void *structure)
{
	unsigned *field = value_field(given, structure);
	uint64_t amount;

	if (load_amount(loading, given, UNIT_NONE, &amount))
		*field = (unsigned)amount;
}

static void load_limit(struct loading *loading, const struct given *given, void *structure)
{
	unsigned *field = value_field(given, structure);

	if (strcmp(given->values[0].text, "off") == 0)
		*field = 0;
	else
		load_number(loading, given, structure);
}

static void load_duration(struct loading *loading, const struct given *given, void *structure)
{
	unsigned *field = value_field(given, structure);
	uint64_t amount;

	if (load_amount(loading, given, UNIT_MILLISECONDS, &amount))
		*field = (unsigned)amount;
}

static void load_age(struct loading *loading, const struct given *given, void *structure)
{
	int64_t *field = value_field(given, structure);
	uint64_t amount;

	if (load_amount(loading, given, UNIT_MILLISECONDS, &amount))
		*field = (int64_t)(amount / 1000);
}

static void load_size(struct loading *loading, const struct given *given, void *structure)
{
	enum unit unit = given->directive->maximum < 1024 ? UNIT_NONE : UNIT_BYTES;
	size_t *field = value_field(given, structure);
	uint64_t amount;

	if (load_amount(loading, given, unit, &amount))
		*field = (size_t)amount;
}

static void load_touch(struct loading *loading, const struct given *given, void *structure)
{
	int64_t *field = value_field(given, structure);
	uint64_t amount;

	if (strcmp(given->values[0].text, "off") == 0)
		*field = CONFIG_TOUCH_OFF;
	else if (load_amount(loading, given, UNIT_MILLISECONDS, &amount))
		*field = (int64_t)(amount / 1000);
}

/* The process may change its directory later. */
static const char *absolute(struct loading *loading, const char *path)
{
	char folder[PATH_MAX];

	if (path && path[0] != '/' && getcwd(folder, sizeof(folder)))
		path = arena_printf(loading->arena, "%s/%s", folder, path);
	loading->out_of_memory |= !path;
	return path;
}

static void load_path(struct loading *loading, const struct given *given, void *structure)
{
	const char *value = given->values[0].text;
	const char **field = value_field(given, structure);
	bool word = given->directive->words && words_index(given->directive->words, value) >= 0;

	if (!value_well_formed(loading, given, 0))
		return;
	if (value[0] == '~') {
		report_add(loading->report, REPORT_ERROR, given_origin(given, 0),
		    "\"%s\": \"~\" is not expanded; write the whole path", given->directive->name);
		return;
	}
	if (word || strstr(value, "://"))
		*field = loading_keep(loading, value);
	else
		*field =
		    absolute(loading, source_beside(given->origin.file, value, loading->arena));
}

static void load_secret(struct loading *loading, const struct given *given, void *structure)
{
	const char **field = value_field(given, structure);

	*field = secret_resolve(loading, given, 0);
}

static void load_master_key(struct loading *loading, const struct given *given, void *structure)
{
	const char *text = secret_resolve(loading, given, 0);
	struct text bytes;

	if (!text)
		return;
	if (base64_decode(text_of(text), loading->scratch, &bytes) &&
	    bytes.length == sizeof(((struct config_app *)NULL)->master_key))
		memcpy(value_field(given, structure), bytes.data, bytes.length);
	else
		report_add(loading->report, REPORT_ERROR, given_origin(given, 0),
		    "\"%s\" must be the base64 text of exactly 32 bytes, for example from: "
		    "openssl rand -base64 32",
		    given->directive->name);
}

static void (*const loaders[TYPE_COUNT])(
    struct loading *loading, const struct given *given, void *structure) = {
    [TYPE_TEXT] = load_text,
    [TYPE_WORD] = load_text,
    [TYPE_CHOICE] = load_choice,
    [TYPE_BOOLEAN] = load_boolean,
    [TYPE_NUMBER] = load_number,
    [TYPE_LIMIT] = load_limit,
    [TYPE_DURATION] = load_duration,
    [TYPE_TOUCH] = load_touch,
    [TYPE_AGE] = load_age,
    [TYPE_SIZE] = load_size,
    [TYPE_PATH] = load_path,
    [TYPE_KEY] = load_secret,
    [TYPE_SECRET] = load_secret,
    [TYPE_MASTER_KEY] = load_master_key,
    [TYPE_LIST] = value_load_list,
    [TYPE_SECRETS] = value_load_secrets,
    [TYPE_PAIRS] = value_load_pairs,
    [TYPE_KINDS] = value_load_kinds,
    [TYPE_APP] = value_load_app,
    [TYPE_CREDENTIALS] = value_load_credentials,
};

void value_load(struct loading *loading, const struct given *given, void *structure)
{
	loaders[given->directive->type](loading, given, structure);
}
