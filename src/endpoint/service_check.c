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

/* What was found, after all that was looked at. */
struct finding {
	bool wrong;  /* something that will not work */
	bool outage; /* the database went away: nothing more is asked */
};

static void take(struct finding *finding, bool ok, bool outage)
{
	finding->wrong = finding->wrong || (!ok && !outage);
	finding->outage = finding->outage || (!ok && outage);
}

/* Can all of them work? */
static bool check_credentials(
    const struct endpoint *endpoint, struct report *report, struct finding *finding)
{
	bool all = true;

	for (size_t i = 0; i < endpoint->credential_count && !finding->outage; i++) {
		struct credential *credential = endpoint->credentials[i];
		bool outage = false;
		bool ok = credential->kind->check(credential->state, report, &outage);

		take(finding, ok, outage);
		all = all && ok;
	}
	return all;
}

static void check_questions(
    const struct endpoint *endpoint, struct report *report, struct finding *finding)
{
	bool outage = false;

	for (size_t i = 0; i < endpoint->rule_count && !finding->outage; i++) {
		bool ok = rule_check(endpoint->rules[i], report, &outage);

		take(finding, ok, outage);
	}
	if (endpoint->user_data && !finding->outage) {
		bool ok = query_check(endpoint->user_data, report, &outage);

		take(finding, ok, outage);
	}
}

bool service_check(struct service *service, struct report *report, bool *outage)
{
	struct finding finding = {.wrong = service->broken};

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
	for (size_t i = 0; i < service->endpoint_count && !finding.outage; i++) {
		struct endpoint *endpoint = &service->endpoints[i];

		if (check_credentials(endpoint, report, &finding))
			take(&finding, check_capture_names(service, endpoint, report), false);
		check_questions(endpoint, report, &finding);
	}
	/* what is wrong will be so when the database is back */
	*outage = finding.outage && !finding.wrong;
	return !finding.outage && !finding.wrong;
}
