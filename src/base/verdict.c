/* The closed table of outcomes: reason code, status, meaning and cure, one row each. */
#include "platform.h"
#include "base/verdict.h"

static const struct outcome_row rows[OUTCOME_COUNT] = {
    [OUTCOME_UNDECIDED] = {"undecided", 403, "No decision was reached.",
        "This is a defect in castgate; please report it with the log line."},
    [OUTCOME_ALLOWED] = {"allowed", 200, "The request was allowed and signed.", "Nothing to do."},
    [OUTCOME_PREFLIGHT] = {"preflight", 204, "A CORS preflight was answered.", "Nothing to do."},
    [OUTCOME_ENDPOINT_UNKNOWN] = {"endpoint_unknown", 404,
        "No endpoint is configured for the request's path.",
        "Add the path to an endpoint, or to its \"also\" list."},
    [OUTCOME_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405,
        "The endpoint does not answer this HTTP method.",
        "Send POST; a redirect on the way may have turned POST into GET."},
    [OUTCOME_BODY_TOO_LARGE] = {"body_too_large", 413,
        "The request body is longer than the endpoint's max_body.",
        "Raise max_body if such requests are meant to be served."},
    [OUTCOME_REQUEST_INCOMPLETE] = {"request_incomplete", 400, "The request did not arrive whole.",
        "Look for a body limit in the web server in front, or for clients that hang up."},
    [OUTCOME_REQUEST_MALFORMED] = {"request_malformed", 400,
        "The body or query string could not be read.",
        "Send socket_id and channel_name once each, as form fields or JSON strings."},
    [OUTCOME_PARAMETER_REPEATED] = {"parameter_repeated", 400,
        "A parameter that must be unique came more than once.",
        "Send socket_id and channel_name once each."},
    [OUTCOME_SOCKET_ID_MISSING] = {"socket_id_missing", 400, "The request has no socket_id.",
        "Let the client library make the request; it sends the socket id of its connection."},
    [OUTCOME_SOCKET_ID_INVALID] = {"socket_id_invalid", 400,
        "The socket_id is not digits, a dot, and digits.",
        "Send the socket id exactly as the WebSocket server gave it."},
    [OUTCOME_CHANNEL_MISSING] = {"channel_missing", 400, "The request has no channel_name.",
        "Let the client library make the request; it sends the channel's name."},
    [OUTCOME_CHANNEL_INVALID] = {"channel_invalid", 400,
        "The channel name has a forbidden byte or is too long.",
        "Use letters, digits and -_=@,.; only, at most 164 bytes."},
    [OUTCOME_BATCH_INVALID] = {"batch_invalid", 400,
        "A batch names no channel, too many, or one of them twice.",
        "Send each channel once, at most max_batch of them."},
    [OUTCOME_CREDENTIAL_MISSING] = {"credential_missing", 401,
        "No credential arrived with the request.",
        "If every user is refused, the web server drops the Authorization header; for Apache add: "
        "SetEnvIf Authorization \"(.+)\" HTTP_AUTHORIZATION=$1"},
    [OUTCOME_CREDENTIAL_MALFORMED] = {"credential_malformed", 401,
        "The credential does not have the form its kind requires.",
        "Send the token exactly as the application issued it, after \"Bearer \"."},
    [OUTCOME_TOKEN_UNKNOWN] = {"token_unknown", 401, "No such token exists.",
        "The token was revoked, belongs to another database, or was never issued; sign in again."},
    [OUTCOME_TOKEN_MISMATCH] = {"token_mismatch", 401,
        "A token like this exists, but it is not exactly the one that was presented.",
        "The client sends a damaged or forged token; sign in again."},
    [OUTCOME_TOKEN_AMBIGUOUS] = {"token_ambiguous", 401,
        "The credential's statement found more than one row for the token.",
        "Let identify return one row for one token: make the token's column unique."},
    [OUTCOME_TOKEN_EXPIRED] = {"token_expired", 401, "The token is past its expiry.",
        "Sign in again; if it expired too soon, compare the database's time_zone setting with the "
        "zone the application writes."},
    [OUTCOME_SIGNATURE_INVALID] = {"signature_invalid", 401,
        "The token's signature does not come from the configured key.",
        "The client sends a damaged or forged token, or the configured secret is another one's."},
    [OUTCOME_OWNER_TYPE_UNKNOWN] = {"owner_type_unknown", 401,
        "The token's owner type is not configured.",
        "Add an owner section for the tokenable_type named in the log."},
    [OUTCOME_OWNER_MISSING] = {"owner_missing", 401,
        "The token's owner does not exist or does not meet the owner's condition.",
        "The account was deleted or disabled; revoke its tokens."},
    [OUTCOME_CROSS_SITE_REQUEST] = {"cross_site_request", 403,
        "A cookie came with a request that a page of another site made.",
        "Serve the page from the endpoint's own origin, or list its origin in cors_origins."},
    [OUTCOME_CHANNEL_NOT_GUARDED] = {"channel_not_guarded", 403,
        "The channel has none of the prefixes that need authorization.",
        "Only private- and presence- channels are authorized; public ones need no request."},
    [OUTCOME_CHANNEL_EMPTY] = {"channel_empty", 403,
        "A valid credential came without a channel name.",
        "Let the client library make the request; it sends the channel's name."},
    [OUTCOME_NO_RULE] = {"no_rule", 403, "No channel rule matches the channel's name.",
        "Add a channel rule, or correct the name the client subscribes to."},
    [OUTCOME_VALUE_MISSING] = {"value_missing", 403,
        "A value that the rule needs is not known for this user.",
        "Give the credential's owner the column, or correct the rule."},
    [OUTCOME_NO_ROW] = {"no_row", 403, "The rule's statement found no row.",
        "The user may not listen; run the rule's SELECT by hand to see which condition fails."},
    [OUTCOME_ROW_NOT_PROVEN] = {"row_not_proven", 403,
        "A row was found, but it is not exactly about the values asked for.",
        "The database matched more loosely than byte for byte; correct the stored value."},
    [OUTCOME_TEMPLATE_MISMATCH] = {"template_mismatch", 403,
        "The channel is not the one built for this user.",
        "The client asks for another user's channel, or the template is wrong."},
    [OUTCOME_USER_DATA_INVALID] = {"user_data_invalid", 403,
        "The user's data cannot be signed: not UTF-8, or longer than the server accepts.",
        "Select fewer or shorter columns; store text as UTF-8."},
    [OUTCOME_MASTER_KEY_MISSING] = {"master_key_missing", 403,
        "An encrypted channel was asked for, but the app has no encryption_master_key.",
        "Set encryption_master_key, or take private-encrypted out of the rule's prefixes."},
    [OUTCOME_DATABASE_UNAVAILABLE] = {"database_unavailable", 503,
        "The database could not be reached.", "Look at the database server and at the log."},
    [OUTCOME_DATABASE_FULL] = {"database_full", 503,
        "The database accepts no more connections, or none for this user.",
        "Run fewer processes, or raise max_user_connections; shared hosts allow 10 to 30."},
    [OUTCOME_DATABASE_LOCKED] = {"database_locked", 503,
        "Another transaction held what the statement needed for too long.",
        "Look for long transactions or a table being altered."},
    [OUTCOME_DATABASE_NOT_PRIMARY] = {"database_not_primary", 503,
        "The node that answered is read-only or has lost its cluster.",
        "Look at the cluster; list further hosts in the database section."},
    [OUTCOME_DATABASE_FORBIDDEN] = {"database_forbidden", 503,
        "The database account lacks a privilege, or its password is wrong.",
        "Grant SELECT on what the log names; see sql/README.md."},
    [OUTCOME_TABLE_MISSING] = {"table_missing", 503, "A table that a statement reads is missing.",
        "Apply the migrations in sql/, or correct the table's name."},
    [OUTCOME_DATABASE_ERROR] = {"database_error", 503, "The database refused a statement.",
        "Run castgate check: it prepares every statement and names the one that fails."},
    [OUTCOME_APP_KEYS_MISSING] = {"app_keys_missing", 503, "The app has no key or secret.",
        "Set key and secret of the endpoint's app."},
    [OUTCOME_CONFIGURATION_BROKEN] = {"configuration_broken", 503,
        "The configuration has an error, so nothing is decided.",
        "Run castgate check: it names file and line."},
    [OUTCOME_RESOURCES_EXHAUSTED] = {"resources_exhausted", 503,
        "The request needed more memory than one request may use.",
        "Select fewer columns or rows in the rule."},
};

const struct outcome_row *outcome_row(enum outcome outcome)
{
	if ((unsigned)outcome >= OUTCOME_COUNT)
		outcome = OUTCOME_UNDECIDED;
	return &rows[outcome];
}

bool verdict_is_outage(struct verdict verdict)
{
	return outcome_row(verdict.outcome)->status == 503;
}

const char *http_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
	    {200, "OK"},
	    {204, "No Content"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {413, "Payload Too Large"},
	    {429, "Too Many Requests"},
	    {503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}
