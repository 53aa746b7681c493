/* http/client_address: whom the chain of proxies speaks for, and how far that is believed. */
#include "platform.h"
#include "unit/runner.h"

#include "http/client_address.h"

static const char *const proxies[] = {"127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48", "fe80::/10"};
static const char *const proxies_and_sockets[] = {"127.0.0.1", "unix"};

static struct trusted_proxies open_proxies(
    struct arena *arena, const char *const *items, size_t count)
{
	struct config_list config = {.items = arena_array(arena, count, sizeof(char *))};
	struct trusted_proxies trusted;

	for (size_t i = 0; i < count; i++)
		config.items[config.count++] = items[i];
	ck_assert(trusted_proxies_open(&config, arena, &trusted));
	return trusted;
}

START_TEST(the_client_stands_behind_the_trusted_proxies)
{
	enum sure { SURE, DOUBTFUL };
	static const struct {
		const char *peer;
		const char *forwarded; /* further variables follow after '|' in `other` */
		const char *other;
		const char *client; /* NULL: unknown */
		enum sure sure;
	} rows[] = {
	    {"192.0.2.1", NULL, NULL, "192.0.2.1", SURE},
	    {"::ffff:192.0.2.1", NULL, NULL, "192.0.2.1", SURE},
	    {"2001:DB8::1", NULL, NULL, "2001:db8::1", SURE},
	    /* not a proxy: its word does not count */
	    {"192.0.2.1", "203.0.113.9", NULL, "192.0.2.1", DOUBTFUL},
	    {"192.0.2.1", NULL, "HTTP_FORWARDED=for=203.0.113.9", "192.0.2.1", DOUBTFUL},
	    {"192.0.2.1", NULL, "HTTP_X_REAL_IP=203.0.113.9", "192.0.2.1", DOUBTFUL},
	    {"192.0.2.1", "", NULL, "192.0.2.1", SURE},
	    /* a proxy: the rightmost that is none */
	    {"127.0.0.1", "203.0.113.9", NULL, "203.0.113.9", SURE},
	    {"::ffff:127.0.0.1", "203.0.113.9", NULL, "203.0.113.9", SURE},
	    {"127.0.0.1", "198.51.100.7, 203.0.113.9", NULL, "203.0.113.9", SURE},
	    {"127.0.0.1", "198.51.100.7 ,203.0.113.9 , 10.1.2.3", NULL, "203.0.113.9", SURE},
	    {"127.0.0.1", "127.0.0.1,203.0.113.9,10.1.2.3", NULL, "203.0.113.9", SURE},
	    {"127.0.0.1", "::ffff:203.0.113.9", NULL, "203.0.113.9", SURE},
	    {"2001:db8:ffff::2", "2001:db8::9", NULL, "2001:db8::9", SURE},
	    {"fe80::1%eth0", "2001:db8::9", NULL, "2001:db8::9", SURE},
	    {"127.0.0.1", NULL, NULL, "127.0.0.1", SURE},
	    {"127.0.0.1", "", NULL, "127.0.0.1", SURE},
	    {"127.0.0.1", "10.1.1.1, 10.2.2.2", NULL, "10.1.1.1", SURE},
	    {"127.0.0.1", NULL, "HTTP_FORWARDED=for=203.0.113.9", "127.0.0.1", SURE},
	    /* with a port */
	    {"127.0.0.1", "203.0.113.9:65535", NULL, "203.0.113.9", SURE},
	    {"127.0.0.1", "[2001:db8::9]:443", NULL, "2001:db8::9", SURE},
	    {"127.0.0.1", "[2001:db8::9]", NULL, "2001:db8::9", SURE},
	    /* what is no address ends the walk at who wrote it */
	    {"127.0.0.1", "unknown", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "203.0.113.9, unknown, 10.1.2.3", NULL, "10.1.2.3", DOUBTFUL},
	    {"127.0.0.1", "203.0.113.9,", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", ",203.0.113.9", NULL, "203.0.113.9", SURE},
	    {"127.0.0.1", ",", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "203.0.113.9:", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "203.0.113.9:65536", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "203.0.113.9:80x", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "203.0.113.9 80", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "[203.0.113.9", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "[2001:db8::9]80", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "2001:db8::9%eth0", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "\"203.0.113.9\"", NULL, "127.0.0.1", DOUBTFUL},
	    {"127.0.0.1", "for=203.0.113.9", NULL, "127.0.0.1", DOUBTFUL},
	    /* lines are one list, in their order; a proxy may add a line instead of an entry */
	    {"127.0.0.1", "198.51.100.7", "HTTP_X_FORWARDED_FOR=203.0.113.9", "203.0.113.9", SURE},
	    {"127.0.0.1", "203.0.113.9", "HTTP_X_FORWARDED_FOR=10.1.2.3", "203.0.113.9", SURE},
	    {"127.0.0.1", "203.0.113.9", "HTTP_X_FORWARDED_FOR=", "203.0.113.9", SURE},
	    /* no address at all, and sockets are not trusted here */
	    {"", "203.0.113.9", NULL, NULL, DOUBTFUL},
	    {"unix:", NULL, NULL, NULL, SURE},
	    {"192.0.2.1.example", NULL, NULL, NULL, SURE},
	};
	struct arena *arena = arena_new(100000);
	struct trusted_proxies trusted = open_proxies(arena, proxies, 4);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *environment[5] = {
		    "REQUEST_METHOD=POST", arena_printf(arena, "REMOTE_ADDR=%s", rows[i].peer)};
		struct exchange exchange = {.environment = environment};
		struct client_address client;
		size_t count = 2;

		if (rows[i].forwarded)
			environment[count++] =
			    arena_printf(arena, "HTTP_X_FORWARDED_FOR=%s", rows[i].forwarded);
		environment[count] = rows[i].other;
		client = client_address_find(&exchange, &trusted, arena);
		ck_assert_msg(client.known == (rows[i].client != NULL) &&
		                  client.doubtful == (rows[i].sure == DOUBTFUL),
		    "row %zu: %s", i, client.text.data ? client.text.data : "unknown");
		ck_assert_int_eq(text_present(client.text), client.known);
		if (client.known)
			assert_text(client.text, rows[i].client);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_socket_is_trusted_when_the_list_says_so)
{
	const char *environment[] = {
	    "REMOTE_ADDR=unix:", "HTTP_X_FORWARDED_FOR=203.0.113.9,127.0.0.1", NULL};
	const char *silent[] = {"REQUEST_METHOD=POST", NULL};
	struct exchange exchange = {.environment = environment};
	struct arena *arena = arena_new(100000);
	struct trusted_proxies trusted = open_proxies(arena, proxies_and_sockets, 2);
	struct client_address client = client_address_find(&exchange, &trusted, arena);

	assert_text(client.text, "203.0.113.9");
	ck_assert(client.known && !client.doubtful);
	exchange.environment = silent;
	client = client_address_find(&exchange, &trusted, arena);
	ck_assert(!client.known && !client.doubtful && !text_present(client.text));
	exchange.environment = NULL;
	client = client_address_find(&exchange, &trusted, arena);
	ck_assert(!client.known);
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("client address");
	TCase *tests = tcase_create("client address");

	tcase_add_test(tests, the_client_stands_behind_the_trusted_proxies);
	tcase_add_test(tests, a_socket_is_trusted_when_the_list_says_so);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
