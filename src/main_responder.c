/* castgate.fcgi: finds out what it was started as (FastCGI, CGI, prefork server) and serves. */
#include "platform.h"

#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/environment.h"
#include "config/config.h"
#include "endpoint/host.h"
#include "http/cgi.h"
#include "http/fcgi_front.h"
#include "http/listener.h"
#include "http/prefork.h"

#define REQUEST_MILLISECONDS 10000
#define REPLY_MILLISECONDS 10000

struct options {
	const char *config_path;
	const char *listen_address;
	int workers;
	struct peers peers;
};

struct serving {
	const struct options *options;
	int listen_fd;
	const struct peers *peers;
};

/* Secrets must not end in a core file, nor be readable by another process of the same user. */
static void forbid_dumps(void)
{
	struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(CASTGATE_SANITIZED)
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* Who is told where the file is need not look for a home. */
static const char *find_home(const char *told)
{
	const struct passwd *user = told && *told ? NULL : getpwuid(geteuid());

	return user ? user->pw_dir : NULL;
}

static struct config_search search_of(const struct options *options)
{
	const char *environment_path = getenv("CASTGATE_CONFIG");

	return (struct config_search){.explicit_path = options->config_path,
	    .environment_path = environment_path,
	    .home = find_home(options->config_path ? options->config_path : environment_path),
	    .document_root = getenv("DOCUMENT_ROOT")};
}

static int serve_fastcgi(void *context, const struct crew_seat *seat)
{
	const struct serving *serving = context;
	struct fcgi_limits limits = {
	    REQUEST_MILLISECONDS, REPLY_MILLISECONDS, serving->peers, seat};
	struct config_search search = search_of(serving->options);
	struct host *host = host_new(&search, clock_system(), true);
	int status = EXIT_FAILURE;

	if (host) {
		host_confine(host);
		status = fcgi_serve(serving->listen_fd, host_responder(host), &limits);
	}
	host_free(host);
	return status;
}

/* The client library sleeps for a microsecond when it has connected; by default the kernel makes 50 of it. */
static void sleep_exactly(void)
{
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
}

static int serve_cgi(const struct options *options, const char *const *environment)
{
	struct config_search search = search_of(options);
	struct host *host = host_new(&search, clock_system(), false);
	int status = EXIT_FAILURE;

	sleep_exactly();
	if (host)
		status = cgi_serve(host_responder(host), environment, STDIN_FILENO, STDOUT_FILENO,
		    REQUEST_MILLISECONDS);
	host_free(host);
	return status;
}

static int usage(FILE *stream, int status)
{
	fputs("usage: castgate.fcgi [--config FILE] --listen unix:PATH [--workers N] [--peers "
	      "USER,...]\n"
	      "       castgate.fcgi --version\n"
	      "\n"
	      "Web servers start it without arguments, as FastCGI or CGI program.\n"
	      "See castgate.fcgi(8).\n",
	    stream);
	return status;
}

/* Returns -1 to go on, or an exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"listen", required_argument, NULL, 'l'},
	    {"workers", required_argument, NULL, 'w'},
	    {"peers", required_argument, NULL, 'p'},
	    {"version", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	const char *problem;
	uint64_t workers;
	int choice;

	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (choice) {
		case 'c':
			options->config_path = optarg;
			break;
		case 'l':
			options->listen_address = optarg;
			break;
		case 'w':
			if (!text_to_u64(text_of(optarg), TEXT_DIGITS_CANONICAL, &workers) ||
			    workers < 1 || workers > PREFORK_MAX_WORKERS)
				return usage(stderr, 2);
			options->workers = (int)workers;
			break;
		case 'p':
			if (!peers_parse(optarg, &options->peers, &problem)) {
				fprintf(stderr, "castgate.fcgi: --peers %s: %s\n", optarg, problem);
				return usage(stderr, 2);
			}
			break;
		case 'v':
			puts("castgate.fcgi " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			return usage(stdout, EXIT_SUCCESS);
		default:
			return usage(stderr, 2);
		}
	}
	return optind < argc ? usage(stderr, 2) : -1;
}

static int serve_prefork(struct serving *serving)
{
	const char *address = serving->options->listen_address;
	const char *problem;
	int status;

	serving->peers = &serving->options->peers;
	serving->listen_fd = listener_from_systemd();
	if (serving->listen_fd < 0 && !address)
		return usage(stderr, 2);
	if (serving->listen_fd >= 0)
		address = NULL; /* the socket is systemd's to keep */
	else {
		serving->listen_fd = listener_open(address, &problem);
		if (serving->listen_fd < 0) {
			fprintf(stderr, "castgate.fcgi: %s: %s\n", address, problem);
			return EXIT_FAILURE;
		}
	}
	status = prefork_run(serving->options->workers, serve_fastcgi, serving);
	if (address)
		listener_remove(address);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {.workers = 4};
	struct serving serving = {.options = &options, .listen_fd = STDIN_FILENO};
	bool fastcgi = listener_is_listening(STDIN_FILENO);
	bool cgi = !fastcgi && (getenv("GATEWAY_INTERFACE") || listener_is_socket(STDIN_FILENO));
	const char *const *environment;
	int status;

	/* a signal that comes too early is kept; a CGI program has nothing to read it with */
	if (!cgi && !fcgi_block_signals())
		return EXIT_FAILURE;
	environment = environment_withdraw();
	forbid_dumps();
	/* a log that has reached a size limit is a failed write, not an end */
	if (!environment || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return EXIT_FAILURE;
	/* descriptor 3 may be a socket from systemd */
	closefrom(getenv("LISTEN_FDS") ? STDERR_FILENO + 2 : STDERR_FILENO + 1);
	/* Under a web server the arguments are the client's: "?--config+/tmp/evil" arrives there. */
	if (fastcgi)
		return serve_fastcgi(&serving, NULL);
	if (cgi)
		return serve_cgi(&options, environment);
	status = read_options(argc, argv, &options);
	return status >= 0 ? status : serve_prefork(&serving);
}
