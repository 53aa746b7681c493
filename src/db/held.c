/* Connects, times, repeats, gives way, and remembers for all processes who is away. */
#include "platform.h"
#include "db/held.h"

#include <errmsg.h>
#include <time.h>

#include "db/connection.h"
#include "db/outage.h"

#define PAUSE_MILLISECONDS 20
#define PROBE_MILLISECONDS 200

int64_t held_now(const struct db *db)
{
	return clock_monotonic(db->clock) / 1000;
}

void held_disconnect(struct db *db, enum slots_kind kind)
{
	/* statements without a connection are forgotten without telling the server about each */
	link_close(&db->links[kind]);
	for (struct db_statement *s = db->statements; s; s = s->next)
		prepared_free(&s->at[kind]);
}

void held_give_way(struct db *db, int64_t milliseconds)
{
	for (int kind = 0; kind < SLOTS_KINDS; kind++) {
		struct link *link = &db->links[kind];

		if (slots_wanted(&link->slots) && held_now(db) - link->opened >= milliseconds)
			held_disconnect(db, (enum slots_kind)kind);
	}
}

bool held_fail(
    struct db *db, const struct db_statement *statement, unsigned code, const char *message)
{
	connection_error(&db->error, code, message);
	db->failed_label = statement ? statement->label : "connect";
	return false;
}

static void count(const struct db *db, enum shared_word word)
{
	atomic_fetch_add_explicit(shared_word(db->shared, word), 1, memory_order_relaxed);
}

static _Atomic uint64_t *outage_of(const struct db *db, enum slots_kind kind)
{
	return shared_word(
	    db->shared, kind == SLOTS_REPLICA ? SHARED_REPLICA_OUTAGE : SHARED_DATABASE_OUTAGE);
}

/* Too many connections is a queue, not an outage: waiting helps, alarming others does not. */
static bool is_crowded(unsigned code)
{
	return code == 1040 || code == 1203 || code == 1226 || code == CONNECTION_NO_SLOT;
}

static void note_failure(const struct db *db, enum slots_kind kind, int64_t began)
{
	if (!db->error.unavailable || is_crowded(db->error.code) || db->failed_fast)
		return;
	if (kind == SLOTS_PRIMARY)
		atomic_store(shared_word(db->shared, SHARED_DATABASE_OUTAGE_CODE), db->error.code);
	outage_note_failure(outage_of(db, kind), began, held_now(db));
}

/* Nobody asks now: the failure is the one that others met. */
static bool fail_fast(struct db *db, const struct db_statement *statement)
{
	uint64_t code = atomic_load(shared_word(db->shared, SHARED_DATABASE_OUTAGE_CODE));

	(void)held_fail(db, statement, code ? (unsigned)code : CR_CONN_HOST_ERROR,
	    "the database is away; another process tried a moment ago");
	db->error.unavailable = true;
	db->failed_fast = true;
	count(db, SHARED_FAST_FAILURES);
	return false;
}

/* When to stop, and how many servers have yet to be tried: one answer has its share of the time. */
struct attempt {
	int64_t ends;
	size_t servers;
	bool probe; /* this is the one that finds out whether an outage is over */
};

/* Who stood in line while those who hold the slots found the database away need not try as well. */
static bool take_slot(struct db *db, enum slots_kind kind, const struct attempt *attempt)
{
	struct slots *slots = &db->links[kind].slots;
	int64_t hold = kind == SLOTS_REPLICA ? 0 : db->settings->hold_milliseconds;

	while (!slots_take(slots)) {
		int64_t left = attempt->ends - held_now(db);

		if (left <= 0) {
			slots_stop_waiting(slots);
			if (atomic_load(outage_of(db, kind)) != 0)
				return fail_fast(db, NULL);
			return held_fail(db, NULL, CONNECTION_NO_SLOT,
			    "all of max_connections are in use, and none became free in time");
		}
		/* who waits for one kind must not sit on another that is waited for */
		held_give_way(db, 0);
		slots_wait(slots, left);
		if (!attempt->probe && outage_lasts(outage_of(db, kind), held_now(db), hold)) {
			slots_stop_waiting(slots);
			return fail_fast(db, NULL);
		}
	}
	return true;
}

