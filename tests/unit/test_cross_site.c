/* endpoint/cross_site: which requests show that another site's page made them. */
#include "platform.h"
#include "unit/runner.h"

#include <stdio.h>

#include "endpoint/cross_site.h"

#define ORIGIN(value) "HTTP_ORIGIN=" value
#define SITE(value) "HTTP_SEC_FETCH_SITE=" value

START_TEST(evidence_of_another_site)
{
	static const struct {
		const char *method;
		const char *lines[3];
		bool cross_site;
	} rows[] = {
	    /* servers and native clients send neither */
	    {"POST", {"HTTP_HOST=own.example"}, false},
	    {"POST", {ORIGIN("https://own.example"), "HTTP_HOST=own.example"}, false},
	    {"POST", {ORIGIN("http://own.example"), "HTTP_HOST=own.example"}, false},
	    {"POST", {ORIGIN("https://own.example"), "HTTP_HOST=OWN.Example:443"}, false},
	    {"POST", {ORIGIN("http://own.example"), "HTTP_HOST=own.example:80"}, false},
	    {"POST", {ORIGIN("https://own.example:8443"), "HTTP_HOST=own.example:8443"}, false},
	    {"POST", {ORIGIN("https://own.example"), "HTTP_HOST=own.example", "HTTPS=on"}, false},
	    {"POST", {SITE("same-origin"), "HTTP_HOST=own.example"}, false},
	    {"POST", {SITE("none"), "HTTP_HOST=own.example"}, false},
	    {"POST", {SITE("same-origin"), ORIGIN("https://own.example"), "HTTP_HOST=own.example"},
	        false},
	    {"POST", {SITE("cross-site"), ORIGIN("https://app.example"), "HTTP_HOST=own.example"},
	        false},
	    {"POST", {SITE("same-site"), ORIGIN("https://app.example"), "HTTP_HOST=own.example"},
	        false},
	    {"POST", {SITE("none"), ORIGIN("chrome-extension://abc")}, false},
	    {"GET", {SITE("cross-site"), ORIGIN("https://evil.example")}, false},
	    {"HEAD", {ORIGIN("null")}, false},

	    {"POST", {ORIGIN("https://evil.example"), "HTTP_HOST=own.example"}, true},
	    {"DELETE", {ORIGIN("https://evil.example"), "HTTP_HOST=own.example"}, true},
	    {"get", {ORIGIN("https://evil.example"), "HTTP_HOST=own.example"}, true},
	    {"POST", {ORIGIN("null"), "HTTP_HOST=own.example"}, true},
	    {"POST", {ORIGIN("null"), "HTTP_HOST=null"}, true},
	    {"POST", {ORIGIN("https://own.example")}, true},
	    {"POST", {ORIGIN("https://"), "HTTP_HOST=:443"}, true},
	    {"POST", {ORIGIN("https://own.example:8443"), "HTTP_HOST=own.example"}, true},
	    {"POST", {ORIGIN("https://own.example"), "HTTP_HOST=own.example:8443"}, true},
	    {"POST", {ORIGIN("https://own.example"), "HTTP_HOST=own.example:80"}, true},
	    {"POST", {ORIGIN("https://own.example"), "HTTP_HOST=own.example.evil.example"}, true},
	    {"POST", {ORIGIN("https://own.example.evil.example"), "HTTP_HOST=own.example"}, true},
	    {"POST", {ORIGIN("ftp://own.example"), "HTTP_HOST=own.example"}, true},
	    /* the network can serve http pages of our own name */
	    {"POST", {ORIGIN("http://own.example"), "HTTP_HOST=own.example", "HTTPS=on"}, true},
	    {"POST", {SITE("cross-site"), "HTTP_HOST=own.example"}, true},
	    {"POST", {SITE("same-site"), "HTTP_HOST=own.example"}, true},
	    {"POST", {SITE("cross-site"), ORIGIN("https://own.example"), "HTTP_HOST=own.example"},
	        true},
	    {"POST", {SITE("none, none"), "HTTP_HOST=own.example"}, true},
	    {"POST", {SITE("Same-Origin"), "HTTP_HOST=own.example"}, true},
	    {"POST", {SITE("none"), ORIGIN("https://evil.example"), "HTTP_HOST=own.example"}, true},
	    {"POST", {ORIGIN("https://APP.example"), "HTTP_HOST=own.example"}, true},
	};
	static const char *listed[] = {"https://app.example", "chrome-extension://abc"};
	const struct config_endpoint config = {.cors_origins = {listed, 2}};
	struct arena *arena = arena_new(10000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char method[32] = "REQUEST_METHOD=";
		const char *environment[] = {method, "REQUEST_URI=/auth", rows[i].lines[0],
		    rows[i].lines[1], rows[i].lines[2], NULL};
		struct exchange exchange = {environment, TEXT(""), BODY_COMPLETE};
		struct request request;

		snprintf(method, sizeof(method), "REQUEST_METHOD=%s", rows[i].method);
		ck_assert(request_read(&exchange, arena, &request));
		ck_assert_msg(cross_site_request(&config, &request) == rows[i].cross_site,
		    "row %zu: %s", i, rows[i].lines[0]);
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cross_site");
	TCase *tests = tcase_create("cross_site");

	tcase_add_test(tests, evidence_of_another_site);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
