/* How are sessions read, judged and written? Shared by the files of session/, inside it only. */
#ifndef CASTGATE_SESSION_SESSION_STORE_H
#define CASTGATE_SESSION_SESSION_STORE_H

#include "crypto/jwk.h"
#include "crypto/signing_key.h"
#include "session/session.h"
#include "session/session_key.h"
#include "session/session_sql.h"

#define SESSION_TIME_BYTES CLOCK_RFC3339_BYTES

/* From the configuration, in microseconds. */
struct session_terms {
	int64_t idle;
	int64_t absolute;
	int64_t grace;
};

/* What signs access tokens, and recognises them. */
struct session_signer {
	const struct jwa *algorithm;
	struct text kid;
	struct jwk_set *set;     /* owns the key of a secret */
	struct signing_key *own; /* owns any other */
	struct evp_pkey_st *key;
};

struct sessions {
	const struct config_credential *config;
	struct db *db;
	const struct clock *clock;
	struct session_keys *keys;
	struct session_signer *signers; /* the first signs */
	size_t signer_count;
	struct session_terms terms;
	struct db_statement *statements[SESSION_STATEMENTS];
};

/* A row, whole. `revoked` is set when it cannot be read, too: what is unclear does not live. */
struct session_row {
	struct session session;
	struct text provider_session_id;
	struct text cookie_hash;
	struct text salt;
	struct text token_hash; /* of the generation asked for; absent without a row */
	uint64_t generation;
	int64_t refreshed;
	bool revoked;
};

/* Prepare what signs access tokens. False for a key that is none, with an error in the report, when
 * OpenSSL fails and when memory is out. */
bool session_access_open(struct sessions *sessions, struct arena *lifetime, struct report *report);
void session_access_close(struct sessions *sessions);

int64_t session_now(const struct sessions *sessions);

/* Write a moment as the tables hold it, "YYYY-MM-DDTHH:MM:SS.mmm". False outside the years 1 to 9999. */
bool session_time(int64_t moment, char out[SESSION_TIME_BYTES]);

/* Run one of the SELECTs that find at most one session. ALLOWED with *row, TOKEN_UNKNOWN when there
 * is none, or an outage; a row with a value that cannot be read is DATABASE_ERROR. */
struct verdict session_select(struct sessions *sessions, enum session_statement statement,
    const struct value *parameters, size_t count, struct arena *arena, struct session_row *row);

/* ALLOWED when the session lives now, else SESSION_REVOKED or SESSION_EXPIRED. */
struct verdict session_judge(const struct sessions *sessions, const struct session_row *row);

/* Run one of the statements that write. ALLOWED with *changed, or an outage. */
struct verdict session_write(struct sessions *sessions, enum session_statement statement,
    const struct value *parameters, size_t count, struct arena *arena, unsigned long long *changed);

/* Record a generation of a session's refresh token: nothing happens when it is on record already. */
struct verdict session_add_token(struct sessions *sessions, const struct session_row *row,
    uint64_t generation, struct text token, struct arena *arena);

/* The newest refresh token of a row. Absent when the arena is full. */
struct text session_newest_token(
    const struct sessions *sessions, const struct session_row *row, struct arena *arena);

/* SHA-256 of a text as a value for a BINARY(32) column; VALUE_NONE on failure. */
struct value session_hash(struct text text, struct arena *arena);

/* A text as a parameter. */
struct value session_text(struct text text);

/* A number as a parameter; VALUE_NONE when the arena is full. */
struct value session_number(uint64_t number, struct arena *arena);

#endif
