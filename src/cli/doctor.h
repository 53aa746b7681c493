/* What may go wrong although everything works now? */
#ifndef CASTGATE_CLI_DOCTOR_H
#define CASTGATE_CLI_DOCTOR_H

#include "cli/check.h"

/* Tell what was found about state folder and clock, and warn of plans that read whole tables, grants
 * beyond need and clocks that differ. The service is one that service_check has found good; of the
 * database nothing is asked when offline. */
void doctor_examine(const struct check *check);

#endif
