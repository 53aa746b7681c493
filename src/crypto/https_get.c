/* One TLS connection on a socket that never blocks, watched by one deadline. */
#include "platform.h"
#include "crypto/https_get.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/https_reply.h"

#define HOST_BYTES 256

struct address {
	char host[HOST_BYTES]; /* without brackets */
	char port[6];
	struct text authority; /* as a Host header has it */
	const char *path;      /* with the query; begins with '/' */
	bool numeric;
};

struct connection {
	const struct https_settings *settings;
	const struct address *address;
	SSL_CTX *context;
	SSL *tls;
	int fd;
};

static bool copy_into(char *out, size_t size, struct text text)
{
	if (text.length == 0 || text.length >= size)
		return false;
	memcpy(out, text.data, text.length);
	out[text.length] = '\0';
	return true;
}

/* "https://HOST[:PORT][/PATH]"; what has a user or a blank in it is refused. */
static bool parse_address(const char *url, struct address *address)
{
	struct text rest = text_of(url);
	struct text host;
	unsigned char number[sizeof(struct in6_addr)];
	size_t end;

	if (!text_starts_with(rest, "https://"))
		return false;
	rest = text_skip(rest, 8);
	end = strcspn(rest.data, "/?#");
	address->authority = (struct text){rest.data, end};
	address->path = rest.data[end] ? rest.data + end : "/";
	if (address->path[0] != '/' || strpbrk(url, "@# \t\r\n\\"))
		return false;
	host = address->authority;
	if (text_starts_with(host, "[")) {
		host = text_skip(host, 1);
		end = text_find(host, ']');
		if (end == host.length)
			return false;
		rest = text_skip(host, end + 1);
	} else {
		end = text_find(host, ':');
		rest = text_skip(host, end);
	}
	host.length = end;
	if (rest.length == 0)
		rest = TEXT(":443");
	if (!text_starts_with(rest, ":") ||
	    !copy_into(address->port, sizeof(address->port), text_skip(rest, 1)) ||
	    strspn(address->port, "0123456789") != rest.length - 1 ||
	    !copy_into(address->host, sizeof(address->host), host))
		return false;
	address->numeric = inet_pton(AF_INET, address->host, number) == 1 ||
	                   inet_pton(AF_INET6, address->host, number) == 1;
	return true;
}

static int64_t left_milliseconds(const struct https_settings *settings)
{
	const struct clock *clock = settings->clock;
	int64_t left =
	    settings->deadline_microseconds - clock->monotonic_microseconds(clock->context);

	return left > 0 ? (left + 999) / 1000 : 0;
}

/* Wait until the socket is ready. False when the time is up. */
static bool wait_for(const struct https_settings *settings, int fd, short events)
{
	struct pollfd entry = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = left_milliseconds(settings);
		int ready = left > 0 ? poll(&entry, 1, (int)left) : 0;

		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR)
			return false;
	}
}

/* An address that swallows what is sent to it may have half of the time while there is another. */
static bool connect_to(struct connection *connection, const struct addrinfo *entry)
{
	struct https_settings patience = *connection->settings;
	int error = 0;
	socklen_t length = sizeof(error);

	if (entry->ai_next)
		patience.deadline_microseconds -= left_milliseconds(&patience) * 1000 / 2;

	connection->fd = socket(entry->ai_family, entry->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    entry->ai_protocol);
	if (connection->fd < 0)
		return false;
	if (connect(connection->fd, entry->ai_addr, entry->ai_addrlen) == 0 ||
	    (errno == EINPROGRESS && wait_for(&patience, connection->fd, POLLOUT) &&
	        getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
	        error == 0))
		return true;
	close(connection->fd);
	connection->fd = -1;
	return false;
}

/* The resolver knows no deadline; it is told to be quick, whatever resolv.conf says. */
static struct addrinfo *resolve(const struct address *address)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICSERV | (address->numeric ? AI_NUMERICHOST : AI_ADDRCONFIG)};
	struct addrinfo *found = NULL;

	if (!address->numeric && res_init() == 0) {
		_res.retrans = 1;
		_res.retry = 1;
	}
	return getaddrinfo(address->host, address->port, &hints, &found) == 0 ? found : NULL;
}

static const char *open_socket(struct connection *connection)
{
	struct addrinfo *all = resolve(connection->address);
	bool connected = false;

	if (!all)
		return "The server's name is not known.";
	for (struct addrinfo *entry = all; entry && !connected; entry = entry->ai_next)
		connected = connect_to(connection, entry);
	freeaddrinfo(all);
	return connected ? NULL : "The server cannot be reached.";
}

/* The certificate must be for the host of the address: a name, or an IP address. */
static bool demand_host(SSL *tls, const struct address *address)
{
	X509_VERIFY_PARAM *parameters = SSL_get0_param(tls);

	SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (address->numeric)
		return X509_VERIFY_PARAM_set1_ip_asc(parameters, address->host) == 1;
	return SSL_set1_host(tls, address->host) == 1 &&
	       SSL_set_tlsext_host_name(tls, address->host) == 1;
}

