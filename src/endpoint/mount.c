/* Each server has its own habits: FCGI_ROLE, REDIRECT_URL and SCRIPT_FILENAME tell them apart. */
#include "platform.h"
#include "endpoint/mount.h"

#include <string.h>

/* The same in the cure of credential_missing; base/verdict.c has no room to share it. */
#define APACHE_LINE "SetEnvIf Authorization \"(.+)\" HTTP_AUTHORIZATION=$1"
#define ROOT_HTACCESS "at the top of the .htaccess in the document root"

enum {
	MOUNT_FCGID,
	MOUNT_FCGID_REWRITTEN,
	MOUNT_FCGID_EXACT,
	MOUNT_PROXY,
	MOUNT_PROXY_REWRITTEN,
	MOUNT_CGI,
	MOUNT_CGI_REWRITTEN,
	MOUNT_CGI_EXACT,
	MOUNT_CGI_BIN,
	MOUNT_LIGHTTPD_FASTCGI,
	MOUNT_LIGHTTPD_CGI,
	MOUNT_NGINX,
	MOUNT_FASTCGI,
	MOUNT_OTHER,
	MOUNTS
};

static const struct mount mounts[MOUNTS] = {
    [MOUNT_FCGID] = {"apache-fcgid", "Apache, mod_fcgid (castgate-fcgid.conf)", APACHE_LINE,
        "in the <LocationMatch> of castgate-fcgid.conf; needs mod_setenvif"},
    [MOUNT_FCGID_REWRITTEN] = {"apache-htaccess",
        "Apache, a rewrite to mod_fcgid (castgate.htaccess)", APACHE_LINE, ROOT_HTACCESS},
    [MOUNT_FCGID_EXACT] = {"apache-exact",
        "Apache, mod_fcgid at the exact path (castgate-exact.htaccess)", APACHE_LINE,
        "in the .htaccess beside the program"},
    [MOUNT_PROXY] = {"apache-proxy", "Apache, mod_proxy_fcgi (castgate-proxy.conf)", APACHE_LINE,
        "in the <LocationMatch> of castgate-proxy.conf; needs mod_setenvif"},
    [MOUNT_PROXY_REWRITTEN] = {"apache-proxy-htaccess",
        "Apache, a rewrite to mod_proxy_fcgi (castgate-proxy.htaccess)", APACHE_LINE,
        ROOT_HTACCESS},
    [MOUNT_CGI] = {"apache-cgi", "Apache, CGI (castgate-cgi.conf)", APACHE_LINE,
        "in the <LocationMatch> of castgate-cgi.conf; needs mod_setenvif"},
    [MOUNT_CGI_REWRITTEN] = {"apache-htaccess-cgi", "Apache, a rewrite to CGI (castgate.htaccess)",
        APACHE_LINE, ROOT_HTACCESS},
    [MOUNT_CGI_EXACT] = {"apache-exact-cgi",
        "Apache, CGI at the exact path (castgate-exact.htaccess)", APACHE_LINE,
        "in the .htaccess beside the program"},
    [MOUNT_CGI_BIN] = {"apache-cgi-bin",
        "Apache, a rewrite to a cgi-bin outside the document root (castgate-cgi-bin.htaccess)",
        APACHE_LINE, ROOT_HTACCESS ", and under suexec in an .htaccess in cgi-bin as well"},
    [MOUNT_LIGHTTPD_FASTCGI] = {"lighttpd-fastcgi", "lighttpd, FastCGI", NULL,
        "lighttpd hands the header over by itself: look for setenv.set-request-header in its "
        "configuration, or for a proxy in front that drops it"},
    [MOUNT_LIGHTTPD_CGI] = {"lighttpd-cgi", "lighttpd, CGI", NULL,
        "lighttpd hands the header over by itself: look for setenv.set-request-header in its "
        "configuration, or for a proxy in front that drops it"},
    [MOUNT_NGINX] = {"nginx", "nginx (castgate-location.conf)",
        "fastcgi_param HTTP_AUTHORIZATION $http_authorization;",
        "in the location of castgate-location.conf"},
    [MOUNT_FASTCGI] = {"fastcgi", "a web server that does not name itself, FastCGI",
        "fastcgi_param HTTP_AUTHORIZATION $http_authorization;",
        "in castgate's location, if it is nginx"},
    [MOUNT_OTHER] = {"other", "a web server that castgate does not know", NULL,
        "let the web server hand the header over as HTTP_AUTHORIZATION"},
};

static bool has(const struct exchange *exchange, const char *name)
{
	return exchange_variable(exchange, name).length > 0;
}

/* The program lies where the path says. */
static bool is_exact(const struct exchange *exchange)
{
	struct text root = exchange_variable(exchange, "DOCUMENT_ROOT");
	struct text name = exchange_variable(exchange, "SCRIPT_NAME");
	struct text file = exchange_variable(exchange, "SCRIPT_FILENAME");

	return root.length && name.length && file.length == root.length + name.length &&
	       memcmp(file.data, root.data, root.length) == 0 &&
	       text_equal(text_skip(file, root.length), name);
}

static int mount_in_apache(const struct exchange *exchange, bool fastcgi)
{
	bool rewritten = has(exchange, "REDIRECT_URL");

	if (text_starts_with(exchange_variable(exchange, "SCRIPT_FILENAME"), "proxy:"))
		return rewritten ? MOUNT_PROXY_REWRITTEN : MOUNT_PROXY;
	if (rewritten && has(exchange, "CONTEXT_PREFIX"))
		return MOUNT_CGI_BIN;
	if (rewritten)
		return fastcgi ? MOUNT_FCGID_REWRITTEN : MOUNT_CGI_REWRITTEN;
	if (is_exact(exchange))
		return fastcgi ? MOUNT_FCGID_EXACT : MOUNT_CGI_EXACT;
	return fastcgi ? MOUNT_FCGID : MOUNT_CGI;
}

const struct mount *mount_of(const struct exchange *exchange)
{
	struct text server = exchange_variable(exchange, "SERVER_SOFTWARE");
	bool fastcgi = has(exchange, "FCGI_ROLE");
	int found = fastcgi ? MOUNT_FASTCGI : MOUNT_OTHER;

	if (text_starts_with(server, "Apache"))
		found = mount_in_apache(exchange, fastcgi);
	else if (text_starts_with(server, "lighttpd"))
		found = fastcgi ? MOUNT_LIGHTTPD_FASTCGI : MOUNT_LIGHTTPD_CGI;
	else if (text_starts_with(server, "nginx"))
		found = MOUNT_NGINX;
	return &mounts[found];
}

const struct mount *mount_named(struct text code)
{
	for (size_t i = 0; i < MOUNTS; i++)
		if (text_is(code, mounts[i].code))
			return &mounts[i];
	return NULL;
}
