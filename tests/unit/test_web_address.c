/* codec/web_address: what an address names, and what is none. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/web_address.h"

START_TEST(addresses_are_taken_apart)
{
	static const struct {
		const char *url;
		const char *scheme;
		bool tls;
		const char *host;
		const char *port;
		bool numeric;
		const char *authority;
		const char *path;
	} rows[] = {
	    {"https://a.example/x?y=1", "https", true, "a.example", "443", false, "a.example",
	        "/x?y=1"},
	    {"http://a.example", "http", false, "a.example", "80", false, "a.example", "/"},
	    {"wss://a.example:8443/app/k", "wss", true, "a.example", "8443", false,
	        "a.example:8443", "/app/k"},
	    {"ws://127.0.0.1:6001", "ws", false, "127.0.0.1", "6001", true, "127.0.0.1:6001", "/"},
	    {"https://[::1]/", "https", true, "::1", "443", true, "[::1]", "/"},
	    {"https://[::1]:8443/", "https", true, "::1", "8443", true, "[::1]:8443", "/"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct web_address address;

		ck_assert_msg(web_address_read(rows[i].url, &address), "row %zu", i);
		ck_assert_str_eq(address.scheme, rows[i].scheme);
		ck_assert_int_eq(address.tls, rows[i].tls);
		ck_assert_str_eq(address.host, rows[i].host);
		ck_assert_str_eq(address.port, rows[i].port);
		ck_assert_int_eq(address.numeric, rows[i].numeric);
		assert_text(address.authority, rows[i].authority);
		ck_assert_str_eq(address.path, rows[i].path);
	}
}
END_TEST

START_TEST(other_texts_are_none)
{
	static const char *const rows[] = {"", "a.example", "//a.example/", "ftp://a.example/",
	    "HTTPS://a.example/", "https:/a.example", "https://", "https:///x", "https://:443/",
	    "https://user@a.example/", "https://a.example/#x", "https://a.example?x",
	    "https://a b/", "https://a.example/x\ny", "https://a\\b/", "https://a.example:/",
	    "https://a.example:x/", "https://a.example:123456/", "https://[::1/", "https://[::1]x/",
	    "https://::1/", "https://a.example:0/", "https://a.example:65536/", "https://a\x7f/",
	    "https://a.example/\"", "https://a.example/\x80"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct web_address address;

		ck_assert_msg(!web_address_read(rows[i], &address), "\"%s\"", rows[i]);
	}
}
END_TEST

START_TEST(a_host_has_room_for_a_name)
{
	char url[400] = "https://";
	struct web_address address;

	memset(url + 8, 'a', WEB_HOST_BYTES - 1);
	ck_assert(web_address_read(url, &address));
	url[8 + WEB_HOST_BYTES - 1] = 'a';
	ck_assert(!web_address_read(url, &address));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("web_address");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, addresses_are_taken_apart);
	tcase_add_test(tc, other_texts_are_none);
	tcase_add_test(tc, a_host_has_room_for_a_name);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