static const char *prepare_tls(struct connection *connection)
{
	const char *ca_file = connection->settings->ca_file;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	connection->context = context;
	if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
		return "TLS cannot be set up.";
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (ca_file ? SSL_CTX_load_verify_file(context, ca_file) != 1
	            : SSL_CTX_set_default_verify_paths(context) != 1)
		return "The file of CA certificates cannot be read.";
	connection->tls = SSL_new(context);
	if (!connection->tls || !demand_host(connection->tls, connection->address) ||
	    SSL_set_fd(connection->tls, connection->fd) != 1)
		return "TLS cannot be set up.";
	return NULL;
}

/* After a call that could not go on: wait for what TLS wants. False when it never will. */
static bool may_retry(struct connection *connection, int result)
{
	switch (SSL_get_error(connection->tls, result)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(connection->settings, connection->fd, POLLIN);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(connection->settings, connection->fd, POLLOUT);
	default:
		return false;
	}
}

static const char *late_or(const struct connection *connection, const char *sentence)
{
	return left_milliseconds(connection->settings) > 0 ? sentence
	                                                   : "The server did not answer in time.";
}

static const char *shake_hands(struct connection *connection)
{
	int result;

	while ((result = SSL_connect(connection->tls)) != 1)
		if (!may_retry(connection, result))
			return SSL_get_verify_result(connection->tls) == X509_V_OK
			           ? late_or(connection, "The server refused the TLS connection.")
			           : "The server's certificate is not for this name, or not signed "
			             "by "
			             "the CA.";
	return NULL;
}

static const char *send_request(struct connection *connection, struct arena *arena)
{
	const struct address *address = connection->address;
	struct text request = text_of(arena_printf(arena,
	    "GET %s HTTP/1.0\r\nHost: %.*s\r\nAccept: application/json\r\nUser-Agent: castgate\r\n"
	    "Connection: close\r\n\r\n",
	    address->path, (int)address->authority.length, address->authority.data));

	if (!text_present(request))
		return "Memory ran out while asking the server.";
	while (request.length > 0) {
		int sent = SSL_write(connection->tls, request.data, (int)request.length);

		if (sent > 0)
			request = text_skip(request, (size_t)sent);
		else if (!may_retry(connection, sent))
			return late_or(connection, "The server closed the connection.");
	}
	return NULL;
}

static const char *receive(struct connection *connection, struct arena *arena, struct text *body)
{
	size_t limit = connection->settings->max_bytes;
	char *data = arena_alloc(arena, limit + 1);
	size_t length = 0;
	bool ended = false;
	const char *problem;

	if (!data)
		return "Memory ran out while asking the server.";
	for (;;) {
		struct text reply = {data, length};
		int got;

		switch (https_reply_read(reply, ended, body, &problem)) {
		case HTTPS_REPLY_COMPLETE:
			return NULL;
		case HTTPS_REPLY_BROKEN:
			return problem;
		case HTTPS_REPLY_INCOMPLETE:
			break;
		}
		/* one byte beyond the limit is enough to see that there is more */
		if (length > limit)
			return "The server's reply is too long.";
		got = SSL_read(connection->tls, data + length, (int)(limit + 1 - length));
		if (got > 0)
			length += (size_t)got;
		else if (SSL_get_error(connection->tls, got) == SSL_ERROR_ZERO_RETURN)
			ended = true;
		else if (!may_retry(connection, got))
			return late_or(connection, "The server broke the connection off.");
	}
}

static const char *converse(struct connection *connection, struct arena *arena, struct text *body)
{
	const char *problem = open_socket(connection);

	if (!problem)
		problem = prepare_tls(connection);
	if (!problem)
		problem = shake_hands(connection);
	if (!problem)
		problem = send_request(connection, arena);
	return problem ? problem : receive(connection, arena, body);
}

bool https_get(const char *url, const struct https_settings *settings, struct arena *arena,
    struct text *body, const char **problem)
{
	struct address address = {0};
	struct connection connection = {.settings = settings, .address = &address, .fd = -1};
	struct sigaction ignored = {.sa_handler = SIG_IGN};
	struct sigaction before;

	*body = (struct text){0};
	*problem = "The address is not of the form https://HOST[:PORT]/PATH.";
	if (!parse_address(url, &address))
		return false;
	/* a server that hangs up must not end a plain CGI program */
	sigaction(SIGPIPE, &ignored, &before);
	*problem = converse(&connection, arena, body);
	if (*problem)
		*body = (struct text){0};
	SSL_free(connection.tls);
	SSL_CTX_free(connection.context);
	if (connection.fd >= 0)
		close(connection.fd);
	sigaction(SIGPIPE, &before, NULL);
	ERR_clear_error(); /* the next one to look must not find our reasons */
	return !*problem;
}
