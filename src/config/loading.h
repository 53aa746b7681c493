/* What do the parts of loading a configuration share? */
#ifndef CASTGATE_CONFIG_LOADING_H
#define CASTGATE_CONFIG_LOADING_H

#include "config/config.h"
#include "config/laravel.h"
#include "config/scan.h"

/* `arena` keeps what the configuration keeps, `scratch` is wiped when loading ends. */
struct loading {
	struct config *config;
	struct arena *arena;
	struct arena *scratch;
	struct report *report;
	struct laravel laravel;
	bool out_of_memory;
};

/* The value of one directive, from wherever it came. */
struct given {
	const struct directive *directive;
	const struct scan_value *values;
	size_t count;
	struct origin origin; /* file NULL for a default */
	bool literal;         /* from a .env: "file:" and "env:" mean themselves */
};

/* Where one value of a list stands. */
struct origin given_origin(const struct given *given, size_t index);

/* Check the value against its row and store it in the field of `structure`. Mistakes go to the
 * report, and leave the field as it was. */
void value_load(struct loading *loading, const struct given *given, void *structure);

/* The text a secret or key stands for, kept in `loading->arena`; NULL with an error. Wipes nothing:
 * both arenas are wiped by their owners. */
const char *secret_resolve(struct loading *loading, const struct given *given, size_t index);

/* Keep a copy; NULL, and out_of_memory set, when the arena is full. */
const char *loading_keep(struct loading *loading, const char *text);
void *loading_array(struct loading *loading, size_t count, size_t size);

/* Everything that concerns more than one directive; also completes fields that depend on others. */
void check_config(struct loading *loading);
void check_endpoints(struct loading *loading);

#endif
