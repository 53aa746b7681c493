/* Who is asking? One small interface in front of every way to prove it. */
#ifndef CASTGATE_CREDENTIAL_CREDENTIAL_H
#define CASTGATE_CREDENTIAL_CREDENTIAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/report.h"
#include "base/trace.h"
#include "base/value.h"
#include "base/verdict.h"
#include "config/config.h"
#include "credential/companion.h"
#include "credential/source.h"
#include "crypto/digest.h"
#include "db/db.h"
#include "http/request.h"

/* What a credential proves. Zeroed memory proves nothing: its id has no value. */
struct identity {
	struct value id;            /* ":user" */
	struct value broadcast_id;  /* user_id of a presence channel; none: the id */
	struct named_value *values; /* ":user.NAME" */
	size_t value_count;
	const char *credential;       /* the credential's configured name */
	struct text token_id;         /* names the token in the log; never the token itself */
	size_t session_value_count;   /* so many of the values, the first, are about the session */
	int64_t expires_microseconds; /* when it ends, since 1970; 0: never, or not known; also of a
	                               * genuine token that is refused for another reason */
	/* set by every kind from source_find: a kind that forgets is treated as a cookie, for which
	 * requests that another site made are refused */
	enum carrier carrier;
};

/* What kinds need to be set up, and to prove. */
struct credential_context {
	struct db *db;
	const struct clock *clock;
	const struct clock_zone *zone;
	struct hasher *hasher;    /* of presented tokens; NULL: each is set up by itself */
	struct arena *lifetime;   /* memory that lives as long as the service */
	const char *state_folder; /* what processes share lives here; NULL: nowhere */
	bool development;         /* the configuration's */
};

struct credential;

/* The names a kind speaks of. Some are known only after `check`, from the columns of a statement. */
struct credential_names {
	struct config_list captures; /* what it needs from an endpoint's path */
	struct config_list values;   /* what its identities may have: ":user.NAME" */
};

/* A user by id, whom nobody has proven. */
struct credential_user {
	struct value id;
	const char *type; /* which of several types of users; NULL: not known */
};

/* A kind. `open` returns the kind's state, or NULL with errors reported; `close`, which may be NULL,
 * frees what of it does not live in the lifetime arena; `check` asks the database
 * whether the state can work (false with errors reported, and with *outage set where that was for want of a
 * database); `prove` decides one request: ALLOWED
 * with *identity filled, CREDENTIAL_MISSING when nothing was presented, an outage, or a refusal.
 * At most one SELECT. `finish` may do work that must not delay the reply. `names` tells what the
 * state says of names by now, for as long as the state lives.
 *
 * A kind whose identities come from a table may let a rule's question ride along, and have both of
 * these: `accompany` makes a companion, or NULL where it cannot; `bring` hands over what the next
 * `prove` shall ask as well, until it is called with NULL. Others leave them NULL.
 *
 * `examine`, which may be NULL, warns the operator of what may go wrong although `check` found nothing:
 * plans, and privileges that are of use and not needed.
 *
 * `describe`, which may be NULL, tells for the operator what is known of a token by its id, to go on after that; NULL
 * when the database does not say. At most two SELECTs, on which nothing depends.
 *
 * `load`, which may be NULL, is for the operator, too: it sets id, broadcast_id and values of *identity to what
 * any credential of that user would prove, and is ALLOWED with the user's type in its detail; OWNER_MISSING where
 * there is no such user, OWNER_TYPE_UNKNOWN for a type that is not configured, UNDECIDED where the type would have
 * to be known, or an outage. One SELECT. */
struct credential_kind {
	const char *name;
	void *(*open)(const struct config_credential *config,
	    const struct credential_context *context, struct report *report);
	void (*close)(void *state);
	bool (*check)(void *state, struct report *report, bool *outage);
	bool (*presented)(void *state, const struct request *request);
	struct verdict (*prove)(void *state, const struct request *request, struct arena *arena,
	    struct identity *identity);
	struct companion *(*accompany)(
	    void *state, const struct plain_select *select, struct question *question);
	void (*bring)(void *state, struct companion_ask *ask);
	const char *(*describe)(void *state, struct text token_id, struct arena *arena);
	struct verdict (*load)(void *state, const struct credential_user *user, struct arena *arena,
	    struct identity *identity);
	void (*examine)(void *state, struct report *report);
	void (*finish)(void *state);
	const struct credential_names *(*names)(void *state);
};

/* The kind with this name, or NULL: a word castgate.conf(5) knows may still have no kind here. */
const struct credential_kind *credential_kind_named(const char *name);

/* One configured credential, set up. */
struct credential {
	const struct config_credential *config;
	const struct credential_kind *kind;
	void *state;
};

/* Set up a configured credential. NULL with an error in the report. Lives in context->lifetime; ended
 * with credential_close before that arena ends. NULL is allowed there. */
struct credential *credential_open(const struct config_credential *config,
    const struct credential_context *context, struct report *report);
void credential_close(struct credential *credential);

/* Let the kind warn of what works now and may not for long. A few round trips, for the operator. */
void credential_examine(const struct credential *credential, struct report *report);

/* Did the request present anything that one of the chain's credentials would look at? No query. */
bool credential_chain_presented(
    struct credential *const *chain, size_t count, const struct request *request);

/* Try each credential in order. The first valid one decides; an outage stops the chain; a refused
 * candidate falls through. When none is valid: CREDENTIAL_MISSING if nothing was presented, else
 * the first refusal, its detail naming each candidate and its reason. Zeroed *identity unless
 * allowed. Costs at most one SELECT per candidate presented. Each candidate asked is a step of `trace`,
 * which may be NULL; it has a token's id when the token was the genuine one, expired or not. */
struct verdict credential_chain_prove(struct credential *const *chain, size_t count,
    const struct request *request, struct arena *arena, struct identity *identity,
    struct trace *trace);

/* The text that stands for who asks, proven or not: the first token that one of the chain's places
 * holds, else all cookies. Absent when there is neither. Not for deciding: only to count by. */
struct text credential_chain_token(struct credential *const *chain, size_t count,
    const struct request *request, struct arena *arena);

/* Let every credential of the chain do its late work. */
void credential_chain_finish(struct credential *const *chain, size_t count);

/* The value of an identity by name: "" is the id, "session_id" the token's id unless a value has that
 * name, others its named values; VALUE_NONE if unknown. */
struct value identity_value(const struct identity *identity, struct text name);

#endif