/* A connection that has worked and is gone at once may have died in peace, its server well. Any
 * other failure of a server lets the next one be asked. */
static void judge_server(struct db *db, struct link *link, bool in_time)
{
	static const unsigned gone[] = {CR_SERVER_GONE_ERROR, CR_SERVER_LOST, 2055, 1927};
	unsigned code = db->error.code;

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (code == gone[i] && link->proven && in_time)
			return;
	if ((db->error.unavailable && !is_crowded(code)) || code == 1290)
		link_turn_away(link);
}

static bool connect_once(struct db *db, enum slots_kind kind, const struct attempt *attempt)
{
	struct link *link = &db->links[kind];

	if (link->connection)
		return true;
	if (!take_slot(db, kind, attempt) || !link_open(link, attempt->ends, &db->error))
		return false;
	count(db, kind == SLOTS_REPLICA ? SHARED_REPLICA_CONNECTS : SHARED_PRIMARY_CONNECTS);
	return true;
}

static bool ask_once(
    struct db *db, enum slots_kind kind, const struct work *work, struct attempt attempt)
{
	struct link *link = &db->links[kind];
	int64_t share;
	bool done;

	db->failed_fast = false;
	db->failed_label = "connect";
	if (!connect_once(db, kind, &attempt))
		return false;
	db->number = mysql_thread_id(link->connection);
	db->failed_label = work->statement ? work->statement->label : "connect";
	share = (attempt.ends - held_now(db)) / (int64_t)attempt.servers;
	attempt.ends = held_now(db) + share;
	deadline_arm(&link->timer, share);
	done = (!work->statement || work->prepares ||
	           prepared_make(&work->statement->at[kind], link->connection, work->statement->sql,
	               &db->error)) &&
	       work->run(db, kind, work->context);
	deadline_disarm(&link->timer);
	if (done)
		link->proven = true;
	else
		judge_server(db, link, held_now(db) < attempt.ends);
	return done;
}

static bool try_once(
    struct db *db, enum slots_kind kind, const struct work *work, struct attempt attempt)
{
	if (ask_once(db, kind, work, attempt))
		return true;
	if (!db->failed_fast)
		count(
		    db, kind == SLOTS_REPLICA ? SHARED_REPLICA_FAILURES : SHARED_PRIMARY_FAILURES);
	return false;
}

/* Another transaction won, also one on another node of a cluster: the same again may well do. */
static bool is_contended(unsigned code)
{
	return code == 1213 || code == 1020;
}

static void pause_briefly(void)
{
	struct timespec pause = {.tv_nsec = PAUSE_MILLISECONDS * 1000000L};

	(void)nanosleep(&pause, NULL);
}

/* A call that begins now ends so: a single answer may take as long as the hold. */
static int64_t end_of_call(const struct db *db, int64_t began)
{
	int64_t deadline = db->request_deadline ? db->request_deadline
	                                        : began + db->settings->deadline_milliseconds;
	int64_t hold = db->settings->hold_milliseconds;

	return hold && began + hold < deadline ? began + hold : deadline;
}

/* Is it worth asking once more? A connection may have died in peace, so the first failure is
 * followed by another try; each server gets one; a lost one is asked until patience ends. */
static bool try_again(
    const struct db *db, enum outage_advice advice, int64_t ends, size_t servers, size_t failures)
{
	if (db->failed_fast || held_now(db) + PAUSE_MILLISECONDS >= ends)
		return false;
	return failures == 1 || is_contended(db->error.code) ||
	       (db->error.unavailable && (advice == OUTAGE_ASK || failures <= servers));
}

static size_t servers_left(size_t servers, size_t failures)
{
	return failures < servers ? servers - failures + 1 : 1;
}

static enum outage_advice advise(
    const struct db *db, enum slots_kind kind, const struct work *work, int64_t hold)
{
	enum outage_advice advice = outage_advise(outage_of(db, kind), held_now(db), hold);

	return work->anyway && advice == OUTAGE_FAIL_FAST ? OUTAGE_PROBE : advice;
}

