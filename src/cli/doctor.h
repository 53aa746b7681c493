/* What may go wrong although everything works now? */
#ifndef CASTGATE_CLI_DOCTOR_H
#define CASTGATE_CLI_DOCTOR_H

#include "cli/check.h"

/* Tell what was found about state folder, sandbox, servers, clocks, connections and collations, and warn of
 * files that others may change, grants beyond need or below it, hosts that do not answer, clocks that
 * differ, limits that will be met, and plans that read whole tables. The service is one that
 * service_check has found good; of the database nothing is asked when offline. */
void doctor_examine(const struct check *check);

#endif
