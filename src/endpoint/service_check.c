/* Asks the database whether each credential and rule can work as it is configured. */
#include "platform.h"
#include "endpoint/endpoint_open.h"

/* By now the columns that become values are known. */
static bool check_capture_names(
    struct service *service, const struct endpoint *endpoint, struct report *report)
{
	struct config_list names;
	bool ok = endpoint_identity_names(service, endpoint, &names, report);

	for (size_t i = 0; ok && i < endpoint->rule_count; i++)
		ok = rule_check_names(endpoint->rules[i], &names, report);
	return ok;
}

/* Replicas may be away: the others then answer alone. */
static void check_replicas(struct service *service, struct report *report)
{
	if (!db_ping_replica(service->db))
		report_add(report, REPORT_WARNING, service->config->database.origin,
		    "cannot reach the replicas: %s", db_error(service->db)->message);
}

static bool check_endpoint(
    struct service *service, struct endpoint *endpoint, struct report *report, bool *outage)
{
	bool ok = true;

	for (size_t i = 0; i < endpoint->credential_count; i++) {
		struct credential *credential = endpoint->credentials[i];

		ok = credential->kind->check(credential->state, report) && ok;
	}
	ok = ok && check_capture_names(service, endpoint, report);
	for (size_t i = 0; i < endpoint->rule_count && !*outage; i++)
		ok = rule_check(endpoint->rules[i], report, outage) && ok;
	if (endpoint->user_data && !*outage)
		ok = query_check(endpoint->user_data, report, outage) && ok;
	return ok;
}

bool service_check(struct service *service, struct report *report, bool *outage)
{
	bool ok = !service->broken;

	*outage = false;
	if (service->broken)
		return false;
	/* tokens and templates may do without a database */
	if (service->config->database.origin.file && !db_ping(service->db)) {
		*outage = true;
		report_add(report, REPORT_ERROR, service->config->database.origin,
		    "cannot reach the database: %s", db_error(service->db)->message);
		return false;
	}
	check_replicas(service, report);
	db_insist_on_primary(service->db);
	for (size_t i = 0; i < service->endpoint_count && !*outage; i++)
		ok = check_endpoint(service, &service->endpoints[i], report, outage) && ok;
	return ok;
}