static int64_t end_of_probe(int64_t now, size_t servers, int64_t ends)
{
	int64_t probe = now + PROBE_MILLISECONDS * (int64_t)servers;

	return probe < ends ? probe : ends;
}

/* Hold and retry while the servers come back, and tell the other processes. */
bool held_at_primary(struct db *db, const struct work *work, int64_t began)
{
	size_t servers = link_host_count(&db->links[SLOTS_PRIMARY]);
	int64_t now = held_now(db);
	int64_t ends = end_of_call(db, began);
	enum outage_advice advice =
	    advise(db, SLOTS_PRIMARY, work, db->settings->hold_milliseconds);
	struct db_error earlier = {0};

	if (advice == OUTAGE_FAIL_FAST)
		return fail_fast(db, work->statement);
	if (advice == OUTAGE_PROBE)
		ends = end_of_probe(now, servers, ends);
	for (size_t failures = 1;; failures++) {
		struct attempt attempt = {
		    ends, servers_left(servers, failures), advice == OUTAGE_PROBE};

		if (try_once(db, SLOTS_PRIMARY, work, attempt)) {
			outage_note_success(outage_of(db, SLOTS_PRIMARY));
			db->error = (struct db_error){0};
			return true;
		}
		held_disconnect(db, SLOTS_PRIMARY);
		/* a try that our own patience cut short says less than the server did before */
		if (is_crowded(earlier.code) && held_now(db) >= ends)
			db->error = earlier;
		earlier = db->error;
		note_failure(db, SLOTS_PRIMARY, began);
		if (!try_again(db, advice, ends, servers, failures))
			return false;
		if (failures == 1)
			count(db, SHARED_HOLDS);
		if (failures > servers)
			pause_briefly();
	}
}

/* Replicas may take half of the time, since whatever fails there, the primary is next. */
bool held_at_replica(struct db *db, const struct work *work, int64_t began)
{
	size_t servers = link_host_count(&db->links[SLOTS_REPLICA]);
	int64_t ends = began + (end_of_call(db, began) - began) / 2;
	enum outage_advice advice = advise(db, SLOTS_REPLICA, work, 0);

	if (advice == OUTAGE_FAIL_FAST)
		return fail_fast(db, work->statement);
	if (advice == OUTAGE_PROBE)
		ends = end_of_probe(began, servers, ends);
	for (size_t failures = 1; failures <= servers + 1; failures++) {
		struct attempt attempt = {
		    ends, servers_left(servers, failures), advice == OUTAGE_PROBE};

		if (try_once(db, SLOTS_REPLICA, work, attempt)) {
			outage_note_success(outage_of(db, SLOTS_REPLICA));
			db->error = (struct db_error){0};
			return true;
		}
		held_disconnect(db, SLOTS_REPLICA);
		note_failure(db, SLOTS_REPLICA, held_now(db));
		if (!db->error.unavailable || held_now(db) >= ends)
			break;
	}
	return false;
}

bool held_read(struct db *db, const struct work *work, enum slots_kind *answered)
{
	int64_t began = held_now(db);

	*answered = SLOTS_REPLICA;
	if (!db->insists && link_has_hosts(&db->links[SLOTS_REPLICA]) &&
	    held_at_replica(db, work, began))
		return true;
	*answered = SLOTS_PRIMARY;
	return held_at_primary(db, work, began);
}

bool held_once(struct db *db, const struct work *work, int64_t milliseconds)
{
	int64_t began = held_now(db);
	enum outage_advice advice =
	    advise(db, SLOTS_PRIMARY, work, db->settings->hold_milliseconds);
	struct attempt attempt = {began + milliseconds, 1, advice == OUTAGE_PROBE};
	bool connected;

	if (advice == OUTAGE_FAIL_FAST)
		return fail_fast(db, work->statement);
	if (try_once(db, SLOTS_PRIMARY, work, attempt))
		return true;
	connected = db->links[SLOTS_PRIMARY].connection != NULL;
	held_disconnect(db, SLOTS_PRIMARY);
	/* a statement that took too long may have met a lock; that is no outage */
	if (!connected)
		note_failure(db, SLOTS_PRIMARY, began);
	return false;
}
