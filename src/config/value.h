/* How is each type of directive read? Inside config/ only; everybody else calls value_load. */
#ifndef CASTGATE_CONFIG_VALUE_H
#define CASTGATE_CONFIG_VALUE_H

#include "config/loading.h"

/* The field that a value's row fills. */
void *value_field(const struct given *given, void *structure);

/* Is one value in the closed set, and of the right form? False with an error. */
bool value_well_formed(struct loading *loading, const struct given *given, size_t index);

/* Lists of texts, of secrets, of "NAME = VALUE", of channel prefixes. */
void value_load_list(struct loading *loading, const struct given *given, void *structure);
void value_load_secrets(struct loading *loading, const struct given *given, void *structure);
void value_load_pairs(struct loading *loading, const struct given *given, void *structure);
void value_load_kinds(struct loading *loading, const struct given *given, void *structure);

/* Names of apps and credentials; these sections are loaded before. */
void value_load_app(struct loading *loading, const struct given *given, void *structure);
void value_load_credentials(struct loading *loading, const struct given *given, void *structure);

#endif
