/* Opens one connection: address, time limits, TLS that is really on, and the session's first words. */
#include "platform.h"
#include "db/connection.h"

#include <errmsg.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define HOST_BYTES 256
#define CONNECT_MOST_SECONDS 10

/* Errors that mean "there is no server to ask now", as opposed to "the server said no". */
static bool means_unavailable(unsigned code)
{
	static const unsigned codes[] = {
	    CR_CONNECTION_ERROR,
	    CR_CONN_HOST_ERROR,
	    CR_UNKNOWN_HOST,
	    CR_SERVER_GONE_ERROR,
	    CR_SERVER_LOST,
	    CR_SSL_CONNECTION_ERROR,
	    CR_MALFORMED_PACKET,
	    CR_COMMANDS_OUT_OF_SYNC,
	    2055, /* lost connection, extended form */
	    1040,
	    1203,
	    1226, /* too many connections: of the server, of the user */
	    1047, /* a Galera node without quorum */
	    1053, /* the server is shutting down */
	    1927, /* the connection was killed */
	    CONNECTION_NO_SLOT,
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i] == code)
			return true;
	return false;
}

void connection_error(struct db_error *error, unsigned code, const char *message)
{
	*error = (struct db_error){.code = code, .unavailable = means_unavailable(code)};
	snprintf(error->message, sizeof(error->message), "%s", message);
}

static unsigned whole_seconds(unsigned milliseconds)
{
	return milliseconds < 1000 ? 1 : (milliseconds + 999) / 1000;
}

#ifdef MARIADB_BASE_VERSION
static void choose_tls(MYSQL *mysql, const struct config_database *settings)
{
	char required = settings->tls != CONFIG_TLS_OFF;
	char verify = settings->tls == CONFIG_TLS_VERIFY;

	/* said each time: from 3.4 on the library verifies, and insists on TLS, unless told not to */
	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &required);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	if (required && settings->tls_ca)
		mysql_options(mysql, MYSQL_OPT_SSL_CA, settings->tls_ca);
}

int connection_socket(MYSQL *mysql)
{
	return (int)mysql_get_socket(mysql);
}
#else
static void choose_tls(MYSQL *mysql, const struct config_database *settings)
{
	static const unsigned modes[] = {
	    [CONFIG_TLS_OFF] = SSL_MODE_DISABLED,
	    [CONFIG_TLS_REQUIRED] = SSL_MODE_REQUIRED,
	    [CONFIG_TLS_VERIFY] = SSL_MODE_VERIFY_IDENTITY,
	};
	bool ask_for_key = settings->tls == CONFIG_TLS_OFF;

	mysql_options(mysql, MYSQL_OPT_SSL_MODE, &modes[settings->tls]);
	if (settings->tls != CONFIG_TLS_OFF && settings->tls_ca)
		mysql_options(mysql, MYSQL_OPT_SSL_CA, settings->tls_ca);
	/* what MariaDB's library does unasked: caching_sha2_password encrypts the password for it */
	mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &ask_for_key);
}

int connection_socket(MYSQL *mysql)
{
	return mysql->net.fd;
}
#endif

void connection_wait_by(MYSQL *mysql, int (*wait)(int fd, char is_read, int milliseconds))
{
#if HAVE_DECL_MARIADB_OPT_IO_WAIT
	(void)mysql_optionsv(mysql, MARIADB_OPT_IO_WAIT, wait);
#else
	(void)mysql;
	(void)wait;
#endif
}

static void set_options(MYSQL *mysql, const struct config_database *settings)
{
	unsigned seconds = whole_seconds(settings->deadline_milliseconds);
	/* who lets statements run for hours still wants to know soon that there is no server */
	unsigned connect = seconds < CONNECT_MOST_SECONDS ? seconds : CONNECT_MOST_SECONDS;
	unsigned off = 0;

	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	choose_tls(mysql, settings);
}

