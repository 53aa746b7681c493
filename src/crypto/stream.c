/* One connection on a socket that never blocks, watched by one deadline. */
#include "platform.h"
#include "crypto/stream.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct stream {
	const struct stream_settings *settings;
	const struct web_address *address;
	SSL_CTX *context;
	SSL *tls; /* NULL without */
	int fd;
	struct sigaction before;
};

static const char *const sentences[STREAM_FAILURES] = {
    [STREAM_FAILED] = "TLS cannot be set up.",
    [STREAM_NAME_UNKNOWN] = "The server's name is not known.",
    [STREAM_UNREACHABLE] = "The server cannot be reached.",
    [STREAM_REFUSED] = "The server cannot be reached.",
    [STREAM_CA_UNREADABLE] = "The file of CA certificates cannot be read.",
    [STREAM_CERTIFICATE] =
        "The server's certificate is not for this name, or not signed by the CA.",
    [STREAM_TLS_REFUSED] = "The server refused the TLS connection.",
    [STREAM_CLOSED] = "The server closed the connection.",
    [STREAM_BROKEN_OFF] = "The server broke the connection off.",
    [STREAM_LATE] = "The server did not answer in time.",
};

const char *stream_sentence(enum stream_failure failure)
{
	return sentences[(unsigned)failure < STREAM_FAILURES ? failure : STREAM_FAILED];
}

static bool fail(struct stream_problem *problem, enum stream_failure failure, const char *detail)
{
	*problem = (struct stream_problem){failure, detail};
	return false;
}

static int64_t left_milliseconds(const struct stream_settings *settings)
{
	int64_t left = settings->deadline_microseconds - clock_monotonic(settings->clock);

	return left > 0 ? (left + 999) / 1000 : 0;
}

static bool fail_late_or(
    const struct stream *stream, struct stream_problem *problem, enum stream_failure failure)
{
	bool late = left_milliseconds(stream->settings) == 0;

	return fail(problem, late ? STREAM_LATE : failure, NULL);
}

/* Wait until the socket is ready. False when the time is up. */
static bool wait_for(const struct stream_settings *settings, int fd, short events)
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

/* An address that swallows what is sent to it may have half of the time while there is another. *error is
 * the kernel's word on what failed. */
static bool connect_to(struct stream *stream, const struct addrinfo *entry, int *error)
{
	struct stream_settings patience = *stream->settings;
	socklen_t length = sizeof(*error);

	if (entry->ai_next)
		patience.deadline_microseconds -= left_milliseconds(&patience) * 1000 / 2;
	stream->fd = socket(entry->ai_family, entry->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    entry->ai_protocol);
	*error = errno;
	if (stream->fd < 0)
		return false;
	if (connect(stream->fd, entry->ai_addr, entry->ai_addrlen) == 0)
		return true;
	*error = errno;
	if (*error == EINPROGRESS) {
		*error = ETIMEDOUT;
		if (wait_for(&patience, stream->fd, POLLOUT) &&
		    getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, error, &length) == 0 &&
		    *error == 0)
			return true;
	}
	close(stream->fd);
	stream->fd = -1;
	return false;
}

/* The resolver knows no deadline; it is told to be quick, whatever resolv.conf says. */
static struct addrinfo *resolve(const struct web_address *address, int *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICSERV | (address->numeric ? AI_NUMERICHOST : AI_ADDRCONFIG)};
	struct addrinfo *found = NULL;

	if (!address->numeric && res_init() == 0) {
		_res.retrans = 1;
		_res.retry = 1;
	}
	*error = getaddrinfo(address->host, address->port, &hints, &found);
	return *error == 0 ? found : NULL;
}

static bool open_socket(struct stream *stream, struct stream_problem *problem)
{
	int error = 0;
	struct addrinfo *all = resolve(stream->address, &error);
	bool connected = false;

	if (!all)
		return fail(problem, STREAM_NAME_UNKNOWN, gai_strerror(error));
	for (struct addrinfo *entry = all; entry && !connected; entry = entry->ai_next)
		connected = connect_to(stream, entry, &error);
	freeaddrinfo(all);
	return connected ||
	       fail(problem, error == ECONNREFUSED ? STREAM_REFUSED : STREAM_UNREACHABLE,
	           strerror(error));
}

/* The certificate must be for the host of the address: a name, or an IP address. */
static bool demand_host(SSL *tls, const struct web_address *address)
{
	X509_VERIFY_PARAM *parameters = SSL_get0_param(tls);

	SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (address->numeric)
		return X509_VERIFY_PARAM_set1_ip_asc(parameters, address->host) == 1;
	return SSL_set1_host(tls, address->host) == 1 &&
	       SSL_set_tlsext_host_name(tls, address->host) == 1;
}

