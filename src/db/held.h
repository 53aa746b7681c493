/* Who is asked, for how long, and who is asked next? Inside db/ only. */
#ifndef CASTGATE_DB_HELD_H
#define CASTGATE_DB_HELD_H

#include "base/shared.h"
#include "db/db.h"
#include "db/link.h"
#include "db/prepared.h"

struct db_statement {
	struct db_statement *next;
	char *label;
	char *sql;
	struct prepared at[SLOTS_KINDS];
};

struct db {
	const struct config_database *settings;
	const struct clock *clock;
	struct shared *shared;
	struct shared *own; /* where none was given */
	int bells;          /* readable when a slot we hold is wanted; -1: none */
	struct link links[SLOTS_KINDS];
	int64_t request_deadline; /* monotonic milliseconds; 0: no request was started */
	bool insists;             /* on the primary */
	bool brief;               /* see db_be_brief */
	unsigned long number;     /* of the connection asked last; 0: none yet */
	struct db_count asked;
	struct db_statement *statements;
	struct db_error error;
	const char *failed_label;
	bool failed_fast; /* the error is the one that others met */
};

/* What a call does on one connection; returns true when the database answered it. */
struct work {
	bool (*run)(struct db *db, enum slots_kind kind, void *context);
	void *context;
	struct db_statement *statement;
	bool anyway;   /* ask even while an outage is known */
	bool prepares; /* `run` prepares the statement where it is not */
};

/* The monotonic clock in milliseconds. */
int64_t held_now(const struct db *db);

/* Close a connection, with what was prepared on it, and give its slot back. */
void held_disconnect(struct db *db, enum slots_kind kind);

/* Close the connections that other processes wait for and that have been open for so long. */
void held_give_way(struct db *db, int64_t milliseconds);

/* Remember a failure; always false. */
bool held_fail(
    struct db *db, const struct db_statement *statement, unsigned code, const char *message);

/* Put a question, begun at that monotonic millisecond, to the primary servers: held and repeated as
 * db_select says. */
bool held_at_primary(struct db *db, const struct work *work, int64_t began);

/* Put it to the replicas, each once, within half of that time. Once they were away, all processes
 * leave them alone but for one try every half second. */
bool held_at_replica(struct db *db, const struct work *work, int64_t began);

/* Put it to the replicas where there are any, else or after a failure to the primary servers; tells
 * who answered. */
bool held_read(struct db *db, const struct work *work, enum slots_kind *answered);

/* Put it to the primary server once, without repeating. */
bool held_once(struct db *db, const struct work *work, int64_t milliseconds);

#endif
