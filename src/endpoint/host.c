/* Holds the current service; builds the next one beside it and swaps only when it is whole. */
#include "platform.h"
#include "endpoint/host.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "endpoint/logs.h"
#include "endpoint/serve.h"
#include "endpoint/service.h"
#include "guard/sandbox.h"

#define LOCATE_BYTES 65536
#define LOOK_MICROSECONDS 1000000
#define MAX_PATHS 6

/* What tells a changed file from an unchanged one. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
	struct timespec changed;
};

struct host {
	const struct config_search *search;
	struct clock clock;
	bool ask_database;
	struct service *service;
	struct responder responder;
	struct stamp config_stamp;
	struct stamp env_stamp;
	int64_t looked; /* monotonic microseconds */
	enum sandbox_mode confined;
	bool confinement_failed;
	bool rejected; /* the database says that what was built last cannot work */
	bool doubtful; /* and that is what serves */
	char *news; /* what was said about a configuration that is not used, not to say it again */
};

static struct stamp stamp_of(const char *path)
{
	struct stamp stamp;
	struct stat status;

	memset(&stamp, 0, sizeof(stamp)); /* compared as bytes */
	if (!path || stat(path, &status) != 0)
		return stamp;
	stamp.device = status.st_dev;
	stamp.inode = status.st_ino;
	stamp.size = status.st_size;
	stamp.modified = status.st_mtim;
	stamp.changed = status.st_ctim;
	return stamp;
}

/* The folder of an absolute path; NULL for none and for words like "stderr". */
static const char *path_folder(const char *path, struct arena *arena)
{
	const char *slash = path && path[0] == '/' ? strrchr(path, '/') : NULL;

	return slash ? arena_copy(arena, path, slash == path ? 1 : (size_t)(slash - path)) : NULL;
}

/* The files whose change is noticed: taken before they are read, so that none is missed. */
static void take_stamps(struct host *host, const char *config_path)
{
	const struct config *config = host->service ? host->service->config : NULL;

	host->config_stamp = stamp_of(config_path);
	host->env_stamp = stamp_of(config ? config->laravel_env : NULL);
}

static void log_report(struct service *service, const struct report *report, bool errors_only)
{
	int64_t now = clock_now(&service->clock);

	if (errors_only && !report_failed(report))
		return;
	for (size_t i = 0; i < report_count(report); i++)
		(void)audit_note(service->log, now, report_failed(report) ? "error" : "warning",
		    report_line(report, i), service->memory);
	arena_wipe(service->memory);
}

/* Find, read and compile; the report tells what is wrong. NULL when out of memory. */
static struct service *build(struct host *host, struct report *report)
{
	struct arena *arena = arena_new(LOCATE_BYTES);
	struct service *service = NULL;
	bool outage;

	if (arena) {
		const char *path = config_locate(host->search, arena, report);

		take_stamps(host, path);
		service = host->ask_database ? service_new(path, host->clock, NULL, report)
		                             : service_new_brief(path, host->clock, report);
	}
	arena_free(arena);
	/* a rule that cannot work is told at start, not when the first user is refused */
	host->rejected = false;
	if (service && !service->broken && host->ask_database)
		host->rejected = !service_check(service, report, &outage) && !outage;
	return service;
}

static bool only_warns(const struct service *service)
{
	return !service->config || strcmp(service->config->log_level, "error") == 0 ||
	       strcmp(service->config->log_level, "warning") == 0;
}

static void adopt(struct host *host, struct service *service)
{
	struct responder inner = service_responder(service);

	if (host->service)
		logs_succeed(service, host->service);
	service_free(host->service);
	host->service = service;
	service->broken = service->broken || host->confinement_failed;
	host->doubtful = host->rejected;
	free(host->news);
	host->news = NULL;
	host->responder.unable = service->broken || host->doubtful;
	host->responder.max_body = inner.max_body;
	host->responder.wanted_fd = inner.wanted_fd;
}

static void tell(struct service *service, const char *message)
{
	int64_t now = clock_now(&service->clock);

	if (!only_warns(service))
		(void)audit_note(service->log, now, "info", message, service->memory);
	arena_wipe(service->memory);
}

static void host_tell(void *context, const char *message)
{
	struct host *host = context;
	struct service *service = host->service;
	int64_t now = clock_now(&service->clock);

	(void)audit_note(service->log, now, "warning", message, service->memory);
	arena_wipe(service->memory);
}

/* A configuration that stays broken is looked at every second; its errors are told once. */
static bool is_news(struct host *host, const struct report *report)
{
	struct buffer text = buffer_start(host->service->memory);
	struct text now;
	bool news;

	for (size_t i = 0; i < report_count(report); i++)
		buffer_printf(&text, "%s\n", report_line(report, i));
	now = buffer_text(&text);
	news = !text_present(now) || !host->news || !text_is(now, host->news);
	if (news) {
		free(host->news);
		host->news = text_present(now) ? strndup(now.data, now.length) : NULL;
	}
	arena_wipe(host->service->memory);
	return news;
}

static void add_path(
    struct sandbox_path *paths, size_t *count, const char *path, enum sandbox_access access)
{
	if (path)
		paths[(*count)++] = (struct sandbox_path){path, access};
}

/* Everything the configuration lets the process open. Folders, so that files can be replaced. NULL
 * when memory is out. */
