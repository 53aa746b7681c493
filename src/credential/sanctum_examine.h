/* What may go wrong with a table of tokens although every token can be proven now? */
#ifndef CASTGATE_CREDENTIAL_SANCTUM_EXAMINE_H
#define CASTGATE_CREDENTIAL_SANCTUM_EXAMINE_H

#include <stdbool.h>

#include "base/report.h"
#include "config/config.h"
#include "db/db.h"

/* Warn where no index leads to a token by its id or its hash, and where last_used_at should be written and
 * the account may not, or is not written (sanctum_prolonged). Four round trips; for the operator, not for
 * requests. */
void sanctum_examine(const struct config_credential *config, bool has_expires_at, struct db *db,
    struct report *report);

#endif
