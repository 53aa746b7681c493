/* Opens the first server that answers in its share of the time; times calls to the millisecond. */
#include "platform.h"
#include "db/link.h"

#include <errmsg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "db/connection.h"

void link_init(struct link *link, const struct config_database *settings, const struct clock *clock,
    enum slots_kind kind, struct shared *shared, int bells)
{
	*link = (struct link){.settings = settings, .clock = clock};
	if (kind == SLOTS_REPLICA)
		link->hosts = &settings->replicas;
	else if (!settings->socket)
		link->hosts = &settings->hosts;
	/* replicas share the load; of the others the first is meant to be first */
	if (kind == SLOTS_REPLICA && link->hosts->count)
		link->host_index = (size_t)getpid() % link->hosts->count;
	slots_open(&link->slots, link_has_hosts(link) ? shared : NULL, kind,
	    settings->max_connections, bells);
}

size_t link_host_count(const struct link *link)
{
	return link->hosts ? link->hosts->count : 1;
}

bool link_has_hosts(const struct link *link)
{
	return link_host_count(link) > 0;
}

static int64_t now_milliseconds(const struct link *link)
{
	return clock_monotonic(link->clock) / 1000;
}

/* The descriptor that the next socket of this process will get: the lowest free one. */
static int next_descriptor(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd;
}

static bool begin(struct link *link, struct db_error *error)
{
	for (size_t i = 0; i < link->opening_count; i++) {
		struct text sql = link->opening[i];

		if (mysql_real_query(link->connection, sql.data, sql.length) == 0 &&
		    mysql_field_count(link->connection) == 0)
			continue;
		connection_error(error, mysql_errno(link->connection),
		    mysql_errno(link->connection) ? mysql_error(link->connection)
		                                  : "a connection's first statements return rows");
		return false;
	}
	return true;
}

/* Open one host within the time given. The library connects and greets before it tells its socket,
 * so the timer is made for the descriptor that socket will have. */
static bool open_one(struct link *link, int64_t milliseconds, struct db_error *error)
{
	const char *host = link->hosts ? link->hosts->items[link->host_index] : NULL;
	int expected = next_descriptor();
	int got;

	(void)deadline_make(&link->timer, expected);
	deadline_arm(&link->timer, milliseconds);
	link->connection = connection_open(link->settings, host, error);
	if (link->connection && !begin(link, error)) {
		mysql_close(link->connection);
		link->connection = NULL;
	}
	deadline_disarm(&link->timer);
	if (!link->connection) {
		deadline_free(&link->timer);
		return false;
	}
	got = connection_socket(link->connection);
	if (got != expected) {
		deadline_free(&link->timer);
		(void)deadline_make(&link->timer, got);
	}
	if (link->wait)
		connection_wait_by(link->connection, link->wait);
	link->opened = now_milliseconds(link);
	link->proven = false;
	return true;
}

bool link_open(struct link *link, int64_t ends, struct db_error *error)
{
	if (link->connection)
		return true;
	connection_error(error, CR_CONN_HOST_ERROR, "no database is configured");
	for (size_t left = link_host_count(link); left > 0; left--) {
		/* so that one that hangs leaves some to the others */
		if (open_one(link, (ends - now_milliseconds(link)) / (int64_t)left, error))
			return true;
		link_turn_away(link);
	}
	return false;
}

void link_turn_away(struct link *link)
{
	if (link_has_hosts(link))
		link->host_index = (link->host_index + 1) % link_host_count(link);
}

void link_close(struct link *link)
{
	deadline_free(&link->timer);
	if (link->connection)
		mysql_close(link->connection);
	link->connection = NULL;
	slots_give_back(&link->slots);
}