static const struct sandbox_path *gather_paths(
    const struct config *config, const char *state_folder, struct arena *arena, size_t *count)
{
	size_t most = MAX_PATHS + 2 * config->credential_count;
	struct sandbox_path *paths = arena_array(arena, most, sizeof(*paths));

	*count = 0;
	if (!paths)
		return NULL;
	add_path(paths, count, path_folder(config->path, arena), SANDBOX_READ);
	add_path(paths, count, path_folder(config->laravel_env, arena), SANDBOX_READ);
	add_path(paths, count, path_folder(config->database.tls_ca, arena), SANDBOX_READ);
	add_path(paths, count, path_folder(config->log, arena), SANDBOX_WRITE);
	add_path(paths, count, path_folder(config->audit, arena), SANDBOX_WRITE);
	add_path(paths, count, state_folder, SANDBOX_REPLACE);
	for (size_t i = 0; i < config->credential_count; i++) {
		add_path(
		    paths, count, path_folder(config->credentials[i].jwks, arena), SANDBOX_READ);
		add_path(
		    paths, count, path_folder(config->credentials[i].jwks_ca, arena), SANDBOX_READ);
	}
	return paths;
}

void host_confine(struct host *host)
{
	struct service *service = host->service;
	const struct sandbox_path *paths;
	enum sandbox_mode mode;
	const char *problem = "memory is out";
	size_t count;
	char *message;

	if (!service->config)
		return;
	mode = sandbox_mode_named(service->config->sandbox);
	paths = gather_paths(service->config, service->state_folder, service->memory, &count);
	if (paths)
		problem = sandbox_enter(mode, paths, count);
	host->confined = problem ? SANDBOX_OFF : mode;
	if (!problem)
		return;
	message = arena_printf(
	    service->memory, "sandbox = \"%s\": %s", service->config->sandbox, problem);
	(void)audit_note(service->log, clock_now(&service->clock), "error",
	    message ? message : problem, service->memory);
	service->broken = service->broken || mode == SANDBOX_STRICT;
	host->confinement_failed = mode == SANDBOX_STRICT;
	host->responder.unable = host->responder.unable || service->broken;
	arena_wipe(service->memory);
}

/* A sandbox can be entered at any time, and never left. */
static void follow_sandbox(struct host *host)
{
	enum sandbox_mode mode = sandbox_mode_named(host->service->config->sandbox);

	if (mode > host->confined)
		host_confine(host);
	else if (mode < host->confined)
		host_tell(host, "a sandbox that is lifted needs a restart of castgate");
}

/* `routine`: nobody asked and no file is known to have changed. */
static void reload(struct host *host, bool routine)
{
	struct report *report = report_new();
	struct service *next;

	/* the next one's look at the database must not have to wait for the old one's connection */
	service_rest(host->service);
	next = report ? build(host, report) : NULL;
	if (next && !next->broken && !host->rejected) {
		adopt(host, next);
		log_report(next, report, false);
		tell(host->service, "the configuration was read anew");
		follow_sandbox(host);
	} else {
		logs_reopen(host->service);
		if (report && (is_news(host, report) || !routine)) {
			log_report(host->service, report, false);
			tell(host->service,
			    host->confined == SANDBOX_STRICT
			        ? "the new configuration is not used; the old one stays in force; "
			          "what lies outside of the folders that were named when castgate "
			          "started, the sandbox lets in only after a restart"
			        : "the new configuration is not used; the old one stays in force");
		}
		service_free(next);
	}
	report_free(report);
}

/* Broken at start, so that which files it is made of may not even be known. */
static bool is_unsettled(const struct host *host)
{
	return !host->service->config || host->doubtful;
}

static bool files_changed(struct host *host)
{
	int64_t now = clock_monotonic(&host->clock);
	const struct config *config = host->service->config;
	struct stamp config_stamp;
	struct stamp env_stamp;

	if (now - host->looked < LOOK_MICROSECONDS)
		return false;
	host->looked = now;
	if (is_unsettled(host))
		return true; /* try again, at most once a second */
	config_stamp = stamp_of(config->path);
	env_stamp = stamp_of(config->laravel_env);
	return memcmp(&config_stamp, &host->config_stamp, sizeof(config_stamp)) != 0 ||
	       memcmp(&env_stamp, &host->env_stamp, sizeof(env_stamp)) != 0;
}

static struct text host_answer(void *context, const struct exchange *exchange)
{
	struct host *host = context;

	return service_answer(host->service, exchange);
}

static void host_finish(void *context)
{
	struct host *host = context;

	service_finish(host->service);
}

static void host_yield(void *context)
{
	struct host *host = context;
	struct responder inner = service_responder(host->service);

	inner.yield(inner.context);
}

static void host_refresh(void *context, bool asked)
{
	struct host *host = context;

	if (asked || files_changed(host))
		reload(host, !asked && is_unsettled(host));
}

struct host *host_new(const struct config_search *search, struct clock clock, bool ask_database)
{
	struct host *host = calloc(1, sizeof(*host));
	struct report *report = report_new();
	struct service *service = NULL;

	if (host && report) {
		host->search = search;
		host->clock = clock;
		host->ask_database = ask_database;
		host->looked = clock_monotonic(&clock);
		host->responder = (struct responder){.answer = host_answer,
		    .finish = host_finish,
		    .refresh = host_refresh,
		    .tell = host_tell,
		    .context = host,
		    .yield = host_yield,
		    .wanted_fd = -1};
		service = build(host, report);
	}
	if (!service) {
		free(host);
		report_free(report);
		return NULL;
	}
	adopt(host, service);
	host->env_stamp = stamp_of(service->config ? service->config->laravel_env : NULL);
	(void)is_news(host, report);
	/* a plain CGI program starts for each request; it repeats errors only */
	log_report(service, report, !ask_database);
	report_free(report);
	return host;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	service_free(host->service);
	free(host->news);
	free(host);
}

const struct responder *host_responder(struct host *host)
{
	return &host->responder;
}
