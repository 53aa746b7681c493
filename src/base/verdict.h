/* What was decided, why, and which HTTP status does that become? */
#ifndef CASTGATE_BASE_VERDICT_H
#define CASTGATE_BASE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

/* Every way a request can end. Zeroed memory is OUTCOME_UNDECIDED, which refuses. */
enum outcome {
	OUTCOME_UNDECIDED,
	OUTCOME_ALLOWED,
	OUTCOME_PREFLIGHT,
	OUTCOME_PROBE_ANSWERED,
	OUTCOME_ENDPOINT_UNKNOWN,
	OUTCOME_METHOD_NOT_ALLOWED,
	OUTCOME_BODY_TOO_LARGE,
	OUTCOME_REQUEST_INCOMPLETE,
	OUTCOME_REQUEST_MALFORMED,
	OUTCOME_PARAMETER_REPEATED,
	OUTCOME_SOCKET_ID_MISSING,
	OUTCOME_SOCKET_ID_INVALID,
	OUTCOME_CHANNEL_MISSING,
	OUTCOME_CHANNEL_INVALID,
	OUTCOME_BATCH_INVALID,
	OUTCOME_CREDENTIAL_MISSING,
	OUTCOME_CREDENTIAL_MALFORMED,
	OUTCOME_TOKEN_UNKNOWN,
	OUTCOME_TOKEN_MISMATCH,
	OUTCOME_TOKEN_AMBIGUOUS,
	OUTCOME_TOKEN_EXPIRED,
	OUTCOME_SIGNATURE_INVALID,
	OUTCOME_SESSION_EXPIRED,
	OUTCOME_SESSION_REVOKED,
	OUTCOME_REFRESH_REUSED,
	OUTCOME_SESSION_NOT_FOUND,
	OUTCOME_ALGORITHM_NOT_ALLOWED,
	OUTCOME_KEY_UNKNOWN,
	OUTCOME_TOKEN_NOT_YET_VALID,
	OUTCOME_CLAIM_MISSING,
	OUTCOME_CLAIM_MISMATCH,
	OUTCOME_OWNER_TYPE_UNKNOWN,
	OUTCOME_OWNER_MISSING,
	OUTCOME_CROSS_SITE_REQUEST,
	OUTCOME_CLIENT_NOT_ALLOWED,
	OUTCOME_CHANNEL_NOT_GUARDED,
	OUTCOME_CHANNEL_EMPTY,
	OUTCOME_NO_RULE,
	OUTCOME_VALUE_MISSING,
	OUTCOME_NO_ROW,
	OUTCOME_ROW_NOT_PROVEN,
	OUTCOME_VALUE_DISAGREES,
	OUTCOME_TEMPLATE_MISMATCH,
	OUTCOME_TEMPLATE_AMBIGUOUS,
	OUTCOME_USER_DATA_INVALID,
	OUTCOME_MASTER_KEY_MISSING,
	OUTCOME_TOO_MANY_FAILURES,
	OUTCOME_TOO_MANY_REQUESTS,
	OUTCOME_DATABASE_UNAVAILABLE,
	OUTCOME_DATABASE_FULL,
	OUTCOME_DATABASE_LOCKED,
	OUTCOME_DATABASE_NOT_PRIMARY,
	OUTCOME_DATABASE_BEHIND,
	OUTCOME_REPLICA_UNCONFIRMED,
	OUTCOME_DATABASE_FORBIDDEN,
	OUTCOME_TABLE_MISSING,
	OUTCOME_DATABASE_ERROR,
	OUTCOME_KEY_SET_UNAVAILABLE,
	OUTCOME_APP_KEYS_MISSING,
	OUTCOME_AUDIT_FAILED,
	OUTCOME_CONFIGURATION_BROKEN,
	OUTCOME_RESOURCES_EXHAUSTED,
	OUTCOME_COUNT
};

/* `detail` is for the log only, never for a client; NULL, static, or owned by the request. */
struct verdict {
	enum outcome outcome;
	const char *detail;
};

/* One row of the outcome table: what the log, the manual page and the tool say about it. */
struct outcome_row {
	const char *reason;  /* stable code, snake_case */
	int status;          /* HTTP status; a dialect may word 401 and CHANNEL_MISSING otherwise */
	const char *meaning; /* one sentence: what happened */
	const char *cure;    /* one sentence: what the operator does about it */
};

/* The row for an outcome; out-of-range values get the row of OUTCOME_UNDECIDED. Never NULL. */
const struct outcome_row *outcome_row(enum outcome outcome);

/* The standard phrase of an HTTP status castgate sends ("Forbidden"); "Unknown" for others. */
const char *http_phrase(int status);

static inline struct verdict verdict_of(enum outcome outcome)
{
	return (struct verdict){outcome, NULL};
}

static inline bool verdict_allows(struct verdict verdict)
{
	return verdict.outcome == OUTCOME_ALLOWED;
}

/* True for outcomes that mean "we could not find out" (status 503): they stop a credential chain
 * and a batch, and are never worded as a refusal. */
bool verdict_is_outage(struct verdict verdict);

#endif
