/* Which statements read and write sessions? For DBAs to read; inside session/ only. */
#ifndef CASTGATE_SESSION_SESSION_SQL_H
#define CASTGATE_SESSION_SESSION_SQL_H

/* Each is one row of the table in session_sql.c. */
enum session_statement {
	SESSION_BY_ID,
	SESSION_BY_COOKIE,
	SESSION_BY_PROVIDER,
	SESSION_FOR_REFRESH,
	SESSION_OF_USER,
	SESSION_CREATE,
	SESSION_ADD_TOKEN,
	SESSION_SET_COOKIE,
	SESSION_ROTATE,
	SESSION_REVOKE,
	SESSION_REVOKE_ALL,
	SESSION_TOUCH,
	SESSION_PRUNE_TOKENS,
	SESSION_PRUNE,
	SESSION_FORGET,
	SESSION_STATEMENTS
};

/* The columns of every SELECT, in this order; SESSION_FOR_REFRESH has one more. */
enum session_column {
	SESSION_ID,
	SESSION_USER_ID,
	SESSION_USER_AGENT,
	SESSION_IP_ADDRESS,
	SESSION_CREATED_AT,
	SESSION_LAST_SEEN_AT,
	SESSION_REVOKED_AT,
	SESSION_PROVIDER,
	SESSION_PROVIDER_SESSION_ID,
	SESSION_COOKIE_HASH,
	SESSION_GENERATION,
	SESSION_SALT,
	SESSION_REFRESHED_AT,
	SESSION_EXPIRES_AT,
	SESSION_TOKEN_HASH,
	SESSION_COLUMNS
};

/* The text of a statement; its parameters are listed beside it in session_sql.c. */
const char *session_sql(enum session_statement statement);

#endif
