/* The types of directives that take a list or name another section. */
#include "platform.h"
#include "config/value.h"

#include <string.h>

#include "codec/subscription_syntax.h"
#include "config/spelling.h"
#include "config/syntax.h"

/* No value of a list may come twice: one of the two is a mistake. */
static bool is_repeated(struct loading *loading, const struct given *given, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(given->values[i].text, given->values[index].text) == 0) {
			report_add(loading->report, REPORT_ERROR, given_origin(given, index),
			    directive_is_secret(given->directive)
			        ? "\"%s\" has the same value twice"
			        : "\"%s\" has \"%s\" twice",
			    given->directive->name, given->values[index].text);
			return true;
		}
	return false;
}

void value_load_list(struct loading *loading, const struct given *given, void *structure)
{
	struct config_list *list = value_field(given, structure);

	list->items = loading_array(loading, given->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < given->count; i++)
		if (!is_repeated(loading, given, i) && value_well_formed(loading, given, i))
			list->items[list->count++] = loading_keep(loading, given->values[i].text);
}

void value_load_secrets(struct loading *loading, const struct given *given, void *structure)
{
	struct config_list *list = value_field(given, structure);

	list->items = loading_array(loading, given->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < given->count; i++) {
		const char *secret =
		    is_repeated(loading, given, i) ? NULL : secret_resolve(loading, given, i);

		if (secret && *secret)
			list->items[list->count++] = secret;
		else if (secret)
			report_add(loading->report, REPORT_ERROR, given_origin(given, i),
			    "\"%s\" has an empty one, which anybody could know",
			    given->directive->name);
	}
}

/* "NAME" alone means "NAME = NAME". */
static bool keep_pair(struct loading *loading, const char *item, struct config_pair *pair)
{
	struct text name;
	struct text value;

	syntax_split(item, &name, &value);
	if (!text_present(value))
		value = name;
	pair->name = arena_copy(loading->arena, name.data, name.length);
	pair->value = arena_copy(loading->arena, value.data, value.length);
	loading->out_of_memory |= !pair->name || !pair->value;
	return pair->name && pair->value;
}

void value_load_pairs(struct loading *loading, const struct given *given, void *structure)
{
	struct config_pair *pairs = loading_array(loading, given->count, sizeof(*pairs));
	size_t *count = (size_t *)(void *)((char *)structure + given->directive->count_offset);
	void *field = value_field(given, structure);

	memcpy(field, &pairs, sizeof(pairs));
	for (size_t i = 0; pairs && i < given->count; i++) {
		if (!value_well_formed(loading, given, i) ||
		    !keep_pair(loading, given->values[i].text, &pairs[*count]))
			continue;
		for (size_t k = 0; k < *count; k++)
			if (strcmp(pairs[k].name, pairs[*count].name) == 0)
				report_add(loading->report, REPORT_ERROR, given_origin(given, i),
				    "\"%s\" has \"%s\" twice", given->directive->name,
				    pairs[k].name);
		(*count)++;
	}
}

void value_load_kinds(struct loading *loading, const struct given *given, void *structure)
{
	unsigned *kinds = value_field(given, structure);

	for (size_t i = 0; i < given->count; i++)
		if (!is_repeated(loading, given, i) && value_well_formed(loading, given, i))
			*kinds |= channel_kind_named(text_of(given->values[i].text));
	if (given->count == 0)
		report_add(loading->report, REPORT_ERROR, given->origin,
		    "\"%s\" is empty: the rule would never apply", given->directive->name);
}

void value_load_app(struct loading *loading, const struct given *given, void *structure)
{
	const struct config *config = loading->config;
	const char *name = given->values[0].text;
	struct spelling spelling = spelling_of(name);
	const struct config_app **field = value_field(given, structure);

	for (size_t i = 0; i < config->app_count; i++) {
		if (strcmp(config->apps[i].name, name) == 0)
			*field = &config->apps[i];
		spelling_try(&spelling, text_of(config->apps[i].name));
	}
	if (!*field)
		report_add(loading->report, REPORT_ERROR, given_origin(given, 0),
		    "there is no app \"%s\"" SPELLING_HINT, name, SPELLING_HINT_ARGS(spelling));
}

static const struct config_credential *find_credential(
    struct loading *loading, const struct given *given, size_t index)
{
	const struct config *config = loading->config;
	const char *name = given->values[index].text;
	struct spelling spelling = spelling_of(name);

	for (size_t i = 0; i < config->credential_count; i++) {
		if (strcmp(config->credentials[i].name, name) == 0)
			return &config->credentials[i];
		spelling_try(&spelling, text_of(config->credentials[i].name));
	}
	report_add(loading->report, REPORT_ERROR, given_origin(given, index),
	    "there is no credential \"%s\"" SPELLING_HINT, name, SPELLING_HINT_ARGS(spelling));
	return NULL;
}

void value_load_credentials(struct loading *loading, const struct given *given, void *structure)
{
	const struct config_credential **found =
	    loading_array(loading, given->count, sizeof(*found));
	size_t *count = (size_t *)(void *)((char *)structure + given->directive->count_offset);
	const struct config_credential ***field = value_field(given, structure);

	*field = found;
	if (given->count == 0)
		report_add(loading->report, REPORT_ERROR, given->origin, "\"%s\" is empty",
		    given->directive->name);
	for (size_t i = 0; found && i < given->count; i++) {
		const struct config_credential *credential =
		    is_repeated(loading, given, i) ? NULL : find_credential(loading, given, i);

		if (credential)
			found[(*count)++] = credential;
	}
}
