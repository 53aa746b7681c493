/* codec/address: one form for IPv4 and IPv6, and whose prefix is whose. */
#include "platform.h"
#include "unit/runner.h"

#include "codec/address.h"

START_TEST(an_address_has_one_form)
{
	static const struct {
		struct text written;
		const char *form; /* NULL: no address */
		bool ipv4;
	} rows[] = {
	    {TEXT("192.0.2.1"), "192.0.2.1", true},
	    {TEXT("::ffff:192.0.2.1"), "192.0.2.1", true},
	    {TEXT("::FFFF:c000:201"), "192.0.2.1", true},
	    {TEXT("2001:DB8:0:0::1"), "2001:db8::1", false},
	    {TEXT("::"), "::", false},
	    {TEXT("::192.0.2.1"), "::192.0.2.1", false},
	    {TEXT("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
	        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
	    {TEXT(""), NULL, false},
	    {TEXT("192.0.2"), NULL, false},
	    {TEXT("192.0.2.1."), NULL, false},
	    {TEXT("192.0.2.256"), NULL, false},
	    {TEXT("192.0.2.01"), NULL, false},
	    {TEXT("0xc0.0.2.1"), NULL, false},
	    {TEXT("3221225985"), NULL, false},
	    {TEXT(" 192.0.2.1"), NULL, false},
	    {TEXT("192.0.2.1\0"), NULL, false},
	    {TEXT("192.0.2.1:80"), NULL, false},
	    {TEXT("[::1]"), NULL, false},
	    {TEXT("fe80::1%eth0"), NULL, false},
	    {TEXT("1:2:3:4:5:6:7:8:9"), NULL, false},
	    {TEXT("0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"), NULL, false},
	    {TEXT("localhost"), NULL, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address;
		char form[ADDRESS_BYTES];
		bool is = address_parse(rows[i].written, &address);

		ck_assert_msg(is == (rows[i].form != NULL), "%s", rows[i].written.data);
		if (!is)
			continue;
		address_format(&address, form);
		ck_assert_str_eq(form, rows[i].form);
		ck_assert_int_eq(address_is_ipv4(&address), rows[i].ipv4);
	}
	ck_assert(!address_parse((struct text){0}, &(struct address){{0}}));
}
END_TEST

START_TEST(networks_are_prefixes_without_a_rest)
{
	static const struct {
		const char *written;
		int bits; /* -1: no network */
	} rows[] = {
	    {"192.0.2.1", 128},
	    {"192.0.2.0/24", 120},
	    {"192.0.2.1/32", 128},
	    {"0.0.0.0/0", 96},
	    {"128.0.0.0/1", 97},
	    {"::ffff:10.0.0.0/104", 104},
	    {"::ffff:a00:0/104", 104},
	    {"2001:db8::/32", 32},
	    {"2001:db8::1/128", 128},
	    {"::/0", 0},
	    {"192.0.2.1/24", -1},
	    {"192.0.2.128/24", -1},
	    {"192.0.2.0/33", -1},
	    {"192.0.2.0/024", -1},
	    {"192.0.2.0/", -1},
	    {"192.0.2.0/-1", -1},
	    {"192.0.2.0/18446744073709551615", -1},
	    {"2001:db9::/31", -1},
	    {"2001:db8::/129", -1},
	    {"2001:db8::/18446744073709551615", -1},
	    {"/24", -1},
	    {"", -1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network network = {.bits = 999};
		bool is = network_parse(text_of(rows[i].written), &network);

		ck_assert_msg(is == (rows[i].bits >= 0), "%s", rows[i].written);
		if (is)
			ck_assert_msg((int)network.bits == rows[i].bits, "%s", rows[i].written);
	}
}
END_TEST

START_TEST(a_network_has_what_shares_its_prefix)
{
	static const struct {
		const char *network;
		const char *inside;
		const char *outside;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
	    {"192.0.2.0/24", "::ffff:192.0.2.7", "::192.0.2.7"},
	    {"192.0.2.8/29", "192.0.2.15", "192.0.2.16"},
	    {"192.0.2.8/29", "192.0.2.8", "192.0.2.7"},
	    {"192.0.2.1", "192.0.2.1", "192.0.2.0"},
	    {"0.0.0.0/0", "255.255.255.255", "::1"},
	    {"::ffff:a00:0/104", "10.255.255.255", "11.0.0.0"},
	    {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"},
	    {"2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::"},
	};
	static const char *const items[] = {"unix", "10.0.0.0/8", "::1"};
	struct arena *arena = arena_new(4096);
	struct network_list list;
	struct address address;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network network;

		ck_assert(network_parse(text_of(rows[i].network), &network));
		ck_assert(address_parse(text_of(rows[i].inside), &address));
		ck_assert_msg(network_has(&network, &address), "%s", rows[i].inside);
		ck_assert(address_parse(text_of(rows[i].outside), &address));
		ck_assert_msg(!network_has(&network, &address), "%s", rows[i].outside);
	}
	ck_assert(network_list_read(items, 3, arena, &list));
	ck_assert_uint_eq(list.count, 2);
	ck_assert(address_parse(TEXT("::1"), &address));
	ck_assert(network_list_has(&list, &address));
	ck_assert(address_parse(TEXT("::2"), &address));
	ck_assert(!network_list_has(&list, &address));
	ck_assert(!network_list_has(&(struct network_list){0}, &(struct address){{0}}));
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("address");
	TCase *tests = tcase_create("address");

	tcase_add_test(tests, an_address_has_one_form);
	tcase_add_test(tests, networks_are_prefixes_without_a_rest);
	tcase_add_test(tests, a_network_has_what_shares_its_prefix);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
