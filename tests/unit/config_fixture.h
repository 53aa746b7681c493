/* How do the configuration's tests get files with known text, modes and errors? */
#ifndef CASTGATE_TESTS_UNIT_CONFIG_FIXTURE_H
#define CASTGATE_TESTS_UNIT_CONFIG_FIXTURE_H

#include <stddef.h>
#include <sys/types.h>

#include "config/config.h"

/* The temporary folder of the running test; fixture_setup makes it, fixture_teardown removes it
 * with everything in it. */
extern char fixture_folder[64];
void fixture_setup(void);
void fixture_teardown(void);

/* Write a file below the folder, with this mode. A name may have folders, which are made. */
void fixture_write(const char *name, const char *text, size_t length, mode_t mode);

/* The same for a string and mode 0600. */
void fixture_file(const char *name, const char *text);

/* Load a file of the folder. The caller ends the configuration. */
struct config *fixture_load(const char *name, struct report *report);

/* Load the text as castgate.conf, and assert that it is refused with exactly these complaints, each
 * ended by a line feed, the folder's name written as "@". */
void fixture_refused(const char *text, const char *complaints);

/* A configuration, and what is wrong with it. */
struct mistake {
	const char *text;
	const char *complaints;
};
void fixture_refuse_all(const struct mistake *mistakes, size_t count);
#define REFUSE_ALL(rows) fixture_refuse_all(rows, sizeof(rows) / sizeof((rows)[0]))
#define AT(line) "@/castgate.conf:" #line ": error: "

/* Load the text as castgate.conf and assert that it is accepted without any complaint. */
struct config *fixture_accepted(const char *text);

/* Load a file and assert the complaints as above, errors or not. The configuration may be NULL. */
struct config *fixture_complains(const char *name, const char *complaints);

/* The text with every `from` replaced by `to`. The caller frees it. */
char *fixture_replace(const char *text, const char *from, const char *to);

/* A recipe's text, ready to load: its files are written as dummies, its .env is the folder's. The
 * caller frees it. */
#define FIXTURE_RECIPES 6
extern const char *const fixture_recipes[FIXTURE_RECIPES];
char *fixture_recipe(const char *name);

/* The least configuration that is accepted, in four lines. */
#define FIXTURE_APP "app \"main\" { key = \"k\" secret = \"s\" }\n"
#define FIXTURE_DATABASE "database { socket = \"/s\" name = \"d\" user = \"u\" }\n"
#define FIXTURE_CREDENTIAL "credential \"c\" { kind = sanctum owner 'U' { table = users } }\n"
#define FIXTURE_ENDPOINT                                                                           \
	"endpoint \"/auth\" { credentials = c channel \"x.{id:id}\" { allow = \"SELECT 1\" } }\n"
#define FIXTURE_ALL FIXTURE_APP FIXTURE_DATABASE FIXTURE_CREDENTIAL FIXTURE_ENDPOINT

/* The same around one part under test, which then begins at line 2, 3, 4 or 5. */
#define WITH_DATABASE(text) FIXTURE_APP text FIXTURE_CREDENTIAL FIXTURE_ENDPOINT
#define WITH_CREDENTIAL(text) FIXTURE_APP FIXTURE_DATABASE text FIXTURE_ENDPOINT
#define WITH_ENDPOINT(text) FIXTURE_APP FIXTURE_DATABASE FIXTURE_CREDENTIAL text
#define WITH_CHANNEL(text) WITH_ENDPOINT("endpoint \"/a\" { credentials = c\n" text "}\n")

#endif
