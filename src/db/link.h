/* Is there a connection to one kind of server, and if not, who gives us one? Inside db/ only. */
#ifndef CASTGATE_DB_LINK_H
#define CASTGATE_DB_LINK_H

#include <mysql.h>

#include "base/clock.h"
#include "db/db.h"
#include "db/deadline.h"
#include "db/slots.h"

/* At most one connection to the servers of a list, which are taken in turn; the one that worked
 * last comes first. */
struct link {
	const struct config_database *settings;
	const struct clock *clock;
	const struct config_list *hosts; /* NULL: the socket */
	size_t host_index;
	MYSQL *connection;
	struct deadline timer;
	struct slots slots;
	const struct text *opening; /* see db_begin_with */
	size_t opening_count;
	int (*wait)(
	    int fd, char is_read, int milliseconds); /* see db_be_brief; NULL: the library's own */
	int64_t opened;                              /* monotonic milliseconds */
	bool proven;                                 /* it has answered */
};

/* A link to settings->hosts (or the socket), or to settings->replicas; connects to nothing. Ended
 * with link_close and slots_close. `shared` and `bells` as in slots_open. */
void link_init(struct link *link, const struct config_database *settings, const struct clock *clock,
    enum slots_kind kind, struct shared *shared, int bells);

/* Are there servers to connect to? */
bool link_has_hosts(const struct link *link);

/* Connect unless connected, before the monotonic millisecond `ends`: every server once, each with
 * its share of the time. The caller holds a slot. False with *error filled. */
bool link_open(struct link *link, int64_t ends, struct db_error *error);

/* Close the connection and give its slot back. The caller has freed what was prepared on it. */
void link_close(struct link *link);

/* Begin with the next server when connecting again. */
void link_turn_away(struct link *link);

/* How many servers there are to try. */
size_t link_host_count(const struct link *link);

#endif
