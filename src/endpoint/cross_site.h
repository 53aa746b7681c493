/* Did a page of another site make this request? */
#ifndef CASTGATE_ENDPOINT_CROSS_SITE_H
#define CASTGATE_ENDPOINT_CROSS_SITE_H

#include <stdbool.h>

#include "config/config.h"
#include "http/request.h"

/* True on evidence of it: a Sec-Fetch-Site other than same-origin and none without an Origin that is
 * listed in cors_origins, or an Origin ("null" included) that is neither listed nor the request's
 * own. Reading methods are never judged; without either header (servers, native clients) there is no
 * evidence. Asked for credentials that came in a cookie, which browsers send by themselves. */
bool cross_site_request(const struct config_endpoint *config, const struct request *request);

/* Is this origin listed for the endpoint? Exact bytes. */
bool cross_site_listed(const struct config_endpoint *config, struct text origin);

#endif