/* "host", "host:port" or "[address]:port" into its parts. */
static bool split_host(const char *entry, char host[HOST_BYTES], unsigned *port)
{
	struct text text = text_of(entry);
	struct text digits = {0};
	uint64_t number = 3306;
	size_t end;

	if (text.length && text.data[0] == '[') {
		end = text_find(text, ']');
		if (end == text.length)
			return false;
		digits = text_skip(text, end + 1);
		text = (struct text){text.data + 1, end - 1};
	} else {
		end = text_find(text, ':');
		digits = text_skip(text, end);
		text.length = end;
	}
	if (digits.length && (digits.data[0] != ':' || !text_to_u64(text_skip(digits, 1),
	                                                   TEXT_DIGITS_CANONICAL, &number)))
		return false;
	if (number < 1 || number > 65535 || text.length == 0 || text.length >= HOST_BYTES)
		return false;
	memcpy(host, text.data, text.length);
	host[text.length] = '\0';
	*port = (unsigned)number;
	return true;
}

/* Replaces the C library's, for this program. The client library asks it for the port of "mysql" when it
 * is first used, although every connection here names its own; on Debian that alone is 200 calls of the
 * kernel in search of a plugin, which a plain CGI program would make for each request. The library asks
 * unless its own mysql_port is set, which it does not export, and before it looks at MYSQL_TCP_PORT, so
 * there is no other way to say it. Nobody else in this program asks: getaddrinfo(3) has its own way to
 * the services, and test_hardening.py looks at what each library imports. */
struct servent *getservbyname(const char *name, const char *proto)
{
	(void)name;
	(void)proto;
	return NULL;
}

static bool connect_to(
    MYSQL *mysql, const struct config_database *settings, const char *entry, struct db_error *error)
{
	char host[HOST_BYTES] = "localhost";
	unsigned port = 0;

	if (entry) {
		if (!split_host(entry, host, &port)) {
			connection_error(
			    error, CR_UNKNOWN_HOST, "the database host cannot be read");
			return false;
		}
		/* the library reads "localhost" as "use the default socket" */
		if (strcmp(host, "localhost") == 0)
			snprintf(host, sizeof(host), "127.0.0.1");
	}
	if (!mysql_real_connect(mysql, host, settings->user, settings->password, settings->name,
	        port, entry ? NULL : settings->socket, 0)) {
		connection_error(error, mysql_errno(mysql), mysql_error(mysql));
		/* a server that says "access denied" is there, and will say so again */
		error->unavailable = error->unavailable || error->code >= 2000;
		return false;
	}
	return true;
}

/* A library that was asked for TLS may still have connected in clear; the cipher is the proof. */
static bool tls_is_on(MYSQL *mysql, const struct config_database *settings, struct db_error *error)
{
	if (settings->tls == CONFIG_TLS_OFF || mysql_get_ssl_cipher(mysql))
		return true;
	connection_error(
	    error, CR_SSL_CONNECTION_ERROR, "TLS is required but the connection has none");
	return false;
}

static bool run_session_init(
    MYSQL *mysql, const struct config_database *settings, struct db_error *error)
{
	if (!settings->session_init)
		return true;
	if (mysql_query(mysql, settings->session_init) == 0 && mysql_field_count(mysql) == 0)
		return true;
	connection_error(error, mysql_errno(mysql),
	    mysql_errno(mysql) ? mysql_error(mysql) : "session_init must not return rows");
	return false;
}

MYSQL *connection_open(
    const struct config_database *settings, const char *host, struct db_error *error)
{
	MYSQL *mysql = mysql_init(NULL);

	if (!mysql) {
		connection_error(error, CR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	set_options(mysql, settings);
	if (connect_to(mysql, settings, host, error) && tls_is_on(mysql, settings, error) &&
	    run_session_init(mysql, settings, error))
		return mysql;
	mysql_close(mysql);
	return NULL;
}
