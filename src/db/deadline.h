/* How is a call of the client library ended that takes too long? Inside db/ only. */
#ifndef CASTGATE_DB_DEADLINE_H
#define CASTGATE_DB_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* The library's own time limits are whole seconds. A timer that shuts the connection's socket down
 * makes a blocked read return at once, to the millisecond. One timer a connection. */
struct deadline {
	timer_t timer;
	bool made;
};

/* Make the timer of a connection. False when none can be had: then the library's limits hold. The
 * caller ends it with deadline_free before the socket is closed. */
bool deadline_make(struct deadline *deadline, int socket_fd);
void deadline_free(struct deadline *deadline);

/* Shut the socket down after so many milliseconds (at least 1), unless disarmed before. */
void deadline_arm(struct deadline *deadline, int64_t milliseconds);
void deadline_disarm(struct deadline *deadline);

#endif
