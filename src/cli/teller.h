/* How does a subcommand with --json say something to a person, or to a program? */
#ifndef CASTGATE_CLI_TELLER_H
#define CASTGATE_CLI_TELLER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* For programs, each event is one JSON object on a line of its own, on standard output. `live`: somebody
 * watches on a terminal, where a line can be written over. `name`: the subcommand's, before what it complains of. */
struct teller {
	const char *name;
	bool json;
	bool live;
	struct arena *arena;
};

/* "name": "value"; left out when the value is absent. */
struct teller_field {
	const char *name;
	struct text value;
};

/* Say one thing: to a person `line` (standard output; NULL: nothing), to a program the event with its
 * fields. Control characters, which others may have written, are shown as '?', but for line feeds and tabs. */
void teller_say(const struct teller *teller, const char *line, const char *event,
    const struct teller_field *fields, size_t count);

/* Write over the last line of the terminal, where `live`: how far it is by now; NULL when that is over,
 * and nothing of it stays. */
void teller_progress(const struct teller *teller, const char *line);

/* Say that something is wrong: to a person on standard error. */
void teller_complain(const struct teller *teller, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
