/* A secret is literal, in a file of its own, or in the environment. */
#include "platform.h"

#include <string.h>

#include "base/environment.h"
#include "config/loading.h"

/* Without one line end: editors add it, and nobody means it. */
static void cut_line_end(struct source *source)
{
	if (source->length && source->text[source->length - 1] == '\n')
		source->length--;
	if (source->length && source->text[source->length - 1] == '\r')
		source->length--;
	source->text[source->length] = '\0';
}

static const char *from_file(struct loading *loading, const struct given *given, size_t index)
{
	struct origin origin = given_origin(given, index);
	const char *path =
	    source_beside(origin.file, given->values[index].text + 5, loading->scratch);
	const char *name = given->directive->name;
	struct source source;
	const char *cure;

	if (!path) {
		loading->out_of_memory = true;
		return NULL;
	}
	if (!source_read(path, origin, loading->scratch, loading->report, &source))
		return NULL;
	cure = source_exposure(&source.status);
	if (cure && directive_is_secret(given->directive)) {
		report_add(loading->report, REPORT_ERROR, origin,
		    "the file of \"%s\" can be read by others (mode %04o): %s %s", name,
		    (unsigned)source.status.st_mode & 07777, cure, path);
		return NULL;
	}
	cut_line_end(&source);
	if (source.length == 0 || strlen(source.text) != source.length) {
		report_add(loading->report, REPORT_ERROR, origin, "the file of \"%s\" %s: %s", name,
		    source.length ? "has a NUL byte" : "is empty", path);
		return NULL;
	}
	return loading_keep(loading, source.text);
}

static const char *from_environment(
    struct loading *loading, const struct given *given, size_t index)
{
	const char *variable = given->values[index].text + 4;
	const char *value = environment_value(variable);

	if (value && *value)
		return loading_keep(loading, value);
	report_add(loading->report, REPORT_ERROR, given_origin(given, index),
	    "\"%s\": the environment variable %s is %s", given->directive->name, variable,
	    value ? "empty" : "not set");
	return NULL;
}

const char *secret_resolve(struct loading *loading, const struct given *given, size_t index)
{
	const char *value = given->values[index].text;

	if (!given->literal && strncmp(value, "file:", 5) == 0)
		return from_file(loading, given, index);
	if (!given->literal && strncmp(value, "env:", 4) == 0)
		return from_environment(loading, given, index);
	return loading_keep(loading, value);
}
