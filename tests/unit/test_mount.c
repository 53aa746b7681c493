/* endpoint/mount: each way as the servers really hand requests over, and nothing that a client can say. */
#include "platform.h"
#include "unit/runner.h"

#include "endpoint/mount.h"

#define MOST_VARIABLES 8

START_TEST(each_way_is_known_by_its_variables)
{
	static const struct {
		const char *variables[MOST_VARIABLES];
		const char *code;
	} rows[] = {
	    {{"FCGI_ROLE=RESPONDER", "SERVER_SOFTWARE=Apache/2.4 mod_fcgid/2.3.9",
	         "CONTEXT_PREFIX=", "DOCUMENT_ROOT=/www", "SCRIPT_NAME=/broadcasting/auth",
	         "SCRIPT_FILENAME=/bin/castgate.fcgi"},
	        "apache-fcgid"},
	    {{"FCGI_ROLE=RESPONDER", "SERVER_SOFTWARE=Apache/2.4",
	         "REDIRECT_URL=/broadcasting/auth", "DOCUMENT_ROOT=/www",
	         "SCRIPT_NAME=/castgate.fcgi", "SCRIPT_FILENAME=/www/castgate.fcgi"},
	        "apache-htaccess"},
	    {{"FCGI_ROLE=RESPONDER", "SERVER_SOFTWARE=Apache", "DOCUMENT_ROOT=/www",
	         "SCRIPT_NAME=/broadcasting/auth", "SCRIPT_FILENAME=/www/broadcasting/auth"},
	        "apache-exact"},
	    {{"FCGI_ROLE=RESPONDER", "SERVER_SOFTWARE=Apache/2.4",
	         "SCRIPT_FILENAME=proxy:fcgi://castgate//broadcasting/auth"},
	        "apache-proxy"},
	    {{"FCGI_ROLE=RESPONDER", "SERVER_SOFTWARE=Apache/2.4",
	         "REDIRECT_URL=/broadcasting/auth",
	         "SCRIPT_FILENAME=proxy:fcgi://localhost/castgate.fcgi"},
	        "apache-proxy-htaccess"},
	    {{"SERVER_SOFTWARE=Apache/2.4", "SCRIPT_NAME=/broadcasting/auth", "DOCUMENT_ROOT=/www",
	         "SCRIPT_FILENAME=/bin/castgate.fcgi"},
	        "apache-cgi"},
	    {{"SERVER_SOFTWARE=Apache/2.4", "REDIRECT_URL=/broadcasting/auth", "CONTEXT_PREFIX="},
	        "apache-htaccess-cgi"},
	    {{"SERVER_SOFTWARE=Apache/2.4", "DOCUMENT_ROOT=/www", "SCRIPT_NAME=/broadcasting/auth",
	         "SCRIPT_FILENAME=/www/broadcasting/auth"},
	        "apache-exact-cgi"},
	    {{"SERVER_SOFTWARE=Apache/2.4", "REDIRECT_URL=/broadcasting/auth",
	         "CONTEXT_PREFIX=/cgi-bin/"},
	        "apache-cgi-bin"},
	    {{"FCGI_ROLE=RESPONDER", "SERVER_SOFTWARE=lighttpd/1.4.69"}, "lighttpd-fastcgi"},
	    {{"SERVER_SOFTWARE=lighttpd/1.4.69"}, "lighttpd-cgi"},
	    {{"FCGI_ROLE=RESPONDER", "SERVER_SOFTWARE=nginx/1.22.1"}, "nginx"},
	    {{"FCGI_ROLE=RESPONDER"}, "fastcgi"},
	    {{"GATEWAY_INTERFACE=CGI/1.1"}, "other"},
	    {{NULL}, "other"},
	    /* what a client sends is another variable */
	    {{"HTTP_FCGI_ROLE=RESPONDER", "HTTP_SERVER_SOFTWARE=nginx"}, "other"},
	    {{"SERVER_SOFTWARE=Apache", "DOCUMENT_ROOT=", "SCRIPT_NAME=", "SCRIPT_FILENAME="},
	        "apache-cgi"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exchange exchange = {.environment = rows[i].variables};
		const struct mount *mount = mount_of(&exchange);

		ck_assert_msg(
		    text_is(text_of(rows[i].code), mount->code), "row %zu: %s", i, mount->code);
		ck_assert_ptr_eq(mount_named(text_of(rows[i].code)), mount);
		ck_assert(mount->name && mount->place);
	}
	ck_assert_ptr_null(mount_named(TEXT("apache")));
	ck_assert_ptr_null(mount_named((struct text){0}));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mount");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, each_way_is_known_by_its_variables);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