static bool prepare_tls(struct stream *stream, struct stream_problem *problem)
{
	const char *ca_file = stream->settings->ca_file;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	stream->context = context;
	if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
		return fail(problem, STREAM_FAILED, NULL);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (ca_file ? SSL_CTX_load_verify_file(context, ca_file) != 1
	            : SSL_CTX_set_default_verify_paths(context) != 1)
		return fail(problem, STREAM_CA_UNREADABLE, NULL);
	stream->tls = SSL_new(context);
	if (!stream->tls || !demand_host(stream->tls, stream->address) ||
	    SSL_set_fd(stream->tls, stream->fd) != 1)
		return fail(problem, STREAM_FAILED, NULL);
	return true;
}

/* After a call that could not go on: wait for what TLS wants. False when it never will. */
static bool may_retry(struct stream *stream, int result)
{
	switch (SSL_get_error(stream->tls, result)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(stream->settings, stream->fd, POLLIN);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(stream->settings, stream->fd, POLLOUT);
	default:
		return false;
	}
}

static bool shake_hands(struct stream *stream, struct stream_problem *problem)
{
	int result;
	long verified;

	while ((result = SSL_connect(stream->tls)) != 1)
		if (!may_retry(stream, result)) {
			verified = SSL_get_verify_result(stream->tls);
			if (verified == X509_V_OK)
				return fail_late_or(stream, problem, STREAM_TLS_REFUSED);
			return fail(
			    problem, STREAM_CERTIFICATE, X509_verify_cert_error_string(verified));
		}
	return true;
}

static bool converse(struct stream *stream, struct stream_problem *problem)
{
	return open_socket(stream, problem) &&
	       (!stream->address->tls ||
	           (prepare_tls(stream, problem) && shake_hands(stream, problem)));
}

struct stream *stream_open(const struct web_address *address,
    const struct stream_settings *settings, struct stream_problem *problem)
{
	struct sigaction ignored = {.sa_handler = SIG_IGN};
	struct stream *stream = calloc(1, sizeof(*stream));

	*problem = (struct stream_problem){STREAM_FAILED, NULL};
	if (!stream)
		return NULL;
	stream->settings = settings;
	stream->address = address;
	stream->fd = -1;
	sigaction(SIGPIPE, &ignored, &stream->before);
	if (converse(stream, problem))
		return stream;
	stream_close(stream);
	return NULL;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	SSL_free(stream->tls);
	SSL_CTX_free(stream->context);
	if (stream->fd >= 0)
		close(stream->fd);
	sigaction(SIGPIPE, &stream->before, NULL);
	ERR_clear_error(); /* the next one to look must not find our reasons */
	free(stream);
}

/* Once: what was sent or got, 0 for a good end while reading, -1 when it will never work, -2 to try
 * again. */
static long move(struct stream *stream, void *in, const void *out, size_t size)
{
	int most = size > INT32_MAX ? INT32_MAX : (int)size;
	long moved;

	if (stream->tls) {
		int result =
		    in ? SSL_read(stream->tls, in, most) : SSL_write(stream->tls, out, most);

		if (result > 0)
			return result;
		if (in && SSL_get_error(stream->tls, result) == SSL_ERROR_ZERO_RETURN)
			return 0;
		return may_retry(stream, result) ? -2 : -1;
	}
	moved = in ? read(stream->fd, in, size) : write(stream->fd, out, size);
	if (moved >= 0)
		return moved;
	if (errno == EINTR)
		return -2;
	return errno == EAGAIN && wait_for(stream->settings, stream->fd, in ? POLLIN : POLLOUT)
	           ? -2
	           : -1;
}

bool stream_write(struct stream *stream, struct text bytes, struct stream_problem *problem)
{
	while (bytes.length > 0) {
		long sent = move(stream, NULL, bytes.data, bytes.length);

		if (sent == -1)
			return fail_late_or(stream, problem, STREAM_CLOSED);
		if (sent > 0)
			bytes = text_skip(bytes, (size_t)sent);
	}
	return true;
}

long stream_read(struct stream *stream, void *data, size_t size, struct stream_problem *problem)
{
	long got;

	while ((got = move(stream, data, NULL, size)) == -2)
		;
	if (got == -1)
		(void)fail_late_or(stream, problem, STREAM_BROKEN_OFF);
	return got;
}
