/* Which of the workers over one socket can serve, and who had better stand aside? */
#ifndef CASTGATE_HTTP_CREW_H
#define CASTGATE_HTTP_CREW_H

#include <stdbool.h>

struct crew;

/* A place for each of `count` workers, in memory that they share; made before they are forked. NULL
 * when out of memory. Lives as long as the process. */
struct crew *crew_new(int count);

/* One worker's place. */
struct crew_seat {
	struct crew *crew;
	int index;
};

/* Nobody sits here any more. */
void crew_vacate(struct crew *crew, int index);

/* Say whether this worker is able to serve, and learn whether it should leave the socket to others:
 * true when it is not and one of them is. Costs no system call. */
bool crew_stands_aside(const struct crew_seat *seat, bool able);

#endif
